"""What teachers publish, what people post in the feed, and what they think of the courses."""

from elearn.demo.acts import Feedback, Happening, Status, Update

UPDATES = [
    Update(
        6.36,
        "bio",
        "reading",
        "mireille",
        "material",
        "Reading for Monday: what a catalyst does",
        "Ten pages. Look at the figures first, then read what they claim, then decide whether"
        " you believe them.",
        "https://example.org/reading/catalysts",
    ),
    Update(
        9.33,
        "bio",
        "posters",
        "mireille",
        "announcement",
        "The poster: one question, one answer",
        "Choose something from your kitchen. In pairs or alone, **Friday of week five, six in"
        " the evening**, one sheet, readable from two metres.\n\n1. a question\n2. what you did"
        "\n3. what came out\n4. what you would do next",
    ),
    Update(
        15.35,
        "bio",
        "moved",
        "mireille",
        "change",
        "Thursday's lab is in room 2.14",
        "The water is off in 2.10 for a week. Same time, same benches, other door.",
    ),
    Update(
        36.5,
        "bio",
        "report",
        "mireille",
        "announcement",
        "Last report: Friday",
        "I read drafts until Wednesday noon. A draft may be ugly.",
    ),
    Update(
        6.47,
        "py",
        "setup",
        "tomasz",
        "material",
        "Setting up, on three systems",
        "Install Python, open the editor, write one line, run it. If one of the four fails, come"
        " ten minutes early.",
        "https://example.org/python/setup",
    ),
    Update(
        24.7,
        "py",
        "readme",
        "tomasz",
        "material",
        "A program that somebody else can read",
        "An example with a README of one screen:\n\n```\nNight buses\n===========\n\nSays when the"
        " next bus leaves.\n\n    python buses.py college\n```\n\nNames before comments, comments"
        " before manuals.",
    ),
    Update(
        29.4,
        "py",
        "demo-day",
        "tomasz",
        "announcement",
        "Demo day: Wednesday of week six, in the large hall",
        "Two minutes a group, no slides. Bring a friend.",
    ),
    Update(
        8.4,
        "sea",
        "letter",
        "ingrid",
        "material",
        "The letter from Aden",
        "Transcription and translation, side by side. Mind line nine.",
        "https://example.org/letters/aden",
    ),
    Update(
        22.4,
        "sea",
        "essay",
        "ingrid",
        "announcement",
        "The essay: follow one object",
        "Two thousand words, due in week five. Any object that crossed the ocean.",
    ),
    Update(
        27.4,
        "sea",
        "museum",
        "ingrid",
        "change",
        "We meet at the museum on Tuesday",
        "Two o'clock at the side entrance. The anchors are expecting us.",
    ),
    Update(
        14.4,
        "stat",
        "honest",
        "tomasz",
        "material",
        "Checklist before you compute anything",
        "- What is one row?\n- Which rows are missing, and why?\n- Have you looked at a plot?\n"
        "- Would you be as pleased with the opposite result?",
    ),
    Update(
        40.4,
        "draw",
        "welcome",
        "ingrid",
        "announcement",
        "Première soirée : mardi à 19 heures",
        "Il n'y a rien à apporter. On commence par une poire.",
    ),
]

STATUSES = [
    Status(7.9, "kwame", None, "Ten kilometres before breakfast. The bakery smells even better."),
    Status(11.5, "aiko", "bio", "Three apples, three liquids, one hour: lemon wins."),
    Status(15.8, "seun", "py", "I have learnt Ctrl-C today. Life begins anew."),
    Status(21.6, "mireille", "bio", "Spare tickets for the *Museum of Bread*. Ask me on Thursday."),
    Status(
        24.6,
        "layla",
        None,
        "وصلت النسخة الجديدة من خريطة الإدريسي! The new print of the map is here.",
    ),
    Status(29.6, "eleni", "sea", "Folio 12 adds up. A century late, but it adds up."),
    Status(34.4, "hana", "py", "14 tests, 14 green. I took a picture."),
    Status(38.7, "jonas", "stat", "If you swim in a lake this summer, take a thermometer along."),
    Status(40.9, "priya", None, "24 onions later, I can recommend swimming goggles."),
    Status(41.6, "tomasz", "py", "Twelve projects, not one like the other. Thank you all."),
]

FEEDBACK = [
    Feedback(30.4, "kwame", "bio", 5, "The first course in which homework was edible."),
    Feedback(31.6, "fatima", "bio", 5, "Every lecture begins with a thing and ends with a reason."),
    Feedback(33.8, "mateus", "bio", 4, "Wonderful, but the figures in the script need love."),
    Feedback(37.5, "eleni", "bio", 4, "The lab groups could be larger.", anonymous=True),
    Feedback(35.5, "seun", "py", 5, "I was afraid of this, and now I debug for fun."),
    Feedback(36.6, "maria", "py", 5, "Patient, funny, precise."),
    Feedback(
        38.5,
        "wei",
        "py",
        3,
        "A little slow in the first weeks for those who had seen a loop before.",
    ),
    Feedback(39.5, "daniel", "py", 5, ""),
    Feedback(37.7, "layla", "sea", 5, "We were wrong aloud, and it was allowed."),
    Feedback(39.8, "lukas", "sea", 5, "There were trains."),
    Feedback(40.5, "ngozi", "stat", 4, "I shall never trust a bar chart again.", anonymous=True),
]

HAPPENINGS: list[Happening] = [*UPDATES, *STATUSES, *FEEDBACK]
