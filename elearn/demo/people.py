"""Who is there: three teachers and seventeen students of a small international college."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    role: str
    about: str = ""


PASSWORD = "teal-lantern-42"
TEACHER = "mireille"
STUDENT = "aiko"

PEOPLE: dict[str, Person] = {
    "mireille": Person(
        "Mireille Okonkwo",
        "mireille.okonkwo@example.org",
        "teacher",
        "Biochemist. Office hours on Wednesdays from two to four, and the kettle is on.",
    ),
    "tomasz": Person(
        "Tomasz Wiśniewski",
        "tomasz.wisniewski@example.org",
        "teacher",
        "I teach programming and statistics, mostly by breaking things on purpose.",
    ),
    "ingrid": Person(
        "Ingrid Sørensen",
        "ingrid.sorensen@example.org",
        "teacher",
        "Historian of the sea routes. Ask me about *dhows*.",
    ),
    "aiko": Person(
        "Aiko Tanaka",
        "aiko.tanaka@example.org",
        "student",
        "Second year, biology. I draw cells in the margins.",
    ),
    "kwame": Person("Kwame Mensah", "kwame.mensah@example.org", "student", "Runner, early bird."),
    "sofia": Person("Sofía Herrera", "sofia.herrera@example.org", "student"),
    "lukas": Person("Lukas Brandt", "lukas.brandt@example.org", "student", "Trains and tables."),
    "priya": Person("Priya Raman", "priya.raman@example.org", "student"),
    "jonas": Person("Jonas Lindqvist", "jonas.lindqvist@example.org", "student"),
    "layla": Person("ليلى حداد", "layla.haddad@example.org", "student", "أحب الخرائط القديمة."),
    "wei": Person("Chen Wei", "chen.wei@example.org", "student"),
    "fatima": Person("Fatima Zahra El Idrissi", "fatima.elidrissi@example.org", "student"),
    "daniel": Person("Daniel O'Connor", "daniel.oconnor@example.org", "student"),
    "ngozi": Person("Ngozi Adeyemi", "ngozi.adeyemi@example.org", "student", "Debate club."),
    "mateus": Person("Mateus Carvalho", "mateus.carvalho@example.org", "student"),
    "hana": Person("Hana Nováková", "hana.novakova@example.org", "student"),
    "eleni": Person("Eleni Papadaki", "eleni.papadaki@example.org", "student"),
    "seun": Person("Oluwaseun Balogun", "seun.balogun@example.org", "student"),
    "tuan": Person("Nguyễn Minh Tuấn", "tuan.nguyen@example.org", "student"),
    "maria": Person(
        "Maria Fernanda Alexandrina de Albuquerque e Castro Vasconcelos",
        "maria.vasconcelos@example.org",
        "student",
        "Maria is fine.",
    ),
}
