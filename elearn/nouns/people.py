"""People: who asks, how somebody is named, what a profile shows."""

from datetime import datetime
from typing import Any

import msgspec

from elearn.nouns.settings import Settings
from elearn.rendering.texts import render


class Person(msgspec.Struct, frozen=True):
    """Somebody as named beside what they did; `role` is student, teacher or admin."""

    id: str
    name: str
    role: str


class Named(msgspec.Struct, frozen=True):
    """Somebody by id and by the name that a text gave them."""

    id: str
    name: str


class User(msgspec.Struct, frozen=True):
    """Who asks. A session's user is read anew whenever the session is."""

    id: str
    name: str
    role: str
    invisible: bool = False

    @property
    def person(self) -> Person:
        return Person(self.id, self.name, self.role)

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


class Account(Settings, frozen=True, kw_only=True):
    """The document. `name_key` is what mentions are compared with; `seq` is the last row by which
    an admin changed it."""

    id: str = msgspec.field(name="_id")
    email: str
    name_key: str
    role: str
    disabled: bool = False
    password: str
    created_at: datetime
    seq: int = 0

    @property
    def person(self) -> Person:
        return Person(self.id, self.name, self.role)

    @property
    def user(self) -> User:
        return User(self.id, self.name, self.role, self.invisible)


class ProfileNoun(msgspec.Struct, frozen=True, kw_only=True):
    """What everyone who is signed in may see of somebody."""

    id: str
    name: str
    role: str
    about: str
    about_html: str
    created_at: datetime
    closed: bool

    @classmethod
    def of(cls, account: Account) -> "ProfileNoun":
        return cls(**_profile(account))


class OwnProfileNoun(ProfileNoun, frozen=True, kw_only=True):
    email: str
    timezone: str
    invisible: bool

    @classmethod
    def of(cls, account: Account) -> "OwnProfileNoun":
        return cls(
            **_profile(account),
            email=account.email,
            timezone=account.timezone,
            invisible=account.invisible,
        )


class ManagedProfileNoun(ProfileNoun, frozen=True, kw_only=True):
    """For admins."""

    disabled: bool

    @classmethod
    def of(cls, account: Account) -> "ManagedProfileNoun":
        return cls(**_profile(account), disabled=account.disabled)


def _profile(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "role": account.role,
        "about": account.about,
        "about_html": render(account.about),
        "created_at": account.created_at,
        "closed": account.disabled,
    }


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The document: a sign-in on one device. `refresh` is the number of the refresh token that is
    good now."""

    id: str = msgspec.field(name="_id")
    user: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    refresh: int = 1
    refreshed_at: datetime


class SessionNoun(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    created_at: datetime
    seen_at: datetime
    agent: str
    address: str
    current: bool = False

    @classmethod
    def of(cls, session: Session) -> "SessionNoun":
        shared = set(cls.__struct_fields__) & set(Session.__struct_fields__)
        return cls(**{name: getattr(session, name) for name in shared})

    def seen_from(self, current: str | None) -> "SessionNoun":
        return msgspec.structs.replace(self, current=self.id == current)
