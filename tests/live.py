"""`Live` and `LiveClient`: a served elearn and people who use it, in the product's words."""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from elearn.app import Node
from elearn.search.backend import SearchBackend
from tests.described import require_as_described
from tests.settling import LIMIT_S, settle, until

PASSWORD = "correct horse battery"

Json = dict[str, Any]


class CommandRefused(Exception):
    """A reply with `ok: false`."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: str = error["code"]
        self.status: int = error["status"]
        self.error = error


class Live:
    """One served node, with the calls that tests need to set a scene."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.services = node.services
        self.origin = node.services.config.origins[0]
        self.base = f"127.0.0.1:{node.port}"
        self._clients: list[LiveClient] = []
        self._names = itertools.count(1)
        self._http = AsyncHTTPClient(force_instance=True, max_clients=200)

    async def close(self) -> None:
        for client in self._clients:
            client.close()
        self._http.close()
        told = {(p["push"], p.get("topic"), p.get("seq")): p for c in self._clients for p in c.seen}
        require_as_described(told.values())

    async def request(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | str | None = None,
    ) -> HTTPResponse:
        """One HTTP request; every status is an answer."""
        sent = {"Accept": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            raw = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        if raw is None and method in ("POST", "PATCH", "PUT"):
            raw = b""
        request = HTTPRequest(
            f"http://{self.base}{path}",
            method=method,
            headers=sent,
            body=raw,
            follow_redirects=False,
            # Who says what they take unpack it, too.
            decompress_response="Accept-Encoding" not in sent,
            allow_nonstandard_methods=True,
            request_timeout=LIMIT_S,
        )
        try:
            return await self._http.fetch(request)
        except HTTPClientError as error:
            if error.response is None:
                raise
            return error.response

    async def api(self, method: str, path: str, body: Json | None = None, **more: Any) -> Json:
        """A JSON call that has to succeed."""
        response = await self.request(method, path, body, **more)
        answer: Json = json.loads(response.body)
        if response.code >= 400:
            raise CommandRefused(answer["error"])
        return answer

    async def sign_up(self, name: str | None = None, role: str = "student") -> "Person":
        number = next(self._names)
        name = name or f"{role.title()} {number}"
        email = f"person{number}@example.org"
        answer = await self.api(
            "POST",
            "/api/accounts",
            {"email": email, "password": PASSWORD, "name": name, "role": role},
        )
        return Person(self, answer, email)

    async def teacher(self, name: str | None = None) -> "Person":
        return await self.sign_up(name, "teacher")

    async def student(self, name: str | None = None) -> "Person":
        return await self.sign_up(name, "student")

    async def connect(
        self,
        path: str = "/ws",
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        hello: bool = True,
    ) -> "LiveClient":
        """A socket; with `hello` its first push was read."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        request = HTTPRequest(f"ws://{self.base}{path}", headers=sent)
        connection = await websocket_connect(request, max_message_size=8 * 1024 * 1024)
        client = LiveClient(connection)
        self._clients.append(client)
        if hello:
            client.hello = (await client.expect("server.hello"))["data"]
        return client

    async def settled(self) -> None:
        """Return when every reaction to what happened so far is done."""
        await until(lambda: self.services.log.quiet)

    async def search_follows(self) -> None:
        """Return when the index has read all of the catalogue."""

        await self.settled()
        await until(lambda: self._index_has_all(self.services.search))
        await self.services.search.refresh()
        if self.services.engines.guard is not None:
            await self.spare_follows()

    async def spare_follows(self) -> None:
        """The same of the index that is kept for when Elasticsearch is away."""
        assert self.services.engines.guard is not None
        spare = self.services.engines.guard.spare
        await self.settled()
        await until(lambda: self._index_has_all(spare))

    async def _index_has_all(self, index: SearchBackend) -> bool:
        head = await self.services.log.head("catalog")
        cursor = await index.cursor()
        return cursor is not None and cursor.seq >= head.seq


class Person:
    """An account: HTTP calls and sockets in its name."""

    def __init__(self, live: Live, answer: Json, email: str) -> None:
        self.live = live
        self.email = email
        self.id: str = answer["user"]["id"]
        self.name: str = answer["user"]["name"]
        self.token: str = answer["access_token"]
        self.refresh_token: str = answer["refresh_token"]

    async def api(self, method: str, path: str, body: Json | None = None, **more: Any) -> Json:
        return await self.live.api(method, path, body, token=self.token, **more)

    async def connect(self, path: str = "/ws", **more: Any) -> "LiveClient":
        client = await self.live.connect(path, token=self.token, **more)
        client.person = self
        return client

    async def make_course(self, title: str = "Algebra", **fields: Any) -> Json:
        body = {"title": title, "published": True, **fields}
        course: Json = (await self.api("POST", "/api/courses", body))["course"]
        return course

    async def enroll(self, course: Json | str, **args: Any) -> Json:
        ident = course if isinstance(course, str) else course["id"]
        return await self.command("enrollment.enroll", course=ident, **args)

    async def command(self, cmd: str, **args: Any) -> Json:
        """A command over HTTP, without a socket."""
        key = args.pop("key", None) or new_key()
        response = await self.live.request(
            "POST", "/api/commands", {"cmd": cmd, "args": args, "key": key}, token=self.token
        )
        reply = json.loads(response.body)
        if not reply.get("ok"):
            raise CommandRefused(reply["error"])
        result: Json = reply["result"]
        return result


class LiveClient:
    """A socket as a client uses it: commands with replies, pushes in the order they came."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self.connection = connection
        self.hello: Json = {}
        self.person: Person | None = None
        self.pushes: deque[Json] = deque()
        self.seen: list[Json] = []
        self.raw_frames = 0
        self.close_code: int | None = None
        self._refs = itertools.count(1)
        self._replies: dict[Any, Json] = {}
        self._changed = asyncio.Event()
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while True:
            message = await self.connection.read_message()
            if message is None:
                self.close_code = self.connection.close_code
                self._closed = True
                self._changed.set()
                return
            self.raw_frames += 1
            body: Json = json.loads(message)
            if "push" in body:
                self.pushes.append(body)
                self.seen.append(body)
            else:
                self._replies[body.get("ref")] = body
            self._changed.set()

    _closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._reading.cancel()
        self.connection.close()

    def cut(self) -> None:
        """The line breaks: no close frame."""
        self.connection.protocol.stream.close()  # type: ignore[union-attr]

    async def send_raw(self, frame: str | bytes, *, binary: bool = False) -> None:
        await self.connection.write_message(frame, binary=binary)

    async def send(self, cmd: str, *, key: str | None = None, **args: Any) -> int:
        """Send a command without waiting; its ref."""
        ref = next(self._refs)
        frame: Json = {"ref": ref, "cmd": cmd, "args": args, "key": key or new_key()}
        await self.send_raw(json.dumps(frame))
        return ref

    async def reply(self, ref: Any) -> Json:
        """The reply frame to a ref, whatever it says."""
        return await self._when(lambda: self._replies.pop(ref, None))

    async def ask(self, cmd: str, *, key: str | None = None, **args: Any) -> Json:
        """Send a command and give its reply frame."""
        return await self.reply(await self.send(cmd, key=key, **args))

    async def do(self, cmd: str, *, key: str | None = None, **args: Any) -> Json:
        """Send a command that has to succeed; its result."""
        reply = await self.ask(cmd, key=key, **args)
        if not reply["ok"]:
            raise CommandRefused(reply["error"])
        result: Json = reply["result"]
        return result

    async def refused(self, cmd: str, **args: Any) -> str:
        """Send a command that must not succeed; the error's code."""
        reply = await self.ask(cmd, **args)
        assert not reply["ok"], f"{cmd} was not refused: {reply}"
        code: str = reply["error"]["code"]
        return code

    async def join(self, topic: str, **args: Any) -> Json:
        return await self.do("subscribe", topic=topic, **args)

    async def say(self, room: str, body: str, **more: Any) -> Json:
        message: Json = (await self.do("chat.post", room=room, body=body, **more))["message"]
        return message

    async def expect(self, event: str, **data: Any) -> Json:
        """The next push of this name (and, if given, topic=…); others stay where they are."""
        topic = data.pop("topic", None)

        def find() -> Json | None:
            for push in self.pushes:
                if push["push"] == event and topic in (None, push.get("topic")):
                    self.pushes.remove(push)
                    return push
            return None

        try:
            return await self._when(find)
        except TimeoutError:
            names = [push["push"] for push in self.pushes]
            raise AssertionError(f"no {event} came; waiting are {names}") from None

    async def expect_nothing(self, event: str, topic: str | None = None) -> None:
        """No such push came: asserted when all that may still come has, and this client has it."""
        await settle()
        await self.do("ping")
        found = [
            push
            for push in self.pushes
            if push["push"] == event and topic in (None, push.get("topic"))
        ]
        assert not found, f"{event} came: {found}"

    async def expect_close(self) -> int:
        await self._when(lambda: True if self._closed else None)
        assert self.close_code is not None or self._closed
        return self.close_code or 1006

    async def last_words(self) -> Json:
        """What the server said before it closed; the close frame has the same code."""
        said: Json = (await self.expect("server.closing"))["data"]
        assert await self.expect_close() == said["code"]
        return said

    async def _when(self, find: Callable[[], Any]) -> Any:
        async with asyncio.timeout(LIMIT_S):
            while True:
                found = find()
                if found is not None:
                    return found
                if self._closed:
                    raise AssertionError(f"the connection is closed ({self.close_code})")
                self._changed.clear()
                await self._changed.wait()


_keys = itertools.count(1)


def new_key() -> str:
    return f"key-{next(_keys)}"


def deafen(live: "Live", part: object) -> None:
    """The part hears no row any more."""
    for heard in live.services.log.publisher.listeners._by_event.values():
        heard[:] = [listener for listener in heard if getattr(listener, "__self__", None) != part]
