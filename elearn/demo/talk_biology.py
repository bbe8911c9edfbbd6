"""What is said in Biochemistry of Everyday Life: its own room, the lab, the threads."""

from elearn.demo.acts import Talk

TALKS = [
    Talk(
        6.38,
        "bio",
        """
mireille: Good morning everybody, and welcome. Please say hello and name one thing in your \
kitchen that you have always wondered about.
kwame: Hello! Why does bread go stale *faster* in the fridge?
sofia: Hi all. Why do onions make me cry and my sister not at all?
fatima: Good morning. Mine is saffron: how can so little colour so much?
mateus: Coffee. Just coffee.
mireille>: That is four lectures, @mateus. We start with a single cup.
hana: I would like to know what exactly happens when I forget the milk on the stove 🙈
tuan: Fish sauce! My grandmother says it is alive.
mireille>tuan: Your grandmother is nearly right. Week five.
aiko: Hello, I am Aiko. I wonder why a cut apple turns brown but a lemon does not.
eleni>: Same! Somebody told me lemon juice on the apple helps.
aiko>eleni: It does, I tried it this morning. Picture to follow when I find the cable.
ngozi: Hello from the back row. Why is soap slippery?
maria: Maria here (the long name does not fit on the badge). Sourdough. Everything about it.
priya: Hi! Is the reading for Monday already somewhere?
mireille>priya: Under *Updates*, since just now. Ten pages, the second half is mostly pictures.
layla: مرحبا بالجميع! Hello everyone. My question: why does mint feel cold?
mireille>layla: One of my favourites. It lies to a nerve. You will see how.
""",
    ),
    Talk(
        8.59,
        "bio",
        """
sofia: Is anybody else lost at figure 3? The arrows seem to go both ways.
priya>: They do go both ways: it is an equilibrium. The longer arrow wins.
sofia: Oh. That is all? I stared at it for half an hour.
kwame>sofia: You are not alone, I thought it was a printing error.
mireille: A fair complaint, the figure is poor. This is what it wants to say:

  | what | left | right |
  | --- | --- | --- |
  | cold | much | little |
  | warm | little | much |

eleni: So the same flask just changes sides when we heat it?
mireille>eleni: Exactly. And back again when it cools.
sofia: Thank you both. I drew it in three colours now and it makes sense.
""",
    ),
    Talk(
        13.41,
        "bio",
        """
hana: Small report from the kitchen: milk skin appears at about 70 °C, measured with the jam \
thermometer.
mateus>: You *measured* it? I am impressed.
hana: Three times. The cat helped with the results.
mireille>: This is what I hope for. What was on the skin, fat or protein?
hana: I guessed protein, because skimmed milk does it too.
mireille>: Good argument. Write it down, it belongs into your first report.
tuan: How long should the report be?
mireille>tuan: Two pages. If you need three, cut one.
ngozi: Does a table count as text?
mireille>ngozi: A good table counts double.
fatima: I have the saffron now. 0.2 g cost more than my lunch.
layla>fatima: Please let us see it before you dissolve it!
fatima: 👍
""",
    ),
    Talk(
        20.60,
        "bio",
        """
maria: Question about the poster: may we do it in pairs?
mireille>: Yes, in pairs or alone. Threes only if you can explain why.
maria: Then I am looking for a partner for sourdough. Anyone?
mateus>maria: Me, if coffee may appear in a corner.
maria>: Deal. A small corner.
kwame: Aiko and I take staling bread, then the two posters can hang side by side.
aiko>kwame: Yes! I already asked the bakery for yesterday's loaves.
priya: Onions are free, by the way. @sofia?
sofia>priya: I will cry for science, gladly.
eleni: For the record, the German word for the enzyme lecture was \
Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz. Lukas taught me. It has nothing \
to do with enzymes.
ngozi>eleni: It does not fit on my phone.
tuan: What is the deadline again?
priya>tuan: Friday in two weeks, six in the evening. It is in the updates.
""",
    ),
    Talk(
        29.39,
        "bio",
        """
aiko: The loaves from the bakery: day 1, day 2 and day 4. The fridge one of day 2 is harder than \
the shelf one of day 4.
kwame>: So the fridge really is worse! I owe my flatmate an apology.
mireille>: And why?
kwame: Starch crystallises faster when it is cold?
mireille>: Retrogradation is the word for the poster. Well done.
eleni: Does toasting undo it?
aiko>eleni: It does for a while. We ate the evidence.
ngozi: Convenient.
sofia: Onion news: chilling the onion first, I cried half as much (n = 1, self-reported, very sad).
priya>sofia: We need more volunteers than one.
hana: I volunteer as the control group, from the next room.
""",
    ),
    Talk(
        36.42,
        "bio",
        """
mireille: The posters are up in the corridor. Please walk along them before Thursday and leave \
one kind question on each.
kwame: Ours hangs a little crooked. That is the staling.
fatima: The saffron one is beautiful, who drew the crocus?
layla>fatima: I did, thank you! Ink and a little real saffron.
mateus: Somebody asked under the coffee corner whether decaf is "real". I feel attacked.
tuan>mateus: It was a kind question.
""",
    ),
    Talk(
        41.37,
        "bio",
        """
mireille: Reminder: the last report is due on Friday. I read drafts until Wednesday noon.
aiko: Is it all right to use the toast measurements again?
mireille>aiko: Yes, if you say where they come from.
ngozi: Could somebody explain once more why the second dilution is *one to ten* and not one to nine?
priya>ngozi: One part sample in ten parts altogether, so nine parts water.
ngozi: Written on my hand. Thank you.
sofia: @aiko could you bring the thermometer on Thursday?
hana: And the cat?
""",
    ),
    Talk(
        7.55,
        "bio/lab",
        """
mireille: Benches: 1 Aiko and Kwame, 2 Sofía and Layla, 3 Ngozi and Hana. Tuấn floats and helps \
where the steam is.
tuan: Floating is what I do best.
hana: Do we need our own coats?
mireille>hana: There are some, but the sizes are an adventure.
ngozi: The good pipette is in drawer four. I did not say this.
kwame>ngozi: Which drawer?
ngozi>kwame: *Which pipette?*
sofia: We are at bench 2 and cannot find the buffer.
aiko>sofia: Behind the blue box, second shelf.
sofia: Found, thanks!
""",
    ),
    Talk(
        14.62,
        "bio/lab",
        """
layla: Our absorbance is above 2, is that still trustworthy?
mireille>layla: No. Dilute and measure again: above one the line bends.
layla: 1 in 10 gives 0.24.
mireille>: Much better. Multiply at the end, and write the factor beside it.
kwame: For the table, the values of bench 1:

  ```
  min   A(420)
   0    0.02
   2    0.19
   4    0.33
   8    0.51
  ```
aiko>kwame: I have 0.31 at four minutes, did you read it or did I?
kwame: I wrote 0.33, you read it. Let us repeat that one.
hana: Bench 3 has a beautiful straight line, and we do not know why.
ngozi>hana: Talent.
""",
    ),
    Talk(
        35.58,
        "bio/lab",
        """
mireille: Last session next Thursday: we clean up, and then there is cake, baked with your own \
enzymes.
tuan: 🎂
kwame: Is the cake on the protocol?
mireille>kwame: Volume, texture, and number of slices per person.
""",
    ),
    Talk(
        6.80,
        "bio/reading",
        """
priya: Page 7 mentions a table 2, but there is none in the file?
mireille>priya: It is on the next page, upside down. I am sorry, the scanner and I are not friends.
eleni: Do we need to know the formulas by heart?
mireille>eleni: No. Know what goes in and what comes out.
""",
    ),
    Talk(
        15.5,
        "bio/moved",
        """
fatima: Does the Wednesday office hour move too?
mireille>fatima: No, that stays where it is, kettle included.
kwame: Is room 2.14 the one with the broken blind?
""",
    ),
]
