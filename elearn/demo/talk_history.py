"""What is said in the seminar on the Indian Ocean, and in its small room of editors."""

from elearn.demo.acts import Talk

TALKS = [
    Talk(
        6.63,
        "sea",
        """
ingrid: Welcome to the eight of you. The seminar is full, and somebody asks me for a ninth chair \
every day.
layla: Thank you for having us! I brought a copy of an old map, south is at the top.
ingrid>layla: Wonderful. We begin with it, then.
eleni: Why south?
layla>eleni: Why north? It is only a habit.
daniel: My head hurts already, in a good way.
jonas: Do we all read the same letter for Tuesday?
ingrid>jonas: Yes, the one from Aden. It is one page, and it complains about pepper for most of it.
maria: In my family one still does that.
""",
    ),
    Talk(
        13.65,
        "sea",
        """
aiko: A question on the winds: did they really wait *months* for the monsoon to turn?
ingrid>: They did. A year had one way out and one way home, and harbours grew in the waiting.
lukas: So the timetable is older than the railway. I approve.
seun: Lukas, you bring everything back to trains.
lukas>seun: Everything comes back to trains.
ingrid: He has a point: missing the wind cost you a year. Who could afford to lend money for a year?
eleni: Those who had ships in both directions?
ingrid>eleni: Hold that thought until Tuesday.
layla: There is a word for the season's opening, موسم, and "monsoon" comes from it.
daniel>layla: I have used that word all my life without knowing. Thank you.
""",
    ),
    Talk(
        22.44,
        "sea",
        """
ingrid: For the essay: choose one object that crossed the ocean and follow it. Two thousand \
words, any object.
jonas: Cowrie shells.
maria: A blue and white bowl that is in our kitchen, allegedly.
seun: Cloth from Gujarat in the markets of Kilwa.
aiko: May it be a plant? I thought of cloves.
ingrid>aiko: It may. Biology is welcome here.
daniel: Can a *word* be an object? I want to follow "monsoon" after what Layla said.
ingrid>daniel: Now that I have to think about. Yes. But show me where it lands.
eleni: A letter of credit, then. It weighs nothing and moves a shipload.
lukas: An anchor of stone. They are lying in every museum and nobody looks at them.
""",
    ),
    Talk(
        34.61,
        "sea",
        """
seun: Sources for Kilwa beyond the chronicle? I have two and they copy each other.
ingrid>: Look at the coins. They cannot copy, and they travel.
layla>seun: I can read one of the inscriptions with you if you like.
seun: Yes please! Friday after lunch?
layla: 👍
""",
    ),
    Talk(
        40.60,
        "sea",
        """
ingrid: I have read all eight essays on two train journeys. Bravo. The anchors made me miss my stop.
lukas: On a TRAIN. This is the best day.
maria: When do we get them back?
ingrid>maria: Tomorrow, with pencil in the margins.
""",
    ),
    Talk(
        12.6,
        "sea/editors",
        """
ingrid: Welcome to the workshop. We prepare forty pages of the port book, with notes. Nothing \
here is public yet, so we may be wrong aloud.
eleni: I take the measures: bahar, farasila, mann. They differ in every port.
layla: I take the names and the readings.
aiko: And I draw the harbour?
ingrid>aiko: Please, and the goods, where we know how they looked.
""",
    ),
    Talk(
        26.7,
        "sea/editors",
        """
layla: Folio 12: I read *ivory* where the old edition has *iron*. The dot is clear in the new \
picture.
ingrid>: I agree. That changes the sum at the foot of the page, too.
eleni>layla: And then it finally adds up! I had been off by exactly that.
aiko: So somebody could not read a dot and for a century nobody did the sum?
ingrid>aiko: That is a fair history of my subject.
""",
    ),
    Talk(
        41.62,
        "sea/editors",
        """
eleni: The notes to folios 20–24 are in. @layla could you look at the two names that I marked?
layla>eleni: Tonight. The first one is surely a ship, not a person.
""",
    ),
    Talk(
        9.3,
        "sea/letter",
        """
jonas: Who is "the brother" in line nine, a brother?
ingrid>jonas: A business partner. Family was the grammar of trade.
""",
    ),
]
