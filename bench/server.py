"""Servers under load are processes of their own, told what to do by lines of JSON."""

import asyncio
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILES = 16_384
PASSWORD = "a quiet bench in the park"

Json = dict[str, Any]
Job = Callable[..., Awaitable[Json]]


def raise_file_limit() -> None:
    """A thousand sockets on both ends need more open files than most shells allow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def cores() -> tuple[int, int] | None:
    """One for the server and one for the load, so that neither takes the other's time."""
    found = sorted(os.sched_getaffinity(0))
    return (found[0], found[-1]) if len(found) > 1 else None


def memory_in_use() -> Json:
    """What this process holds of the machine's memory, after a sweep of what nobody uses."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {"bytes": pages * os.sysconf("SC_PAGE_SIZE")}


class Server:
    """A server process; its first line says its port. On `core` it has that core alone. With a
    `folder` it finds there what an earlier one left."""

    def __init__(
        self,
        command: str | Sequence[str],
        *arguments: str,
        core: int | None = None,
        folder: Path | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="elearn-bench-", ignore_cleanup_errors=True
        )
        begin = [sys.executable, "-m", command] if isinstance(command, str) else list(command)
        self._process = subprocess.Popen(
            [*begin, str(folder or self._folder.name), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            preexec_fn=(lambda: os.sched_setaffinity(0, {core})) if core is not None else None,
        )
        self._keys = 0
        self.port: int = self._answer()["port"]

    def begin(self, job: str, **arguments: Any) -> None:
        """Tell it to do something, and go on."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"job": job, **arguments}) + "\n")
        self._process.stdin.flush()

    def do(self, job: str, **arguments: Any) -> Json:
        self.begin(job, **arguments)
        return self.end()

    def end(self) -> Json:
        """What the job that was begun came to."""
        return self._answer()

    def _answer(self) -> Json:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the server ended: see what it wrote above")
        answer: Json = json.loads(line)
        return answer

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._folder.cleanup()

    # elearn over HTTP, for setting a scene

    def sign_up(self, name: str, role: str) -> str:
        """A new account's access token."""
        email = f"{name.lower().replace(' ', '.')}@example.org"
        body = {"email": email, "password": PASSWORD, "name": name, "role": role}
        return str(self._post("/api/accounts", body)["access_token"])

    def command(self, token: str, cmd: str, **args: Any) -> Json:
        self._keys += 1
        body = {"cmd": cmd, "args": args, "key": f"bench-{self._keys}"}
        answer: Json = self._post("/api/commands", body, token)["result"]
        return answer

    def make_course(self, token: str, title: str) -> str:
        body = {"title": title, "published": True}
        return str(self._post("/api/courses", body, token)["course"]["id"])

    def change_course(self, token: str, course: str, title: str) -> None:
        self._send("PATCH", f"/api/courses/{course}", {"title": title}, token)

    def _post(self, path: str, body: Json, token: str | None = None) -> Json:
        return self._send("POST", path, body, token)

    def _send(self, method: str, path: str, body: Json, token: str | None) -> Json:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps(body).encode(),
            headers,
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answer: Json = json.load(response)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()}") from error
        return answer


async def serve_jobs(port: int, jobs: dict[str, Job]) -> None:
    """The server's side: say the port, then do jobs until the input ends."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    _say({"port": port})
    while line := await lines.readline():
        arguments = json.loads(line)
        _say(await jobs[arguments.pop("job")](**arguments))


def _say(answer: Json) -> None:
    print(json.dumps(answer), flush=True)
