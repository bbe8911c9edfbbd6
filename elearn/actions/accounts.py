"""Accounts and sessions: ordinary documents; what ends a session goes through the log."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import available_timezones

import msgspec
from msgspec.structs import replace

from elearn.actions import fields
from elearn.actions.act import Act
from elearn.auth import Claims, check_password_policy
from elearn.errors import Forbidden, InvalidField, InvalidToken, NotFound, Unauthenticated
from elearn.events.base import Row
from elearn.events.people import SessionEnded, UserUpdated
from elearn.log.new_events import NewEvent
from elearn.models import sessions, users
from elearn.models.ids import new_id
from elearn.nouns.changes import given_of
from elearn.nouns.people import Account, Session, SessionNoun, User
from elearn.rendering.visible import name_key
from elearn.services import Services
from elearn.throttle import network_of
from elearn.wire import topics

ABOUT_CHARACTERS = 1_000
AGENT_CHARACTERS = 200
WRONG = "The e-mail address or the password is wrong."
# Longer than a replica set takes to elect another primary: meanwhile answers are lost.
REFRESH_GRACE = timedelta(seconds=30)


@dataclass(frozen=True)
class Visitor:
    """Where a sign-in comes from, for the list of sessions and the limits; `device` where it
    proves that somebody signed in there before."""

    agent: str
    address: str
    device: Claims | None = None


@dataclass(frozen=True)
class SignedIn:
    user: Account
    session: str


async def sign_up(
    services: Services,
    visitor: Visitor,
    *,
    email: str,
    name: str,
    role: str,
    password: str,
    timezone: str = "UTC",
) -> SignedIn:
    """A new account and its first session."""
    if role not in ("student", "teacher"):
        raise InvalidField("The role is student or teacher.", field="role")
    if role == "teacher" and not services.config.open_teacher_signup:
        raise Forbidden("Teachers' accounts are made by the people who run this place.")
    services.limits.sign_ups.require(
        network_of(visitor.address), "Too many new accounts from here. Try later."
    )
    said = {"email": email, "name": name, "role": role, "timezone": timezone}
    user = await create_user(services, **said, password=password)
    return await _begin_session(services, visitor, user)


async def create_user(
    services: Services, *, email: str, name: str, role: str, password: str, timezone: str = "UTC"
) -> Account:
    """An account of any role, for the command line; `sign_up` is what the web may do."""
    if role not in users.ROLES:
        raise InvalidField("The role is student, teacher or admin.", field="role")
    address, shown = fields.email(email), fields.name(name)
    zone = _time_zone(timezone)
    check_password_policy(password, email=address, name=shown)
    record = await services.passwords.hash(password)
    account = Account(
        id=new_id(),
        email=users.email_key(address),
        name=shown,
        name_key=name_key(shown),
        role=role,
        timezone=zone,
        password=record,
        created_at=services.clock(),
    )
    await users.insert(services.db, account)
    return account


async def sign_in(services: Services, visitor: Visitor, *, email: str, password: str) -> SignedIn:
    """A session; the same refusal, in the same time, for a wrong password and an unknown name."""
    account = users.email_key(email[: fields.EMAIL_CHARACTERS])
    user = await users.find_by_email(services.db, account)
    device = visitor.device
    if user is None or device is None or device.user != user.id:
        device = None
    known = device is not None or await _signed_in_before(services, visitor, account, user)
    source = device.jti if device is not None else visitor.address
    with services.limits.sign_ins.trying(account, source, known=known):
        right = await services.passwords.verify(password, user.password if user else None)
        if user is None or not right or user.disabled:
            raise Unauthenticated(WRONG)
    begun = await _begin_session(services, visitor, user)
    now = await users.find(services.db, user.id)
    if now is None or now.disabled or now.password != user.password:
        # Decided meanwhile: what ended the sessions did not see this one.
        await sessions.end(services.db, begun.session, user.id, services.clock())
        raise Unauthenticated(WRONG)
    return begun


async def _signed_in_before(
    services: Services, visitor: Visitor, account: str, user: Account | None
) -> bool:
    """At this address; looked up only where strangers have to wait."""
    if user is None or not services.limits.sign_ins.strangers_wait(account, visitor.address):
        return False
    found = await sessions.addresses_of(services.db, user.id)
    return network_of(visitor.address) in map(network_of, found)


async def _begin_session(services: Services, visitor: Visitor, user: Account) -> SignedIn:
    now = services.clock()
    session = Session(
        id=new_id(),
        user=user.id,
        agent=visitor.agent[:AGENT_CHARACTERS],
        address=visitor.address,
        created_at=now,
        seen_at=now,
        expires_at=now + sessions.LIFE,
        refreshed_at=now,
    )
    await sessions.insert(services.db, session)
    return SignedIn(user, session.id)


@dataclass(frozen=True)
class Refreshed:
    signed_in: SignedIn
    number: int
    at: datetime


async def refresh_session(services: Services, claims: Claims) -> Refreshed:
    """Spend a refresh token for its successor. A retry within half a minute gets the same one; a
    spent token after that is stolen or copied, and ends the session with all its sockets."""
    user, number = await services.sessions.user_of(claims), claims.number or 0
    await sessions.spend_refresh(services.db, claims.session, number, services.clock())
    session = await sessions.find(services.db, claims.session)
    found = await users.find(services.db, user.id)
    if session is None or found is None or session.ended_at is not None:
        raise InvalidToken("This sign-in is no longer valid.")
    age = services.clock() - session.refreshed_at
    if session.refresh != number + 1 or age > REFRESH_GRACE:
        await end_session(services, user, claims.session)
        raise InvalidToken("This sign-in is no longer valid.")
    return Refreshed(SignedIn(found, claims.session), number + 1, session.refreshed_at)


async def list_sessions(services: Services, user: User) -> list[SessionNoun]:
    found = await sessions.find_open(services.db, user.id, services.clock())
    return [SessionNoun.of(session) for session in found]


async def end_session(services: Services, user: User, session: str) -> None:
    """End one of one's sessions, at once also on its open sockets. A repeat changes nothing."""
    if await sessions.end(services.db, session, user.id, services.clock()):
        services.sessions.forget_session(session)
        await services.log.append(session_ended(user.id, session))
        return
    found = await sessions.find(services.db, session)
    if found is None or found.user != user.id:
        raise NotFound("There is no such session.")


