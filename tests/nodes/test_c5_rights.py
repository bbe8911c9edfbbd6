"""C5: what a person may no longer do on one node, they may no longer do on any, at once."""

import asyncio
from collections.abc import Callable

import pytest

from elearn.actions import account_rights, accounts
from elearn.actions.act import new_act
from elearn.models import users
from elearn.services import Services
from tests.live import PASSWORD, CommandRefused, Live, LiveClient, Person, until
from tests.nodes.conftest import Nodes, seen_from
from tests.redis_server import RedisServer

WITHIN_S = 1.0


async def _refused(person: Person) -> str:
    with pytest.raises(CommandRefused) as refusal:
        await person.api("GET", "/api/me")
    return refusal.value.code


async def _is_signed_out(person: Person) -> bool:
    response = await person.live.request("GET", "/api/me", token=person.token)
    return response.code == 401


async def _sign_in(node: Live, person: Person) -> Person:
    answer = await node.api("POST", "/api/sessions", {"email": person.email, "password": PASSWORD})
    return Person(node, answer, person.email)


async def test_c5_a_sign_out_ends_the_sockets_of_every_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    person = await here.student()
    abroad = seen_from(there, person)
    client = await abroad.connect()
    await person.api("DELETE", "/api/sessions/current")
    assert (await client.last_words())["code"] == 4410
    assert await _refused(abroad) == "invalid_token"


async def test_c5_a_sign_out_is_known_where_the_person_has_no_socket(nodes: Nodes) -> None:
    here, there = await nodes(2)
    person = await here.student()
    abroad = seen_from(there, person)
    await abroad.api("GET", "/api/me")  # the other node knows the session now
    await person.api("DELETE", "/api/sessions/current")
    await until(lambda: _is_signed_out(abroad), WITHIN_S)


async def test_c5_a_new_password_ends_the_other_sessions_on_every_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    person = await here.student()
    second = await _sign_in(there, person)
    client, kept = await second.connect(), await seen_from(there, person).connect()
    body = {"current": PASSWORD, "new": "a quite different sentence"}
    await person.api("POST", "/api/me/password", body)
    assert (await client.last_words())["code"] == 4410
    assert await _refused(second) == "invalid_token"
    await kept.do("ping")


async def _resume(client: LiveClient, topic: str, cursor: int) -> str:
    return await client.refused(
        "subscribe", topic=topic, cursor=cursor, epoch=client.hello["epoch"]
    )


async def test_c5_one_who_is_removed_from_a_private_room_hears_nothing_more_of_it(
    nodes: Nodes,
) -> None:
    here, there = await nodes(2)
    teacher, student = await here.teacher(), await here.student()
    course = await teacher.make_course()
    await student.enroll(course)
    room = (await teacher.command("room.create", course=course["id"], name="q", kind="private"))[
        "room"
    ]["id"]
    await teacher.command("room.invite", room=room, user=student.id)
    topic = f"room:{room}"
    client = await seen_from(there, student).connect()
    await client.join(topic)
    cursor = (await teacher.command("chat.post", room=room, body="before"))["message"]["seq"]
    await client.expect("chat.posted", topic=topic)

    await teacher.command("room.remove", room=room, user=student.id)
    gone = await client.expect("server.unsubscribed", topic=None)
    assert gone["data"]["topic"] == topic
    assert gone["data"]["error"]["code"] in ("forbidden", "not_found", "not_a_member")
    for node in (here, there):
        await seen_from(node, teacher).command("chat.post", room=room, body="after")
    await client.expect_nothing("chat.posted")
    assert await _resume(client, topic, cursor) == gone["data"]["error"]["code"]
    stranger = await seen_from(there, await here.student()).connect()
    assert await _resume(stranger, topic, cursor) in ("forbidden", "not_found")


