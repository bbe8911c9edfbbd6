"""After a restart: everybody reconnects and syncs at once, beside bare handshakes.

    python -m bench.reconnect [--clients 5000]

Each client missed the same messages of the course's room. Whole is who got every one of them, once
and in order, in the answer to `sync`.
"""

import argparse
import base64
import errno
import json
import os
import resource
import select
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import Figure, print_figures
from bench.server import Json, Server, raise_file_limit
from bench.wire import Wire, masked, take_frame

MISSED = 20
AT_ONCE = 200
GOAL = 0.5
KEY = base64.b64encode(bytes(16)).decode()


class Comeback:
    """One client that connects, hears `hello`, says `sync`, and holds what it is answered."""

    def __init__(self, port: int, token: str | None, sync: bytes | None) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        failed = self.socket.connect_ex(("127.0.0.1", port))
        if failed not in (0, errno.EINPROGRESS):
            raise OSError(failed, os.strerror(failed))
        lines = [
            "GET /ws HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {KEY}",
            "Sec-WebSocket-Version: 13",
            *([f"Authorization: Bearer {token}"] if token else []),
        ]
        self._hello = "\r\n".join([*lines, "", ""]).encode()
        self._sync = sync
        self._held = b""
        self._shaken = False
        self.answer: Json | None = None

    def connected(self) -> None:
        self.socket.sendall(self._hello)

    def read(self) -> bool:
        """Whether it is back."""
        data = self.socket.recv(256 * 1024)
        if not data:
            raise ConnectionError("closed by the server")
        self._held += data
        if not self._shaken:
            head, end, rest = self._held.partition(b"\r\n\r\n")
            if not end:
                return False
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise ConnectionError(head.decode(errors="replace"))
            self._shaken, self._held = True, rest
            if self._sync is None:
                return True
        while (found := take_frame(self._held)) is not None:
            _, payload, self._held = found
            if payload.startswith(b'{"push":"server.hello"'):
                assert self._sync is not None
                self.socket.sendall(masked(self._sync))
            elif payload.startswith(b'{"ref"'):
                self.answer = json.loads(payload)
                return True
        return False


def come_back(clients: int, connect: Callable[[int], Comeback]) -> tuple[list[Comeback], float]:
    """All of them, `AT_ONCE` at a time; how many a second."""
    epoll, waiting = select.epoll(), {}
    back: list[Comeback] = []
    began, next_one = time.monotonic(), 0
    while len(back) < clients:
        while next_one < clients and len(waiting) < AT_ONCE:
            one = connect(next_one)
            next_one += 1
            waiting[one.socket.fileno()] = one
            epoll.register(one.socket.fileno(), select.EPOLLOUT)
        for fd, event in epoll.poll(30):
            one = waiting[fd]
            if event & select.EPOLLOUT:
                one.connected()
                epoll.modify(fd, select.EPOLLIN)
            elif one.read():
                epoll.unregister(fd)
                del waiting[fd]
                back.append(one)
    return back, clients / (time.monotonic() - began)


def _whole(one: Comeback, topic: str) -> bool:
    assert one.answer is not None
    if not one.answer["ok"]:
        return False
    answer = one.answer["result"]["topics"][topic]
    seqs = [event["seq"] for event in answer["events"]]
    return bool(answer["recovered"]) and seqs == list(range(1, MISSED + 1))


def measure(clients: int = 5_000) -> list[Figure]:
    raise_file_limit()
    clients = min(clients, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 1_000)
    with tempfile.TemporaryDirectory(prefix="elearn-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with Server("bench.node", folder=folder) as server:
            teacher = server.sign_up("Ada Teacher", "teacher")
            course = server.make_course(teacher, "Back again")
            people = server.do("enrol_many", course=course, count=clients, tokens=clients)["people"]
            wire = Wire(server.port, token=teacher)
            wire.ask("subscribe", topic=f"room:{course}")
            for number in range(MISSED):
                body = f"Message {number} of those that were missed."
                wire.ask("chat.post", key=f"missed-{number}", room=course, body=body)
            wire.close()
            hello = _hello(server, teacher)
        topic, of_course = f"room:{course}", f"course:{course}"
        with Server("bench.node", folder=folder) as server:
            server.do("all_done")
            server.do("store_calls")

            def returning(number: int) -> Comeback:
                own = f"user:{people[number]['user']}"
                cursors = {own: 0, of_course: hello["topics"][of_course], topic: 0}
                args = {"epoch": hello["epoch"], "cursors": cursors}
                sync = json.dumps({"ref": 1, "cmd": "sync", "args": args}).encode()
                return Comeback(server.port, people[number]["token"], sync)

            back, per_s = come_back(clients, returning)
            calls: dict[str, int] = server.do("store_calls")["calls"]
            whole = sum(_whole(one, topic) for one in back)
            for one in back:
                one.socket.close()
    with Server("bench.peers.tornado_write") as server:
        bare, bare_per_s = come_back(clients, lambda number: Comeback(server.port, None, None))
        for one in bare:
            one.socket.close()
    asked = {name: count / clients for name, count in calls.items() if count > clients / 100}
    log_reads = calls.get("find events", 0) / clients
    rest = sum(calls.values()) / clients - log_reads
    return [
        Figure(
            f"{clients:,} clients reconnect and sync after a restart",
            f"{per_s:,.0f}/s, {whole:,} whole",
            f"bare handshakes {bare_per_s:,.0f}/s",
            per_s / bare_per_s,
            GOAL,
        ),
        Figure(
            "  reads of the log a client",
            f"{log_reads:.2f}",
            f"other calls of the store {rest:.2f} a client: "
            + ", ".join(f"{name} {each:.2f}" for name, each in sorted(asked.items())),
        ),
    ]


def _hello(server: Server, token: str) -> Json:
    wire = Wire(server.port, token=token)
    hello: Json = json.loads(wire.frame())["data"]
    wire.close()
    return hello


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Everybody comes back after a restart.")
    parser.add_argument("--clients", type=int, default=5_000)
    print_figures(measure(parser.parse_args().clients))
