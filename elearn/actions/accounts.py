"""Accounts and sessions: ordinary documents; what ends a session goes through the log."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from elearn.actions import fields
from elearn.actions.act import Act
from elearn.auth import Claims, check_password_policy
from elearn.errors import Forbidden, InvalidField, InvalidToken, NotFound, Unauthenticated
from elearn.log.new_events import NewEvent
from elearn.models import sessions, users
from elearn.models.events import Row
from elearn.models.ids import new_id
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics

ABOUT_CHARACTERS = 1_000
WRONG = "The e-mail address or the password is wrong."
# Longer than a replica set takes to elect another primary: meanwhile answers are lost.
REFRESH_GRACE = timedelta(seconds=30)


@dataclass(frozen=True)
class Visitor:
    """Where a sign-in comes from, for the list of sessions and the limits."""

    agent: str
    address: str


@dataclass(frozen=True)
class SignedIn:
    user: dict[str, Any]
    session: str


async def sign_up(
    services: Services, visitor: Visitor, *, email: str, name: str, role: str, password: str
) -> SignedIn:
    """A new account and its first session."""
    if role not in ("student", "teacher"):
        raise InvalidField("The role is student or teacher.", field="role")
    if role == "teacher" and not services.config.open_teacher_signup:
        raise Forbidden("Teachers' accounts are made by the people who run this place.")
    services.sign_ups.require(visitor.address, "Too many new accounts from here. Try later.")
    user = await create_user(services, email=email, name=name, role=role, password=password)
    return await _begin_session(services, visitor, user)


async def create_user(
    services: Services, *, email: str, name: str, role: str, password: str
) -> dict[str, Any]:
    """An account of any role, for the command line; `sign_up` is what the web may do."""
    if role not in users.ROLES:
        raise InvalidField("The role is student, teacher or admin.", field="role")
    address, shown = fields.email(email), fields.name(name)
    check_password_policy(password, email=address, name=shown)
    record = await services.passwords.hash(password)
    return await users.insert(
        services.db, email=address, name=shown, role=role, password=record, now=services.clock()
    )


async def sign_in(services: Services, visitor: Visitor, *, email: str, password: str) -> SignedIn:
    """A session; the same refusal, in the same time, for a wrong password and an unknown name."""
    account = users.email_key(email[:254])
    services.sign_ins.check(account, visitor.address)
    with services.sign_ins.trying(account):
        user = await users.find_by_email(services.db, account)
        right = await services.passwords.verify(password, user["password"] if user else None)
    if user is None or not right or users.is_disabled(user):
        services.sign_ins.failed(account, visitor.address)
        raise Unauthenticated(WRONG)
    services.sign_ins.succeeded(account)
    begun = await _begin_session(services, visitor, user)
    now = await users.find(services.db, user["_id"])
    if now is None or users.is_disabled(now) or now["password"] != user["password"]:
        # Decided meanwhile: what ended the sessions did not see this one.
        await sessions.end(services.db, begun.session, user["_id"], services.clock())
        raise Unauthenticated(WRONG)
    return begun


async def _begin_session(services: Services, visitor: Visitor, user: dict[str, Any]) -> SignedIn:
    session = new_id()
    await sessions.insert(
        services.db,
        session_id=session,
        user=user["_id"],
        agent=visitor.agent,
        address=visitor.address,
        now=services.clock(),
    )
    return SignedIn(user, session)


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
    if session is None or found is None or session["ended_at"] is not None:
        raise InvalidToken("This sign-in is no longer valid.")
    age = services.clock() - session["refreshed_at"]
    if session["refresh"] != number + 1 or age > REFRESH_GRACE:
        await end_session(services, user, claims.session)
        raise InvalidToken("This sign-in is no longer valid.")
    return Refreshed(SignedIn(found, claims.session), number + 1, session["refreshed_at"])


async def list_sessions(services: Services, user: User) -> list[dict[str, Any]]:
    found = await sessions.find_open(services.db, user.id, services.clock())
    return [
        {
            "id": one["_id"],
            "created_at": one["created_at"],
            "seen_at": one["seen_at"],
            "agent": one["agent"],
            "address": one["address"],
        }
        for one in found
    ]


async def end_session(services: Services, user: User, session: str) -> None:
    """End one of one's sessions, at once also on its open sockets. A repeat changes nothing."""
    if await sessions.end(services.db, session, user.id, services.clock()):
        services.sessions.forget(session)
        await services.log.append(session_ended(user.id, session))
        return
    found = await sessions.find(services.db, session)
    if found is None or found["user"] != user.id:
        raise NotFound("There is no such session.")


def session_ended(user: str, session: str) -> NewEvent:
    """The one row of a session's end, whoever ended it."""
    topic, key = topics.user(user), f"session.ended/{session}"
    return NewEvent(topic, "session.ended", {"session": session}, user, key, reacts=False)


async def end_other_sessions(services: Services, user: User, but: str | None) -> None:
    for session in await sessions.find_open(services.db, user.id, services.clock()):
        if session["_id"] != but:
            await end_session(services, user, session["_id"])


async def change_password(
    services: Services, user: User, session: str | None, *, current: str, new: str
) -> None:
    """A new password; every other session ends."""
    services.sign_ins.check(f"change:{user.id}")
    found = await users.find(services.db, user.id)
    if found is None:
        raise Unauthenticated("Sign in first.")
    if not await services.passwords.verify(current, found["password"]):
        services.sign_ins.failed(f"change:{user.id}")
        raise InvalidField("This is not your current password.", field="current")
    check_password_policy(new, email=found["email"], name=found["name"])
    record = await services.passwords.hash(new)
    await users.set_fields(services.db, user.id, {"password": record})
    await end_other_sessions(services, user, session)


async def update_profile(
    services: Services,
    act: Act,
    *,
    name: str | None = None,
    about: str | None = None,
    timezone: str | None = None,
    invisible: bool | None = None,
) -> Row:
    """Stores the fields, then says so on the user's topic (`user.updated`); of it only a new name
    goes on to the person's courses: that somebody became invisible is nobody else's news."""
    # Fields are set before the row is stored: a late repeat must not bring old ones back.
    if (done := await services.log.repeat(act.user.id, act.key, act.digest)) is not None:
        return done
    before = await users.find(services.db, act.user.id)
    if changes := _changes(name, about, timezone, invisible):
        await users.set_fields(services.db, act.user.id, changes)
    user = await users.find(services.db, act.user.id)
    if user is None or before is None:
        raise Unauthenticated("Sign in first.")
    services.sessions.forget_user(act.user.id)
    data = {
        "user": {"id": user["_id"], "name": user["name"], "role": user["role"]},
        "invisible": user.get("invisible", False),
    }
    # A form sends every field: its name is news only when it is another one.
    renamed = "name" in changes and (invisible is None or user["name"] != before["name"])
    return await services.log.append(
        act.draft(topics.user(act.user.id), "user.updated", data, reacts=renamed)
    )


def _changes(
    name: str | None, about: str | None, timezone: str | None, invisible: bool | None
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = fields.name(name)
    if about is not None:
        changes["about"] = fields.body(about, "about", most=ABOUT_CHARACTERS, least=0)
    if timezone is not None:
        if timezone not in available_timezones():
            raise InvalidField("There is no such time zone.", field="timezone")
        changes["timezone"] = timezone
    if invisible is not None:
        changes["invisible"] = invisible
    return changes
