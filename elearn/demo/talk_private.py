"""Statistics, which is small, and what people say to each other between two."""

from elearn.demo.acts import Talk

TALKS = [
    Talk(
        7.42,
        "stat",
        """
tomasz: Seven people, seven data sets. Please post one sentence: what is one row of yours?
wei: One row is one bicycle trip.
eleni: One row is one tooth (archaeology).
ngozi: One row is one speech, with its score and its length.
hana: One row is one mouse in one maze.
jonas: One row is one lake in one summer.
priya: One row is one onion, since recently.
lukas: One row is one train that was late.
tomasz: Perfect. Whoever cannot say this sentence is not allowed to compute a mean.
""",
    ),
    Talk(
        16.45,
        "stat",
        """
ngozi: My p is 0.051. May I cry?
tomasz>: You may report it as it is, with the interval. 0.049 would deserve no party either.
eleni: I have 212 teeth but only 9 people. Is n 212 or 9?
tomasz>eleni: That question alone is worth the course. Nearer to 9. We do mixed models on Thursday.
hana: Same with my mice: six of them, many mazes.
lukas: And my trains? They are late *together*.
tomasz>lukas: Then they are not independent, and neither are your sorrows.
wei: I made the plot first, as promised:

  ```
  trips  |      *
         |   *     *
         | *         *  *
         +----------------
           6  9  12 15 18 h
  ```
tomasz>wei: Two peaks. A mean would have told you half past eleven, when nobody rides.
""",
    ),
    Talk(
        38.40,
        "stat",
        """
jonas: Final plots are in the folder. The lakes are getting warmer, and I wish that I were wrong.
tomasz>jonas: The plot is very good. I am sorry about the lakes.
priya: n = 24 onions. Chilling helps, interval excludes zero. @hana was in the next room throughout.
""",
    ),
    Talk(
        9.7,
        "aiko+mireille",
        """
aiko: Good afternoon, may I come to the office hour although my question is very small?
mireille: The small ones are the best. Wednesday, two o'clock?
aiko: Yes, thank you!
mireille: Bring the apple.
""",
    ),
    Talk(
        25.6,
        "aiko+kwame",
        """
kwame: Shall we meet at the bakery at seven? They give away yesterday's loaves.
aiko: Seven in the *morning*?
kwame: I run past it anyway.
aiko: I will be there, not running.
kwame: 😂😂😂
""",
    ),
    Talk(
        28.8,
        "layla+seun",
        """
seun: Thanks again for the offer with the coin!
layla: With pleasure. It says "trusts in the Lord of the worlds", and then the sultan's name.
seun: You just read six hundred years in ten seconds.
layla: It took ten years to get to ten seconds.
""",
    ),
    Talk(
        31.5,
        "lukas+tomasz",
        """
lukas: Could I hand in a day later? There is a railway meeting, and I would only write about it \
anyway.
tomasz: Until Saturday noon. I want to see the timetable.
lukas: Thank you!
""",
    ),
    Talk(
        40.75,
        "sofia+aiko",
        """
sofia: Do you still have the jam thermometer? Hana says that you were the last.
aiko: It is in my drawer, I bring it on Thursday.
sofia: You are a treasure.
""",
    ),
    Talk(
        41.70,
        "mireille+aiko",
        """
mireille: I enjoyed your draft. Two remarks in the margin, both about the axis.
mireille: And: would you like to help with the open day? It is an afternoon, with apples.
""",
    ),
    Talk(
        41.55,
        "ngozi+mireille",
        """
ngozi: Good afternoon, I am ill and shall miss Thursday. May I send the report by message?
""",
    ),
]
