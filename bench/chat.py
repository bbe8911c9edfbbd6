"""Chat: messages stored and acknowledged a second, and how long an author waits for the answer.

    python -m bench.chat [--authors 50] [--seconds 5] [--profile] [--split]

Every author hears the room, and keeps `WINDOW` messages under way. Afterwards the same authors
send at a steady pace, where waiting times mean something. Beside it, plain inserts one after
another on the same store.
"""

import argparse
import json
import select
import time
from dataclasses import dataclass, field

from bench.report import Figure, milliseconds, print_figures
from bench.server import Server, raise_file_limit
from bench.wire import Wire

WINDOW = 8
PACE_PER_S = 500
BODY = "Does the second exercise ask for the proof by induction, or is a drawing enough here? " * 2


@dataclass(eq=False)
class Author:
    wire: Wire
    room: str
    sent: dict[int, float] = field(default_factory=dict)
    count: int = 0

    def send(self, run: str) -> None:
        self.count += 1
        key = f"{run}-{self.count}"
        self.sent[self.count] = time.monotonic()
        args = {"room": self.room, "body": BODY}
        self.wire.send({"ref": self.count, "cmd": "chat.post", "args": args, "key": key})


@dataclass
class Outcome:
    waits: list[float]
    seconds: float

    @property
    def per_s(self) -> float:
        return len(self.waits) / self.seconds


class Talk:
    """Authors, each on a socket of their own; replies are waited for, pushes are only counted."""

    def __init__(self, authors: list[Author]) -> None:
        self._authors = {author.wire.fileno(): author for author in authors}
        self._epoll = select.epoll()
        self._waits: list[float] = []
        for fd in self._authors:
            self._epoll.register(fd, select.EPOLLIN)

    def together(self, run: str, seconds: float) -> Outcome:
        """Each author sends the next message when one is acknowledged."""
        self._waits, began = [], time.monotonic()
        for author in self._authors.values():
            for _ in range(WINDOW):
                author.send(run)
        while time.monotonic() - began < seconds:
            for author in self._read(1.0):
                author.send(run)
        self._finish()
        return Outcome(self._waits, time.monotonic() - began)

    def paced(self, run: str, seconds: float, per_s: float) -> Outcome:
        """Messages at a steady pace, whatever the server does with them."""
        self._waits, began, sent = [], time.monotonic(), 0
        authors = list(self._authors.values())
        while (now := time.monotonic()) - began < seconds:
            while sent < (now - began) * per_s:
                authors[sent % len(authors)].send(run)
                sent += 1
            self._read(max(0.0, began + sent / per_s - time.monotonic()))
        self._finish()
        return Outcome(self._waits, time.monotonic() - began)

    def _finish(self) -> None:
        limit = time.monotonic() + 30
        while any(author.sent for author in self._authors.values()):
            self._read(1.0)
            if time.monotonic() > limit:
                raise TimeoutError("messages were never acknowledged")

    def _read(self, timeout_s: float) -> list[Author]:
        """The authors whose messages were acknowledged, once a message."""
        answered = []
        for fd, _ in self._epoll.poll(timeout_s):
            author = self._authors[fd]
            for payload in author.wire.arrived():
                if not payload.startswith(b'{"ref"'):
                    continue
                reply = json.loads(payload)
                if not reply["ok"]:
                    raise ConnectionError(f"refused: {reply['error']}")
                self._waits.append(time.monotonic() - author.sent.pop(reply["ref"]))
                answered.append(author)
        return answered


def authors_of(server: Server, teacher: str, count: int, rooms: list[str], course: str) -> Talk:
    authors = []
    for number in range(count):
        token = server.sign_up(f"Author {number} of {len(rooms)}", "student")
        server.command(token, "enrollment.enroll", course=course)
        room = rooms[number % len(rooms)]
        if room != course:
            server.command(token, "room.join", room=room)
        wire = Wire(server.port, token=token)
        wire.ask("subscribe", topic=f"room:{room}")
        authors.append(Author(wire, room))
    return Talk(authors)


def measure(
    count: int = 50, seconds: float = 5.0, *, profile: bool = False, split: bool = False
) -> list[Figure]:
    raise_file_limit()
    figures = []
    with Server("bench.node") as server:
        teacher = server.sign_up("Ada Teacher", "teacher")
        course = server.make_course(teacher, "Talk")
        many = [
            server.command(teacher, "room.create", course=course, name=f"room {number}")["room"]
            for number in range(count)
        ]
        for rooms in ([course], [room["id"] for room in many]):
            talk = authors_of(server, teacher, count, rooms, course)
            talk.together("warm", 1.0)
            before = server.do("stored", rooms=rooms)["messages"]
            plain = server.do("insert", seconds=2.0, size=len(BODY))["per_s"]
            if profile:
                server.do("profile", on=True)
            full = talk.together("full", seconds)
            if profile:
                where = "one room" if len(rooms) == 1 else f"{count} rooms"
                print(f"--- {where}\n", server.do("profile", on=False)["profile"])
            if split:
                server.do("split", on=True)
            steady = talk.paced("steady", seconds, PACE_PER_S)
            if split:
                parts = server.do("split", on=False)
                each = {name: spent / len(steady.waits) * 1e6 for name, spent in parts.items()}
                told = ", ".join(f"{name} {us:,.0f} µs" for name, us in each.items())
                print(f"--- a message at {PACE_PER_S}/s: {told}")
            stored = server.do("stored", rooms=rooms)["messages"] - before
            acknowledged = len(full.waits) + len(steady.waits)
            if stored != acknowledged:
                raise AssertionError(f"{acknowledged} acknowledged, {stored} stored")
            where = "one room" if len(rooms) == 1 else f"{count} rooms"
            figures += [
                Figure(
                    f"chat, {count} authors, {where}, at most",
                    f"{full.per_s:,.0f} messages/s, {milliseconds(full.waits)}",
                    f"inserts one by one {plain:,.0f}/s",
                    full.per_s / plain,
                ),
                Figure(
                    f"chat, {count} authors, {where}, at {PACE_PER_S}/s",
                    f"{steady.per_s:,.0f} messages/s, {milliseconds(steady.waits)}",
                    "",
                ),
            ]
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Messages stored and acknowledged a second.")
    parser.add_argument("--authors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    parser.add_argument("--split", action="store_true", help="a message's cost by its parts")
    given = parser.parse_args()
    print_figures(measure(given.authors, given.seconds, profile=given.profile, split=given.split))
