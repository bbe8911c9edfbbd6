"""The same tests on other engines: a second server that speaks MongoDB's protocol, a real
Elasticsearch. Each is started on a free port with data of its own, and ended.

    python -m tests.engines [--folder DIR] [--only mongodb|elasticsearch] [pytest's arguments]
"""

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from elearn.embedded.ports import answers

ELASTICSEARCH_SETTING = "ELEARN_TEST_ELASTICSEARCH_URL"
ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "../shared/engines"
# The first start builds or unpacks the engine.
START_S = 300.0
# What is of the embedded store, of the browser or of the source text alone says nothing here.
APART = ("browser", "embedded", "structure", "faults", "search")
STORE_TESTS = ["tests", *(f"--ignore=tests/{name}" for name in APART)]
SEARCH_TESTS = [
    *("tests/search", "tests/flows/test_search.py"),
    *("tests/flows/test_search_reduced.py", "tests/flows/test_search_leaks_live.py"),
    *("tests/ops/test_reindexing.py", "tests/nodes/test_shared_index.py"),
    "tests/cases/test_a_search_away.py",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _green(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_cluster/health", timeout=2) as found:
            return bool(found.status == 200)
    except (OSError, urllib.error.URLError):
        return False


class NotStarted(Exception):
    """Why, in one line."""


@contextlib.contextmanager
def engine(run: Path, ready: Callable[[int], bool]) -> Iterator[int]:
    """The engine's port, while it runs."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="elearn-engine-", ignore_cleanup_errors=True) as folder:
        log = Path(folder, "log")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [run, str(port), str(Path(folder, "data"))],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            deadline = time.monotonic() + START_S
            while not ready(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    said = " ".join(log.read_text(errors="replace")[-2000:].split())
                    raise NotStarted(f"{run} said: {said}")
                time.sleep(0.2)
            yield port
        finally:
            # Its own session: the launcher's children go with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextlib.contextmanager
def elasticsearch(folder: Path) -> Iterator[str]:
    """The address of one: that of the setting, or of one started from the folder meanwhile."""
    if given := os.environ.get(ELASTICSEARCH_SETTING):
        yield given
        return
    run = folder.resolve() / "elasticsearch" / "run"
    if not run.exists():
        raise NotStarted(f"{ELASTICSEARCH_SETTING} is not set, and there is no {run}")
    with engine(run, _green) as port:
        yield f"http://127.0.0.1:{port}"


def tested(name: str, setting: str, value: str, arguments: list[str]) -> bool:
    print(f"the tests on {name}", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env={**os.environ, setting: value}
    )
    print(f"on {name}: status {done.returncode} after {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only", choices=["mongodb", "elasticsearch"])
    options, further = parser.parse_known_args()
    folder: Path = options.folder.resolve()
    if not (folder / "mongodb" / "run").exists():
        sys.exit(f"there are no engines in {folder}")
    well = True
    if options.only != "elasticsearch":
        with engine(folder / "mongodb" / "run", answers) as port:
            uri = f"mongodb://127.0.0.1:{port}"
            more = [*STORE_TESTS, *further]
            well = tested("mongo-java-server", "ELEARN_TEST_MONGODB_URI", uri, more)
    if options.only != "mongodb":
        well = _search_tested(folder, further) and well
    return 0 if well else 1


def _search_tested(folder: Path, further: list[str]) -> bool:
    try:
        with elasticsearch(folder) as url:
            more = [*SEARCH_TESTS, *further]
            return tested("Elasticsearch", ELASTICSEARCH_SETTING, url, more)
    except NotStarted as error:
        if "no JDK" not in str(error):
            raise
        print(f"left out, for want of a newer Java: {error}", flush=True)
        return True


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
