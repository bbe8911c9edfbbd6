"""What is said in Programming in Python, Gently, and in its room for those who are stuck."""

from elearn.demo.acts import Talk

TALKS = [
    Talk(
        6.52,
        "py",
        """
tomasz: Hello and welcome! First task, no excuses: write a program that prints your name, and \
paste it here.
lukas: `print("Lukas")`
daniel: Mine prints it, but with an apology, because of the apostrophe:

  ```python
  print('Daniel O\\'Connor')
  ```
tomasz>: You may also change the quotes around it: `"O'Connor"`.
daniel: Oh, that reads much better.
seun: `print("Seun" * 3)` gives SeunSeunSeun. I am keeping that.
wei: `print("Chen", "Wei")`, and where does the space come from?
tomasz>wei: Good eye. `print` puts one between its arguments; look for `sep` in its help.
jonas: Is a tab the same as four spaces?
tomasz>jonas: To you perhaps. To Python, no. Let the editor do spaces and forget that tabs exist.
aiko: Done! It took longer to install than to write.
maria: My name fills the line. Literally.
priya: `print("Priya")`: first try, no error. I am suspicious.
tomasz>priya: Remember this feeling. It will be rare.
""",
    ),
    Talk(
        10.40,
        "py",
        """
jonas: Why is `0.1 + 0.2` not `0.3`?
tomasz>: Because 0.1 cannot be written exactly in base two, like one third in base ten. Use \
`round` to show it and `math.isclose` to compare.
lukas: Is that a bug?
tomasz>lukas: It is a promise that was never made.
hana: So money is better kept in cents?
tomasz>hana: Yes! Whole numbers for money, always.
wei: There is also `decimal`, isn't there?
tomasz>wei: There is, and for taxes it is the right thing.
""",
    ),
    Talk(
        17.44,
        "py",
        """
tomasz: A puzzle for the weekend. What does this print, and why? No running it first!

  ```python
  def add(item, basket=[]):
      basket.append(item)
      return basket

  print(add("apple"))
  print(add("pear"))
  ```
seun: `['apple']` and `['pear']`.
wei>seun: I think the second one has both.
seun: But why would it remember?
wei: The list is made once, when the function is defined.
tomasz>wei: Exactly. One basket for everybody. Write `basket=None` and make a new one inside.
daniel: I ran it. I am sorry. I had to know.
tomasz>daniel: Honesty is also a skill.
mateus: This explains *three* of my bugs from last week.
""",
    ),
    Talk(
        24.46,
        "py",
        """
sofia: Our project group is a timetable of the night buses. Is that too small?
tomasz>: Small is right. What is the first thing that it can do when it can do anything at all?
sofia: Say when the next bus leaves from the college.
tomasz>: Then make exactly that by Friday, ugly.
kwame: We count birds at the feeder from a text file. So far: 41 sparrows, 1 cat.
lukas: Mine simulates a railway junction. The trains meet more often than they should.
tomasz>lukas: At least it is a simulation.
fatima: May the project be in another language? I mean what it says to people, not Python.
tomasz>fatima: Please do. And test it with somebody who reads that language.
ngozi: Ours keeps score for the debate club. The judges already disagree with it.
maria: Is there somewhere an example of a README?
tomasz>maria: In the materials, under "A program that somebody else can read".
priya: Thank you, I was about to ask.
""",
    ),
    Talk(
        33.55,
        "py",
        """
tuan: Demo day question: do we show slides?
tomasz>: No slides. The program, and two minutes of you.
aiko: What if it crashes?
tomasz>aiko: Then you show us how you find out why. That is worth more marks, not fewer.
seun: I shall make sure that mine crashes *interestingly*.
hana: The order of the groups?
tomasz>hana: Sorted by the length of your program, shortest first.
lukas: Suddenly everybody refactors.
""",
    ),
    Talk(
        41.46,
        "py",
        """
tomasz: All twelve projects have arrived. I have already learnt something about night buses, and \
nothing good.
sofia: The 23:40 exists on paper only. We can prove it now.
kwame: 312 sparrows. Same cat.
tomasz: Marks on Monday; comments in your repositories before that.
daniel: Thank you for the semester, I did not think that I would *like* this.
jonas>daniel: Same here!
tomasz: @aiko, your README is the one I shall show next year, if you allow it.
""",
    ),
    Talk(
        9.62,
        "py/stuck",
        """
jonas: I get this and do not understand a word:

  ```
  Traceback (most recent call last):
    File "week2.py", line 4, in <module>
      total = total + price
  TypeError: can only concatenate str (not "int") to str
  ```
wei>: Where does `total` begin? I think with quotes around it.
jonas: `total = "0"`. Oh no.
wei: It happens to all of us.
tomasz>jonas: Read such a message from its last line upwards. It even says which of the two is \
the text.
hana: `input()` gives me text as well, do I need `int()` every time?
tomasz>hana: Every time you want to calculate with it.
daniel: Mine says `IndentationError: unexpected indent` and points at an empty line.
lukas>daniel: There are spaces in that empty line. Let the editor show them.
daniel: There were eleven. Where do they come from??
""",
    ),
    Talk(
        19.70,
        "py/stuck",
        """
maria: How do I read a file with accents? I see São Tomé.
tomasz>: Say which encoding it has: `open("islands.txt", encoding="utf-8")`.
maria: São Tomé! Thank you.
seun: My loop never ends. How do I stop it without closing the window?
wei>seun: Ctrl-C.
seun: I have been closing the window for *three weeks*.
aiko: Could somebody look at this? It skips every second word:

  ```python
  for word in words:
      if len(word) < 3:
          words.remove(word)
  ```
tomasz>aiko: You take bricks out of the wall that you walk on. Build a new list instead: `[word \
for word in words if len(word) >= 3]`.
aiko: That is shorter *and* right. I will frame it.
""",
    ),
    Talk(
        37.83,
        "py/stuck",
        """
hana: The tests pass on my machine and not on Daniel's.
daniel>hana: My machine has feelings.
tomasz>hana: Which version of Python on each?
hana: 3.12 and 3.9.
tomasz>: Then it is the version that has feelings: `match` came with 3.10.
lukas: Could we say so in the README?
tomasz>lukas: "Needs Python 3.10 or later": the most helpful line of any README.
""",
    ),
    Talk(
        6.56,
        "py/dates",
        """
tomasz: Mondays ten o'clock, room 1.02. Wednesdays two o'clock, the small computer room; bring \
your own machine if you have one.
""",
    ),
    Talk(
        30.5,
        "py/dates",
        """
tomasz: Demo day is on Wednesday of week six in the large hall, from two to five. Visitors are \
welcome.
""",
    ),
    Talk(
        24.9,
        "py/readme",
        """
maria: This is exactly what I needed.
lukas: Is one screen really enough?
tomasz>lukas: If the first screen is good, nobody notices that there is no second.
""",
    ),
]
