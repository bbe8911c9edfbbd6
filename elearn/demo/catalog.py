"""The courses of the semester, who enrols, and the rooms that come to be beside their own."""

from elearn.demo.acts import Course, Enrollment, Happening, Room
from elearn.nouns.courses import CourseFields

ENROLLMENT_KEY = "median-not-mean"

COURSES = [
    Course(
        0.36,
        "bio",
        "mireille",
        CourseFields(
            title="Biochemistry of Everyday Life",
            code="BIO 210",
            summary="Bread, soap, sunburn and sleep: the chemistry of what happens to us daily.",
            subject="Biology",
            level="200",
            language="English",
            capacity=40,
            published=True,
            description=(
                "Every week begins with something on the table: a loaf, a bar of soap, a bruised"
                " apple. We ask what its molecules are doing and how we would know.\n\n"
                "**What you need**\n\n- a notebook that may get wet\n- school chemistry, half"
                " remembered\n- two hours for the lab on Thursdays\n\nThe mark is made of four lab"
                " reports and a poster."
            ),
        ),
    ),
    Course(
        0.40,
        "py",
        "tomasz",
        CourseFields(
            title="Programming in Python, Gently",
            code="CS 120",
            summary="From the first loop to a program that somebody else can read.",
            subject="Computer Science",
            level="100",
            language="English",
            capacity=16,
            published=True,
            description=(
                "No experience is expected, only patience. We write small programs, read each"
                " other's, and throw most of them away.\n\n```python\nfor week in semester:\n"
                '    week.write("something small")\n```\n\nThere is no exam; there is a project.'
            ),
        ),
    ),
    Course(
        0.45,
        "sea",
        "ingrid",
        CourseFields(
            title="Monsoon Roads: Trade on the Indian Ocean",
            code="HIS 205",
            summary="A thousand years of winds, pepper, letters and harbours.",
            subject="History",
            level="200",
            language="English",
            capacity=8,
            published=True,
            description=(
                "A seminar for eight. We read merchants' letters, port books and shipwrecks, and"
                " draw the maps that their authors carried in their heads."
            ),
        ),
    ),
    Course(
        1.41,
        "stat",
        "tomasz",
        CourseFields(
            title="Statistics for People with Deadlines",
            code="STA 301",
            summary="Enough statistics to be honest about your own data.",
            subject="Mathematics",
            level="300",
            language="English",
            enrollment_key=ENROLLMENT_KEY,
            published=True,
            description=(
                "For those who write a thesis this year. Bring your own data, however untidy."
                " The enrolment key is in the letter from your department."
            ),
        ),
    ),
    Course(
        39.6,
        "draw",
        "ingrid",
        CourseFields(
            title="Dessiner ce que l'on voit",
            code="ART 150",
            summary="Un atelier du soir : crayon, papier, et le temps de regarder.",
            subject="Art",
            level="100",
            language="French",
            capacity=20,
            published=True,
            description="Six soirées, sans prérequis. Le matériel est fourni.",
        ),
    ),
    Course(
        38.7,
        "cook",
        "mireille",
        CourseFields(
            title="The Chemistry of Cooking",
            code="BIO 260",
            summary="Not finished yet: what a pan does to a protein.",
            subject="Biology",
            level="200",
            language="English",
            description="To do: the kitchen has to be booked first.",
        ),
    ),
]

_ENROLLED = {
    "bio": "aiko kwame sofia priya layla fatima ngozi mateus hana eleni maria tuan",
    "py": "lukas aiko jonas wei daniel priya seun tuan hana mateus sofia kwame ngozi maria fatima",
    "sea": "layla eleni daniel aiko maria seun jonas lukas",
    "stat": "wei lukas eleni ngozi hana jonas priya",
}


def enrollments() -> list[Enrollment]:
    """One after another over the first days, a few between morning and evening."""
    keys = {"stat": ENROLLMENT_KEY}
    return [
        Enrollment(1.5 + number // 4 + number % 4 * 0.11, course, who, keys.get(course))
        for course, people in _ENROLLED.items()
        for number, who in enumerate(people.split())
    ]


ROOMS = [
    Room(
        5.60,
        "bio",
        "lab",
        "Thursday lab",
        "mireille",
        "open",
        "Partners, benches, and who has the good pipette.",
        ("aiko", "kwame", "sofia", "layla", "ngozi", "hana", "tuan"),
    ),
    Room(
        6.45,
        "py",
        "stuck",
        "Stuck? Ask here",
        "tomasz",
        "open",
        "No question is too small. Paste the whole error, please.",
        ("aiko", "jonas", "daniel", "wei", "seun", "hana", "lukas", "maria"),
    ),
    Room(
        6.50,
        "py",
        "dates",
        "Dates and rooms",
        "tomasz",
        "announce",
        "Where and when; only I write here.",
        ("aiko", "lukas", "priya", "sofia", "kwame", "fatima"),
    ),
    Room(
        12.4,
        "sea",
        "editors",
        "Port book editors",
        "ingrid",
        "private",
        "The four who prepare the edition.",
        ("layla", "eleni", "aiko"),
    ),
]

HAPPENINGS: list[Happening] = [*COURSES, *enrollments(), *ROOMS]
