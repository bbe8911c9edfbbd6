"""Real servers: n `elearn serve` processes on one store, each a process of its own."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import bson
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from tests.error_log import require_no_errors
from tests.faults.ledger import Ledger

ROOT = Path(__file__).resolve().parents[2]
# Below the ports that systems hand out by themselves: a server that was killed gets its own back.
PORTS = range(30_000, 32_700)
PASSWORD = "nothing is lost on the way"
SECRET = "the secret of a harness, the same on every node"

Json = dict[str, Any]


class ApiError(RuntimeError):
    def __init__(self, path: str, status: int, body: str) -> None:
        super().__init__(f"{path}: {status} {body}")
        self.status, self.body = status, body


def free_port() -> int:
    for port in random.sample(PORTS, 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port was found")


def clock_set_back(hours: float) -> dict[str, str] | None:
    """For the environment of a process: its clock is late by so much. None without libfaketime
    (Debian's package `faketime`)."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        return None
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"-{hours * 3600:.0f}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


class Node:
    """One server. The limits are lifted: it is the network and the store that misbehave here."""

    def __init__(
        self, folder: Path, mongodb_uri: str, *, clock: Json | None = None, **settings: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._log = folder / "server.log"
        kept = {name: text for name, text in os.environ.items() if not name.startswith("ELEARN_")}
        self._environment = {
            **kept,
            **(clock or {}),
            "ELEARN_PORT": str(self.port),
            "ELEARN_DATA_DIR": str(folder),
            "ELEARN_MONGODB_URI": mongodb_uri,
            "ELEARN_SECRET_KEY": SECRET,
            "ELEARN_OPEN_TEACHER_SIGNUP": "on",
            "ELEARN_BCRYPT_COST": "10",
            **dict.fromkeys(
                (
                    "ELEARN_COMMANDS_PER_S",
                    "ELEARN_CHAT_PER_10S",
                    "ELEARN_POSTS_PER_MIN",
                    "ELEARN_MOVES_PER_MIN",
                    "ELEARN_SOCKETS_PER_USER",
                    "ELEARN_CONNECTS_PER_S",
                    "ELEARN_SIGNUPS_PER_H",
                    "ELEARN_API_PER_MIN",
                ),
                "0",
            ),
            **{f"ELEARN_{name.upper()}": value for name, value in settings.items()},
        }
        self._store_port = f":{parse_uri(mongodb_uri)['nodelist'][0][1]:04X}"
        self._process: subprocess.Popen[str] | None = None
        self.may_log: tuple[str, ...] = ()
        """Parts of errors that the case brings about."""

    async def start(self) -> None:
        """Return when it accepts connections: it says so in its first line."""
        with self._log.open("a") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
                [sys.executable, "-m", "elearn", "serve"],
                env=self._environment,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        line = await asyncio.to_thread(self._process.stdout.readline)
        if "listens on" not in line:
            raise RuntimeError(f"the server did not start: {self.log()[-2000:]}")

    def log(self) -> str:
        return self._log.read_text()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def rss_mb(self) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmRSS")

    @property
    def open_files(self) -> int:
        """Without the lines to the store: the driver keeps as many as were once needed."""
        found, pooled = 0, self._store_lines()
        for entry in os.scandir(f"/proc/{self.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                found += os.readlink(entry.path) not in pooled
        return found

    def _store_lines(self) -> set[str]:
        lines = Path(f"/proc/{self.pid}/net/tcp").read_text().splitlines()[1:]
        fields = [line.split() for line in lines]
        return {f"socket:[{each[9]}]" for each in fields if each[2].endswith(self._store_port)}

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit status."""
        process = self._process
        if process is None:
            return 0
        process.send_signal(number)
        try:
            code = await asyncio.to_thread(process.wait, 30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert process.stdout is not None
        process.stdout.close()
        self._process = None
        require_no_errors(self.log(), but=self.may_log)
        return code

    async def run_command(self, *words: str, given: str = "") -> None:
        """`elearn WORDS` beside the server, with its settings."""
        command = [sys.executable, "-m", "elearn", *words]
        await asyncio.to_thread(
            subprocess.run,
            command,
            env=self._environment,
            cwd=ROOT,
            input=given,
            text=True,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    # Its HTTP

    async def api(self, method: str, path: str, body: Json | None = None, token: str = "") -> Json:
        return await asyncio.to_thread(self._api, method, path, body, token)

    def _api(self, method: str, path: str, body: Json | None, token: str) -> Json:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Content-Type": "application/json", "Accept": "application/json"},
            method=method,
        )
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                answer: Json = json.load(response)
        except urllib.error.HTTPError as error:
            raise ApiError(path, error.code, error.read().decode()) from error
        return answer

    async def command(self, token: str, cmd: str, key: str, **args: Any) -> Json:
        body = {"cmd": cmd, "args": args, "key": key}
        answer: Json = (await self.api("POST", "/api/commands", body, token))["result"]
        return answer

    async def metrics(self) -> dict[str, float]:
        """The figures by name, labels included as they are written."""
        text = await asyncio.to_thread(self._metrics)
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines if name}

    def _metrics(self) -> str:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/metrics", timeout=20
        ) as response:
            text: str = response.read().decode()
        return text


class Scene:
    """A course with its room, a teacher, and students who are enrolled in it."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.room = ""
        self.tokens: list[str] = []
        self.emails: list[str] = []

    async def set(self, students: int = 3) -> None:
        await self.sign_up(self._node, "teacher")
        course = {"title": "Continuity", "published": True}
        made = await self._node.api("POST", "/api/courses", course, self.tokens[0])
        self.room = made["course"]["id"]
        await self.enroll_students(students)

    async def enroll_students(self, count: int, node: "Node | None" = None) -> list[str]:
        """By way of this node, which gives them the tokens that are returned."""
        node = node or self._node
        for _ in range(count):
            token = await self.sign_up(node, "student")
            key = f"enroll-{len(self.tokens)}"
            await node.command(token, "enrollment.enroll", key, course=self.room)
        return self.tokens[-count:]

    async def make_admin(self) -> str:
        """A token of somebody who may change others' accounts."""
        email = f"admin-{bson.ObjectId()}@example.org"
        words = ("create-user", email, "--name", "Admin", "--role", "admin")
        await self._node.run_command(*words, given=PASSWORD)
        answer = await self._node.api(
            "POST", "/api/sessions", {"email": email, "password": PASSWORD}
        )
        token: str = answer["access_token"]
        return token

    async def sign_up(self, node: "Node", role: str) -> str:
        account = {
            "email": f"{role}-{bson.ObjectId()}@example.org",
            "password": PASSWORD,
            "name": f"{role.title()} {len(self.tokens)}",
            "role": role,
        }
        answer = await node.api("POST", "/api/accounts", account)
        self.tokens.append(answer["access_token"])
        self.emails.append(account["email"])
        return self.tokens[-1]

    async def renew(self) -> None:
        """Sign everyone in again: an access token is good for a quarter of an hour."""
        for number, email in enumerate(self.emails):
            credentials = {"email": email, "password": PASSWORD}
            answer = await self._node.api("POST", "/api/sessions", credentials)
            self.tokens[number] = answer["access_token"]

    async def command(self, token: str, cmd: str, key: str, **args: Any) -> Json:
        return await self._node.command(token, cmd, key, **args)


def write_stored(folder: Path, uri: str, room: str, database: str = "elearn") -> int:
    """What the store holds of a room, read past elearn, as one more ledger; the newest seq."""
    ledger = Ledger(folder, "store")
    newest = 0
    with MongoClient(uri) as client:
        for row in client[database].events.find({"topic": f"room:{room}"}).sort("seq", 1):
            text = row["data"].get("body") if row["event"] == "chat.posted" else None
            key = text.split()[0] if text else row["_id"]
            ledger.write("stored", id=row["_id"], seq=row["seq"], key=key)
            newest = row["seq"]
    ledger.close()
    return newest
