"""C5 and presence over two nodes: what is done on the one is so on the other, and how soon."""

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from tests.faults.ground import Ground, Play, all_ready, playing
from tests.faults.nodes import PASSWORD, ApiError, Node
from tests.faults.pair import Pair, pair_of_nodes
from tests.faults.wire import Closed, Wire
from tests.live import until

Json = dict[str, Any]
LOST = frozenset({"forbidden", "not_found", "not_a_member"})
SESSION_ENDED = 4410


async def c5_rights_are_lost(ground: Ground, seed: int, *, times: int) -> dict[str, float]:
    """Lost by an act on the first node, with a socket open on the second: the longest it took."""
    async with (
        pair_of_nodes(ground, f"c5-{seed}") as pair,
        playing(ground, "c5", seed, pair.first) as play,
    ):
        admin = await play.scene.make_admin()
        losses: dict[str, Callable[[], Awaitable[float]]] = {
            "signed_out": lambda: _sign_out(play, pair),
            "new_password": lambda: _new_password(play, pair),
            "disabled": lambda: _disabled(play, pair, admin),
            "lower_role": lambda: _lower_role(play, pair, admin),
            "removed": lambda: _removed_from_a_room(play, pair),
        }
        slowest: dict[str, float] = {}
        for name, lose in losses.items():
            slowest[f"{name}_ms"] = max([1000 * await lose() for _ in range(times)])
        return slowest


async def _sign_out(play: Play, pair: Pair) -> float:
    (token,) = await play.scene.enroll_students(1)
    wire = await _open(pair.second, token)
    took_s = await _timed(
        lambda: pair.first.api("DELETE", "/api/sessions/current", token=token), lambda: _ended(wire)
    )
    await _is_signed_out(pair, token)
    return took_s


async def _new_password(play: Play, pair: Pair) -> float:
    """Ends the sessions of the person's other devices, and not the one that asked for it."""
    (asking,) = await play.scene.enroll_students(1)
    credentials = {"email": play.scene.emails[-1], "password": PASSWORD}
    other = (await pair.second.api("POST", "/api/sessions", credentials))["access_token"]
    wire = await _open(pair.second, other)
    change = {"current": PASSWORD, "new": "a quite different sentence"}
    took_s = await _timed(
        lambda: pair.first.api("POST", "/api/me/password", change, asking), lambda: _ended(wire)
    )
    await _is_signed_out(pair, other)
    await pair.second.api("GET", "/api/me", token=asking)
    return took_s


async def _disabled(play: Play, pair: Pair, admin: str) -> float:
    (token,) = await play.scene.enroll_students(1)
    path, wire = await _account(pair.first, token), await _open(pair.second, token)
    took_s = await _timed(
        lambda: pair.first.api("PATCH", path, {"disabled": True}, admin), lambda: _ended(wire)
    )
    await _is_signed_out(pair, token)
    return took_s


async def _lower_role(play: Play, pair: Pair, admin: str) -> float:
    """A teacher who is one no longer hears nothing more of what the staff of a course is told."""
    token = await play.scene.sign_up(pair.first, "teacher")
    made = await pair.first.api("POST", "/api/courses", {"title": f"Course {_key()}"}, token)
    topic, wire = f"staff:{made['course']['id']}", await _open(pair.second, token)
    assert (await wire.ask("subscribe", topic=topic))["ok"]
    path = await _account(pair.first, token)
    took_s = await _timed(
        lambda: pair.first.api("PATCH", path, {"role": "student"}, admin),
        lambda: _unsubscribed(wire, topic),
    )
    assert (await wire.ask("subscribe", topic=topic))["error"]["code"] in LOST
    wire.wire.abort()
    return took_s


async def _account(node: Node, token: str) -> str:
    return f"/api/users/{(await node.api('GET', '/api/me', token=token))['user']['id']}"


async def _is_signed_out(pair: Pair, token: str) -> None:
    for node in pair.nodes:
        try:
            await node.api("GET", "/api/me", token=token)
        except ApiError as refused:
            status = refused.status
        else:
            status = 200
        assert status == 401, "the old token is still good"