async def test_c5_one_who_left_a_course_hears_nothing_more_of_it(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher, student = await here.teacher(), await here.student()
    course = await teacher.make_course()
    await student.enroll(course)
    client = await seen_from(there, student).connect()
    mine = [f"course:{course['id']}", f"room:{course['id']}"]
    await client.join(mine[1])
    await student.command("enrollment.leave", course=course["id"])
    left = {(await client.expect("server.unsubscribed"))["data"]["topic"] for _ in mine}
    assert left == set(mine)
    await teacher.command("chat.post", room=course["id"], body="after")
    await client.expect_nothing("chat.posted")
    for topic in mine:
        assert await _resume(client, topic, 0) in ("forbidden", "not_found", "not_a_member")


async def test_one_who_enrols_on_one_node_is_subscribed_on_the_other(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher, student = await here.teacher(), await here.student()
    course = await teacher.make_course()
    client = await seen_from(there, student).connect()
    await student.enroll(course)
    topic = f"course:{course['id']}"
    assert (await client.expect("server.subscribed"))["data"]["topic"] == topic
    await teacher.command(
        "update.publish", course=course["id"], kind="announcement", title="Hello", body="all"
    )
    await client.expect("update.published", topic=topic)


async def test_a_new_name_is_known_on_every_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    person = await here.student("Ada")
    abroad = seen_from(there, person)
    await abroad.api("GET", "/api/me")
    await person.api("PATCH", "/api/me", {"name": "Ada Lovelace"})

    async def known() -> bool:
        client = await abroad.connect()
        name: str = client.hello["user"]["name"]
        return name == "Ada Lovelace"

    await until(known, WITHIN_S)


async def test_c5_without_redis_a_sign_out_is_known_within_seconds(
    nodes: Nodes, own_redis: RedisServer
) -> None:
    here, there = await nodes(2, redis=own_redis.url)
    person = await here.student()
    abroad = seen_from(there, person)
    client = await abroad.connect()
    own_redis.stop()
    await until(lambda: not (here.services.broker.hears or there.services.broker.hears))
    await person.api("DELETE", "/api/sessions/current")
    assert (await client.last_words())["code"] == 4410
    await until(lambda: _is_signed_out(abroad))


async def _admin(node: Live) -> Person:
    given = {"email": "root@example.org", "password": PASSWORD}
    await accounts.create_user(node.services, role="admin", name="Root", **given)
    answer = await node.api("POST", "/api/sessions", {**given})
    return Person(node, answer, given["email"])


async def test_c5_a_disabled_account_is_out_on_every_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    root, teacher, ana = await _admin(here), await here.teacher(), await here.student()
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    abroad = seen_from(there, ana)
    client, no_socket = await abroad.connect(), seen_from(there, await _sign_in(here, ana))
    await client.join(f"room:{course}")
    await no_socket.api("GET", "/api/me")  # the other node knows this session now
    begun = asyncio.get_running_loop().time()
    await root.api("PATCH", f"/api/users/{ana.id}", {"disabled": True})
    assert (await client.last_words())["code"] == 4410
    await until(lambda: _is_signed_out(no_socket), WITHIN_S)
    assert asyncio.get_running_loop().time() - begun < WITHIN_S

    heard = len(client.seen)
    await teacher.command("chat.post", room=course, body="after")
    for node in (here, there):
        again = seen_from(node, ana)
        assert await _refused(again) == "invalid_token"
        late = await again.connect(hello=False)
        assert (await late.last_words())["code"] == 4401
        assert [push["push"] for push in late.seen] == ["server.closing"]
        with pytest.raises(CommandRefused, match="password is wrong"):
            await _sign_in(node, ana)
    assert len(client.seen) == heard


async def test_c5_a_lowered_role_acts_on_the_sockets_of_every_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    root, ada = await _admin(here), await here.teacher("Ada")
    course = (await ada.make_course())["id"]
    mine = {f"course:{course}", f"staff:{course}", f"room:{course}"}
    client = await seen_from(there, ada).connect()
    await client.join(f"room:{course}")
    cursor = (await client.say(course, "as a teacher"))["seq"]
    await until(lambda: here.services.log.quiet and there.services.log.quiet)
    begun = asyncio.get_running_loop().time()
    await root.api("PATCH", f"/api/users/{ada.id}", {"role": "student"})
    lost = [(await client.expect("server.unsubscribed"))["data"] for _ in mine]
    assert asyncio.get_running_loop().time() - begun < WITHIN_S
    assert {one["topic"]: one["error"]["code"] for one in lost} == {
        f"course:{course}": "not_a_member",
        f"staff:{course}": "forbidden",
        f"room:{course}": "not_a_member",
    }
    assert await client.refused("chat.post", room=course, body="hello?") == "not_a_member"
    for topic in mine:
        before = cursor if topic.startswith("room:") else 0
        assert await _resume(client, topic, before) in ("forbidden", "not_a_member")


async def test_c5_of_two_admins_on_two_nodes_who_lower_each_other_one_is_left(
    nodes: Nodes,
) -> None:
    here, there = await nodes(2)
    one = await _admin(here)
    other = seen_from(there, await here.student())
    await one.api("PATCH", f"/api/users/{other.id}", {"role": "admin"})

    async def is_admin() -> bool:
        found = (await other.api("GET", "/api/me"))["user"]
        return bool(found["role"] == "admin")

    await until(is_admin)
    answers = await asyncio.gather(
        one.api("PATCH", f"/api/users/{other.id}", {"role": "student"}),
        other.api("PATCH", f"/api/users/{one.id}", {"role": "student"}),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, CommandRefused)]
    assert [answer.code for answer in refused] == ["forbidden"]
    assert len(await users.find_admins(here.services.db)) == 1


async def test_c5_another_persons_session_opens_nothing_on_any_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    ana, eve = await here.student(), await there.student()
    session = (await ana.api("GET", "/api/sessions"))["sessions"][0]["id"]
    for node in (here, there):
        forged = node.services.tokens.access(eve.id, session)
        client = await node.connect(token=forged, hello=False)
        assert (await client.last_words())["code"] == 4401
        assert [push["push"] for push in client.seen] == ["server.closing"]


@pytest.fixture
def terminal(nodes: Nodes, beside: Callable[..., Services]) -> Services:
    """A command beside the nodes."""
    return beside(serving=False)


async def test_c5_what_is_changed_on_the_command_line_is_known_on_every_node(
    nodes: Nodes, terminal: Services
) -> None:
    here, there = await nodes(2)
    ana = await here.student()
    client, no_socket = await here.connect(token=ana.token), seen_from(there, ana)
    await no_socket.api("GET", "/api/me")  # the other node knows the session now
    act = new_act(account_rights.OPERATIONS, "change-user", [ana.id])
    await account_rights.change_account(terminal, act, ana.id, disabled=True)
    assert (await client.last_words())["code"] == 4410
    await until(lambda: _is_signed_out(no_socket), WITHIN_S)
