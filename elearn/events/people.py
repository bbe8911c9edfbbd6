"""What happens to people and their sessions."""

from msgspec import UNSET, UnsetType

from elearn.events.base import Event, event
from elearn.nouns.people import Person, ProfileNoun, User
from elearn.wire.topics import ACCOUNTS


class PersonChange(Event, frozen=True, kw_only=True):
    """Somebody as they are from then on."""

    user: Person


@event("user.updated", "user", everywhere=True)
class UserUpdated(PersonChange, frozen=True, kw_only=True):
    """To the person's own connections. A role is news only where it acts on `rights`: other rows
    hold what was read some time before they were stored."""

    invisible: bool | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    rights: bool | UnsetType = UNSET
    renamed: bool | UnsetType = UNSET

    def acts_on_rights(self, kind: str) -> bool:
        return True

    def person(self, known: User | None) -> User:
        """Who they are from here on."""
        told = User(self.user.id, self.user.name, self.user.role, self.invisible is True)
        if known is None or self.rights is True:
            return told
        return User(told.id, told.name, known.role, told.invisible)


@event("user.updated", "course", everywhere=True)
class MemberUpdated(PersonChange, frozen=True, kw_only=True):
    """To those who share a course with the person."""


@event("user.updated", "person")
class ProfileUpdated(Event, frozen=True, kw_only=True):
    """To those who look at the profile."""

    user: ProfileNoun


@event("user.updated", ACCOUNTS, everywhere=True)
class AccountChanged(PersonChange, frozen=True, kw_only=True):
    """What an admin decided; `was` is the role before. Nobody listens to its topic."""

    disabled: bool
    was: str


@event("session.ended", "user", everywhere=True)
class SessionEnded(Event, frozen=True, kw_only=True):
    session: str

    def acts_on_rights(self, kind: str) -> bool:
        return True
