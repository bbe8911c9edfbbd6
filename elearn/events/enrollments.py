"""Who comes into a course and leaves it."""

from elearn.events.base import Event, event
from elearn.nouns.courses import CourseBrief
from elearn.nouns.people import Person


class EnrollmentChange(Event, frozen=True, kw_only=True):
    """`course` is an id, `title` its title; `enrolled` and `seats_left` are those after it."""

    course: str
    title: str
    user: Person
    enrolled: int
    seats_left: int | None

    @property
    def course_brief(self) -> CourseBrief:
        return CourseBrief(self.course, self.title)

    def acts_on_rights(self, kind: str) -> bool:
        return kind == "user"


# Everywhere: each node's index counts who is enrolled.
@event("enrollment.enrolled", "course", "user", everywhere=True)
class Enrolled(EnrollmentChange, frozen=True, kw_only=True):
    pass


@event("enrollment.left", "course", "user", everywhere=True)
class LeftCourse(EnrollmentChange, frozen=True, kw_only=True):
    pass