def session_ended(user: str, session: str) -> NewEvent:
    """The one row of a session's end, whoever ended it."""
    topic, key = topics.user(user), f"session.ended/{session}"
    return NewEvent(topic, SessionEnded(session=session), user, key, reacts=False)


async def end_other_sessions(services: Services, user: User, but: str | None) -> None:
    for session in await sessions.find_open(services.db, user.id, services.clock()):
        if session.id != but:
            await end_session(services, user, session.id)


async def change_password(
    services: Services, user: User, session: str | None, *, current: str, new: str
) -> None:
    """A new password; every other session ends."""
    found = await users.find(services.db, user.id)
    if found is None:
        raise Unauthenticated("Sign in first.")
    with services.limits.password_changes.trying(user.id):
        if not await services.passwords.verify(current, found.password):
            raise InvalidField("This is not your current password.", field="current")
    check_password_policy(new, email=found.email, name=found.name, field="new")
    record = await services.passwords.hash(new)
    await users.set_fields(services.db, user.id, {"password": record})
    await end_other_sessions(services, user, session)


@functools.cache
def time_zones() -> frozenset[str]:
    """Read once: the names are files in folders."""
    return frozenset(available_timezones())


def _time_zone(name: str) -> str:
    if name not in time_zones():
        raise InvalidField("There is no such time zone.", field="timezone")
    return name


_CHECKS: dict[str, Callable[[str], str]] = {
    "name": fields.name,
    "about": lambda text: fields.body(text, "about", most=ABOUT_CHARACTERS, least=0),
    "timezone": _time_zone,
}


async def change_settings(services: Services, act: Act, changed: msgspec.Struct) -> Row | None:
    """Stores the fields of a `SettingsChanges`, then says so on the user's topic (`user.updated`);
    nothing, and None, when all is so already. Only a new name goes on to the person's courses: that
    somebody became invisible is nobody else's news."""
    # Fields are set before the row is stored: a late repeat must not bring old ones back.
    if (done := await services.log.repeat(act.user.id, act.key, act.digest)) is not None:
        return done
    before = await users.find(services.db, act.user.id)
    changes = {
        name: _CHECKS[name](value) if name in _CHECKS else value
        for name, value in given_of(changed).items()
    }
    if before is not None and replace(before, **changes) == before:
        return None
    await users.set_fields(services.db, act.user.id, changes)
    account = await users.find(services.db, act.user.id)
    if account is None or before is None:
        raise Unauthenticated("Sign in first.")
    services.sessions.forget_user(act.user.id)
    # A form sends every field: its name is news only when it is another one.
    renamed = "name" in changes and ("invisible" not in changes or account.name != before.name)
    updated = UserUpdated(user=account.person, invisible=account.invisible, renamed=renamed)
    seen = renamed or account.about != before.about
    return await services.log.append(act.says(topics.user(act.user.id), updated, reacts=seen))


def own_rights(account: Account) -> UserUpdated:
    """What a person's connections hear when it acts on their rights."""
    return UserUpdated(
        user=account.person,
        invisible=account.invisible,
        disabled=account.disabled,
        rights=True,
    )
