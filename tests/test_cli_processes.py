"""The commands as processes of their own on one data directory: beside a server and alone."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from elearn.embedded.process import PACKAGE_ROOT
from tests.error_log import require_no_errors
from tests.live import LiveClient, until

LIMIT_S = 60.0
COURSES = '{"id": "a", "title": "Ornithology"}\n{"id": "b", "title": "Oceanography"}\n'


class Machine:
    """One data directory and port, with the commands that are run there."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def environment(self, **settings: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ELEARN_")}
        own = {"ELEARN_DATA_DIR": str(self.data_dir), "ELEARN_PORT": str(self.port)}
        return {**inherited, **own, **settings}

    def run(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *words],
            cwd=PACKAGE_ROOT,
            env=self.environment(**settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )

    def elearn(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return self.run("-m", "elearn", *words, **settings)

    @contextmanager
    def serve(self) -> Iterator["subprocess.Popen[str]"]:
        """A server that has said its line; killed if the test did not end it."""
        with subprocess.Popen(
            [sys.executable, "-m", "elearn", "serve"],
            cwd=PACKAGE_ROOT,
            env=self.environment(ELEARN_LOG_LEVEL="warning"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stdout is not None
            try:
                line = server.stdout.readline()
                assert f"http://localhost:{self.port} " in line
                yield server
            finally:
                server.kill()
                if server.stderr is not None and not server.stderr.closed:
                    require_no_errors(server.stderr.read())


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture
def server(machine: Machine) -> Iterator["subprocess.Popen[str]"]:
    with machine.serve() as server:
        yield server


def test_sigterm_ends_the_server_in_order(
    machine: Machine, server: "subprocess.Popen[str]"
) -> None:
    server.send_signal(signal.SIGTERM)
    rest, errors = server.communicate(timeout=LIMIT_S)
    assert (server.returncode, rest, errors) == (0, "", "")


def test_a_second_server_says_in_one_line_what_is_in_its_way(
    machine: Machine, server: "subprocess.Popen[str]"
) -> None:
    same_port = machine.elearn("serve")
    assert same_port.returncode == 1
    assert same_port.stderr == (
        f"elearn: port {machine.port} is in use: stop the other server, or set ELEARN_PORT\n"
    )
    same_directory = machine.elearn("serve", ELEARN_PORT="0")
    assert same_directory.returncode == 1
    assert "another server uses" in same_directory.stderr
    assert "ELEARN_DATA_DIR" in same_directory.stderr
    assert same_directory.stderr.count("\n") == 1


def test_a_start_says_in_one_line_which_settings_have_no_effect(
    machine: Machine, server: "subprocess.Popen[str]"
) -> None:
    beside = machine.elearn("serve", ELEARN_SMTP_URL="smtp://mail.example.org", ELEARN_PROT="1")
    first, _, rest = beside.stderr.partition("\n")
    assert first.startswith("ELEARN_PROT, ELEARN_SMTP_URL: no setting of elearn")
    assert "is in use" in rest


async def test_a_running_server_shows_an_import_in_its_search_within_two_seconds(
    machine: Machine, server: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    file = tmp_path / "courses.jsonl"
    file.write_text(COURSES)
    words = ("--name", "Ada", "--role", "teacher", "--password", "teal-lantern-42")
    assert machine.elearn("create-user", "ada@example.org", *words).returncode == 0
    done = machine.elearn("import-courses", str(file), "--teacher", "ada@example.org")
    assert (done.returncode, done.stdout.count("2 courses were created")) == (0, 1)
    ended = time.monotonic()
    origin = f"http://localhost:{machine.port}"
    request = HTTPRequest(f"ws://localhost:{machine.port}/ws", headers={"Origin": origin})
    client = LiveClient(await websocket_connect(request))

    async def shown() -> bool:
        reply = await client.ask("search.suggest", q="ornithology")
        return bool(reply["ok"]) and bool(reply["result"]["hits"])

    try:
        await until(shown)
        assert time.monotonic() - ended < 2
    finally:
        client.close()


def test_the_script_rebuilds_the_index_beside_a_server_and_alone(machine: Machine) -> None:
    with machine.serve():
        beside = machine.run("scripts/reindex.py")
    alone = machine.run("scripts/reindex.py")
    for done in (beside, alone):
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("indexed 2 courses in ")
    check = machine.elearn("check")
    assert check.returncode == 0
    assert "answers; 2 courses in the index" in check.stdout
