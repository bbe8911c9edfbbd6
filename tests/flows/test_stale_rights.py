"""Rights that change between the reading of who somebody is and the first push."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from elearn.actions import account_rights
from elearn.actions.act import new_act
from elearn.caches.start_topics import Start, StartTopics
from elearn.events.people import UserUpdated
from elearn.log.new_events import NewEvent
from elearn.models import users
from elearn.models.ids import new_id
from elearn.nouns.people import Person as Named
from elearn.wire import topics
from tests.live import Json, Live, Person, until


async def demote(live: Live, person: Person) -> None:
    act = new_act(account_rights.OPERATIONS, "change-user", [new_id()])
    await account_rights.change_account(live.services, act, person.id, role="student")


def once_before_desks(
    monkeypatch: pytest.MonkeyPatch, live: Live, happen: Callable[[], Awaitable[None]]
) -> None:
    """Let something happen after a connection knows whose it is, before it listens."""
    find: Any = StartTopics.find

    async def after_it(desks: StartTopics, user: Any) -> Start:
        monkeypatch.setattr(StartTopics, "find", find)
        await happen()
        found: Start = await find(desks, user)
        return found

    monkeypatch.setattr(StartTopics, "find", after_it)


async def test_who_is_demoted_while_their_socket_opens_has_no_rights_of_before(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    tess = await live.teacher("Tess")
    course = (await tess.make_course())["id"]
    once_before_desks(monkeypatch, live, lambda: demote(live, tess))
    socket = await tess.connect()
    await until(lambda: refused_as_staff(socket, course))


async def refused_as_staff(socket: Any, course: str) -> bool:
    reply = await socket.ask("subscribe", topic=f"staff:{course}")
    return not reply["ok"]


async def test_who_is_disabled_while_their_socket_opens_is_out(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await live.student("Ana")
    act = new_act(account_rights.OPERATIONS, "change-user", [new_id()])

    async def disable() -> None:
        await account_rights.change_account(live.services, act, ana.id, disabled=True)

    once_before_desks(monkeypatch, live, disable)
    socket = await live.connect(token=ana.token, hello=False)
    assert (await socket.last_words())["reconnect"] == "after_login"


async def test_who_is_demoted_while_their_session_is_read_is_known_by_the_new_role(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    tess = await live.teacher("Tess")
    claims = live.services.tokens.read(tess.token, "access")
    live.services.sessions.forget()
    find: Any = users.find

    async def late(db: Any, ident: str) -> Json | None:
        found: Json | None = await find(db, ident)
        monkeypatch.setattr(users, "find", find)
        await demote(live, tess)
        return found

    monkeypatch.setattr(users, "find", late)
    assert (await live.services.sessions.user_of(claims)).role == "student"


async def test_a_new_name_that_was_read_before_a_demotion_does_not_undo_it(live: Live) -> None:
    tess = await live.teacher("Tess")
    course = (await tess.make_course())["id"]
    socket = await tess.connect()
    await demote(live, tess)
    await until(lambda: refused_as_staff(socket, course))
    data = UserUpdated(user=Named(tess.id, "Tessa", "teacher"), invisible=False)
    topic = topics.user(tess.id)
    late = NewEvent(topic, data, tess.id, new_id(), reacts=False)
    await live.services.log.append(late)
    await socket.do("ping")
    assert await refused_as_staff(socket, course)


async def test_who_is_demoted_while_their_poll_begins_polls_without_the_rights_of_before(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    tess = await live.teacher("Tess")
    course = (await tess.make_course())["id"]
    greeting = await tess.api("GET", "/api/poll")
    cursors = {f"staff:{course}": greeting["cursors"][f"staff:{course}"]}
    watch = live.services.log.watch

    async def late(names: Any, subscriber: Any) -> Any:
        monkeypatch.setattr(live.services.log, "watch", watch)
        await demote(live, tess)
        return await watch(names, subscriber)

    monkeypatch.setattr(live.services.log, "watch", late)
    query = f"cursors={quote(json.dumps(cursors))}&epoch={greeting['epoch']}&wait=0"
    answer = await tess.api("GET", f"/api/poll?{query}")
    assert "error" in answer["topics"][f"staff:{course}"]


def once_before(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, happen: Callable[[], Awaitable[Any]]
) -> None:
    """Let something happen between the first call of a method and its work."""
    method = getattr(owner, name)

    async def late(*args: Any) -> Any:
        monkeypatch.setattr(owner, name, method)
        await happen()
        return await method(*args)

    monkeypatch.setattr(owner, name, late)


@pytest.mark.parametrize("command", ["subscribe", "sync"])
async def test_who_leaves_while_the_backlog_is_read_gets_none_of_it(
    live: Live, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    tess, ana = await live.teacher("Tess"), await live.student("Ana")
    course = (await tess.make_course())["id"]
    room = topics.room(course)
    await ana.enroll(course)
    desk, phone = await tess.connect(), await ana.connect()
    cursor, epoch = (await phone.join(room))["cursor"], phone.hello["epoch"]
    await phone.do("unsubscribe", topic=room)
    await desk.say(course, "for those inside")
    leave = lambda: ana.command("enrollment.leave", course=course)  # noqa: E731
    once_before(monkeypatch, live.services.log, "since", leave)
    if command == "subscribe":
        reply = await phone.ask("subscribe", topic=room, cursor=cursor, epoch=epoch)
        error = reply.get("error")
    else:
        reply = await phone.ask("sync", cursors={room: cursor}, epoch=epoch)
        error = reply["result"]["topics"][room].get("error")
    assert error is not None, reply
    assert error["code"] == "not_a_member"
    await desk.say(course, "and this too")
    await phone.expect_nothing("chat.posted")


async def test_who_leaves_a_course_while_their_socket_begins_to_listen_hears_none_of_it(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    tess, ana = await live.teacher("Tess"), await live.student("Ana")
    course = (await tess.make_course())["id"]
    await ana.enroll(course)
    leave = lambda: ana.command("enrollment.leave", course=course)  # noqa: E731
    once_before(monkeypatch, live.services.log, "watch", leave)
    phone = await ana.connect()
    await phone.expect("server.unsubscribed")
    await tess.command("update.publish", course=course, kind="change", title="Room", body="B12")
    await phone.expect_nothing("update.published")