async def _removed_from_a_room(play: Play, pair: Pair) -> float:
    """Nothing of the room comes any more, and there is no way back in by an old position."""
    teacher, command = play.scene.tokens[0], play.scene.command
    token, stranger = await play.scene.enroll_students(2)
    student = (await _account(pair.first, token)).rpartition("/")[2]
    named = {"course": play.scene.room, "name": f"Room {_key()}", "kind": "private"}
    room = (await command(teacher, "room.create", _key(), **named))["room"]["id"]
    await command(teacher, "room.invite", _key(), room=room, user=student)
    wire = await _open(pair.second, token)
    epoch, topic = wire.hello["data"]["epoch"], f"room:{room}"
    place = await wire.ask("subscribe", topic=topic)
    assert place["ok"], place
    took_s = await _timed(
        lambda: command(teacher, "room.remove", _key(), room=room, user=student),
        lambda: _unsubscribed(wire, topic),
    )
    for node in pair.nodes:
        await node.command(teacher, "chat.post", _key(), room=room, body="among ourselves")
    others = await _open(pair.second, stranger)
    for each in (wire, others):
        position = {"cursor": place["result"]["cursor"], "epoch": epoch}
        refused = await each.ask("subscribe", topic=topic, **position)
        assert not refused["ok"], refused
        assert refused["error"]["code"] in LOST, refused
        assert not [push for push in each.pushes if push.get("topic") == topic], "it heard more"
        each.wire.abort()
    return took_s


class _Socket:
    """A socket that asks, and keeps what is pushed meanwhile."""

    def __init__(self, wire: Wire, hello: Json) -> None:
        self.wire, self.hello = wire, hello
        self.pushes: list[Json] = []

    async def ask(self, cmd: str, **args: Any) -> Json:
        ref = _key()
        self.wire.send({"ref": ref, "cmd": cmd, "args": args, "key": ref})
        while "push" in (frame := await self.wire.next()) or frame["ref"] != ref:
            self.pushes.append(frame)
        return frame


async def _open(node: Node, token: str) -> _Socket:
    wire = await Wire.open(node.port, token)
    return _Socket(wire, await wire.next())


async def _ended(socket: _Socket) -> None:
    try:
        while (frame := await socket.wire.next()).get("push") != "server.closing":
            pass
        code = frame["data"]["code"]
    except Closed as closed:
        code = closed.code
    socket.wire.abort()
    assert code == SESSION_ENDED, code


async def _unsubscribed(socket: _Socket, topic: str) -> None:
    while True:
        frame = await socket.wire.next()
        if frame.get("push") == "server.unsubscribed" and frame["data"]["topic"] == topic:
            assert frame["data"]["error"]["code"] in LOST, frame
            return


async def _timed(act: Callable[[], Awaitable[Any]], felt: Callable[[], Awaitable[None]]) -> float:
    """From the answer to the act until it was felt."""
    feeling = asyncio.ensure_future(felt())
    loop = asyncio.get_running_loop()
    await act()
    began = loop.time()
    async with asyncio.timeout(10):
        await feeling
    return loop.time() - began


_keys = itertools.count(1)


def _key() -> str:
    return f"c5-{next(_keys)}"


async def ch10_who_is_here(ground: Ground, seed: int, *, killed: bool) -> dict[str, float]:
    """People at two nodes see each other; those of a node that ends are gone on the other."""
    async with (
        pair_of_nodes(ground, f"ch10-{seed}") as pair,
        playing(ground, "ch10", seed, pair.first) as play,
    ):
        clients = [play.client(f"at-{number}", number, pair.port(number)) for number in range(2)]
        await all_ready(clients)
        found = {"shown_s": await _until_here(play, pair.nodes, 2)}
        await pair.first.end()
        found["gone_when_stopped_s"] = await _until_here(play, [pair.second], 1)
        if killed:
            await pair.first.start()
            await _until_here(play, pair.nodes, 2)
            await pair.first.end(signal.SIGKILL)
            found["gone_when_killed_s"] = await _until_here(play, [pair.second], 1)
        return found


async def _until_here(play: Play, nodes: Any, count: int) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def all_see() -> bool:
        topic, token = f"room:{play.scene.room}", play.scene.tokens[1]
        lists = [await node.command(token, "presence.list", _key(), topic=topic) for node in nodes]
        return all(len(each["users"]) == count for each in lists)

    await until(all_see, 90)
    return loop.time() - began
