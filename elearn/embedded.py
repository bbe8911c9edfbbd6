"""The embedded store: a MongoDB-compatible server on a file in the data directory.

Three kinds of process take part. Users of the store (the server, the command line) hold a
shared lock on `store.lock`. A keeper (`python -m elearn.embedded DIR`) runs as long as somebody
holds it; there is one, because it holds `store/keeper.lock` alone. The store itself
(`python -m elearn.embedded DIR --port N`) is the keeper's child: it inherits `store/nx.lock`,
which therefore tells without doubt whether one still lives, and it ends when its keeper is gone.
"""

import argparse
import contextlib
import fcntl
import importlib
import importlib.util
import logging
import logging.handlers
import os
import random
import shlex
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import bson

IDLE_S = 5.0
POLL_S = 0.1
WATCH_S = 1.0
START_S = 15.0
STOP_S = 3.0
LOG_BYTES = 1_000_000
# Below the ports that systems hand out to outgoing connections: a driver that calls again and
# again while the store is away could otherwise be given this very port and keep it.
PORTS = range(20_000, 30_000)
OP_MSG = 2013
PACKAGE_ROOT = Path(__file__).resolve().parent.parent


class StoreUnavailable(Exception):
    """The embedded store cannot be used; the text is one line that says what to do."""


@dataclass(frozen=True)
class StoreFiles:
    """Where the embedded store keeps what, below one data directory."""

    data_dir: Path

    @property
    def folder(self) -> Path:
        return self.data_dir / "store"

    @property
    def users_lock(self) -> Path:
        return self.data_dir / "store.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.folder / "keeper.lock"

    @property
    def nx_lock(self) -> Path:
        return self.folder / "nx.lock"

    @property
    def database(self) -> Path:
        return self.folder / "elearn.db"

    @property
    def pid(self) -> Path:
        return self.folder / "nx.pid"

    @property
    def address(self) -> Path:
        return self.folder / "address"

    @property
    def port(self) -> Path:
        """The last port: it outlives the address, because drivers go on calling it."""
        return self.folder / "port"

    @property
    def log(self) -> Path:
        return self.folder / "store.log"

    def read_address(self) -> str | None:
        try:
            return self.address.read_text("ascii").strip() or None
        except (OSError, ValueError):
            return None

    def read_port(self) -> int | None:
        try:
            return int(self.port.read_text("ascii"))
        except (OSError, ValueError):
            return None


def write_whole(path: Path, text: str) -> None:
    """In one step: a reader sees the old text, none, or the whole new one."""
    draft = path.with_suffix(".new")
    draft.write_text(text + "\n", "ascii")
    draft.replace(path)


# --- for those who use the store -----------------------------------------------------------


class StoreLease:
    """One process's hold on the store: while it is open the store stays up.

    A thread looks every second whether the keeper lives and starts another when it does not, so
    that a running server gets its store back whatever was killed.
    """

    def __init__(
        self, uri: str, users_lock: int, restart: Callable[[], bool], *, watch_s: float = WATCH_S
    ) -> None:
        self.uri = uri
        self._users_lock: int | None = users_lock
        self._restart = restart
        self._closing = threading.Event()
        self._watcher = threading.Thread(
            target=self._watch, args=(watch_s,), name="store-watch", daemon=True
        )
        self._watcher.start()

    def _watch(self, watch_s: float) -> None:
        wait_s = watch_s
        while not self._closing.wait(wait_s):
            try:
                restarted = self._restart()
            except OSError:
                restarted = True
            wait_s = min(wait_s * 2, 30.0) if restarted else watch_s

    def close(self) -> None:
        """Let go; the keeper ends the store when nobody else holds it. A second call does
        nothing."""
        self._closing.set()
        self._watcher.join()
        if self._users_lock is not None:
            os.close(self._users_lock)
            self._users_lock = None

    def __enter__(self) -> "StoreLease":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def join_store(
    data_dir: Path, *, timeout_s: float = 20, idle_s: float = IDLE_S, watch_s: float = WATCH_S
) -> StoreLease:
    """Hold the store of `data_dir`, started if it does not run; blocks, so call it in a thread.

    `idle_s` is for a keeper that this call starts. The lock is taken before the address is read:
    a keeper that is about to end holds it alone until its store is down and its address gone.
    Raises `StoreUnavailable`.
    """
    files = StoreFiles(data_dir.resolve())
    if importlib.util.find_spec("nx_27017") is None:
        raise StoreUnavailable(
            "The embedded store needs the package nx-27017: install it with"
            " `pip install nx-27017`, or name a MongoDB server in ELEARN_MONGODB_URI."
        )
    deadline = time.monotonic() + timeout_s
    try:
        files.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        users_lock = _open_lock(files.users_lock)
    except OSError as error:
        raise _unusable(files, error) from error
    try:
        uri = _wait_for_address(files, users_lock, deadline, idle_s)
        return StoreLease(uri, users_lock, lambda: _restart_keeper(files, idle_s), watch_s=watch_s)
    except BaseException as error:
        os.close(users_lock)
        if isinstance(error, OSError):
            raise _unusable(files, error) from error
        raise


def _unusable(files: StoreFiles, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"The data directory {files.data_dir} cannot be used ({error.strerror or error}):"
        " make it writable, or choose another one with ELEARN_DATA_DIR."
    )


def _wait_for_address(files: StoreFiles, users_lock: int, deadline: float, idle_s: float) -> str:
    """A keeper that lost the start to another one, or was killed, is followed by the next try;
    one that says it cannot start the store is believed."""
    keeper: subprocess.Popen[bytes] | None = None
    held = False
    while True:
        held = held or _try_lock(users_lock, fcntl.LOCK_SH)
        if held:
            if not _is_locked(files.keeper_lock):
                status = 0 if keeper is None else keeper.returncode
                if status is not None and status <= 0:
                    keeper = _start_keeper(files, idle_s)
                elif status is not None:
                    raise StoreUnavailable(
                        f"The embedded store cannot start: the end of {files.log} says why."
                    )
            elif (uri := _live_address(files)) is not None:
                return uri
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                f"The embedded store in {files.folder} did not answer in time: see"
                f" {files.log}, and try again."
            )
        time.sleep(0.02)


def _live_address(files: StoreFiles) -> str | None:
    """The address, if the store answers there and a new keeper did not withdraw it meanwhile."""
    uri = files.read_address()
    if uri is None or not answers(_port_of(uri)):
        return None
    return uri if files.read_address() == uri else None


def _restart_keeper(files: StoreFiles, idle_s: float) -> bool:
    if _is_locked(files.keeper_lock):
        return False
    _start_keeper(files, idle_s)
    return True


def _start_keeper(files: StoreFiles, idle_s: float) -> "subprocess.Popen[bytes]":
    """A process of its own session, which neither Ctrl-C nor the end of this one reaches."""
    keeper = subprocess.Popen(
        [sys.executable, "-m", "elearn.embedded", str(files.data_dir), "--idle", str(idle_s)],
        cwd=PACKAGE_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Reaped when it ends: no zombie stays behind in a server that runs for months.
    threading.Thread(target=keeper.wait, name="store-keeper", daemon=True).start()
    return keeper


# --- the keeper ----------------------------------------------------------------------------


class Keeper:
    """Runs the store of one data directory for as long as somebody holds it."""

    def __init__(self, files: StoreFiles, *, idle_s: float = IDLE_S) -> None:
        self._files = files
        self._idle_s = idle_s
        self._log = logging.getLogger("elearn.embedded")
        self._ending = threading.Event()
        self._nx: subprocess.Popen[bytes] | None = None

    def end(self) -> None:
        self._ending.set()

    def run(self) -> int:
        """Until nobody held the store for `idle_s`, or `end`: the process's exit status.

        0 also when another keeper is there already; 1 when the store cannot be started.
        """
        with _only_keeper(self._files.keeper_lock) as alone:
            if not alone:
                return 0
            self._files.address.unlink(missing_ok=True)
            try:
                self._end_left_over()
                with _reserved_port(self._files.read_port()) as port:
                    write_whole(self._files.port, str(port))
                    return self._keep(port)
            except (OSError, StoreUnavailable) as error:
                self._log.error("the store cannot be started: %s", error)
                return 1

    def _keep(self, port: int) -> int:
        users_lock = _open_lock(self._files.users_lock)
        try:
            self._start(port)
            uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
            write_whole(self._files.address, uri)
            self._log.info("the store answers on port %d", port)
            self._watch(port, users_lock)
            return 0
        finally:
            self._files.address.unlink(missing_ok=True)
            self._stop()
            os.close(users_lock)

    def _watch(self, port: int, users_lock: int) -> None:
        """Returns holding the users' lock alone when idle: who comes now waits until the store is
        down instead of joining one that is being stopped."""
        idle_since: float | None = None
        retry_s = POLL_S
        while not self._ending.wait(POLL_S):
            if self._nx is None or self._nx.poll() is not None:
                retry_s = self._start_again(port, retry_s)
            now = time.monotonic()
            if not _try_lock(users_lock, fcntl.LOCK_EX):
                idle_since = None
                continue
            idle_since = now if idle_since is None else idle_since
            if now - idle_since >= self._idle_s:
                self._log.info("nobody uses the store, it ends")
                return
            fcntl.flock(users_lock, fcntl.LOCK_UN)

    def _start_again(self, port: int, retry_s: float) -> float:
        """On the same port, which the drivers of all users still call; the next pause."""
        self._log.warning("the store has ended by itself and is started again")
        try:
            self._start(port)
            return POLL_S
        except (OSError, StoreUnavailable) as error:
            self._log.error("the store cannot be started again: %s", error)
            self._stop()
            self._ending.wait(retry_s)
            return min(retry_s * 2, 5.0)

    def _start(self, port: int) -> None:
        """Start the store and wait until it answers."""
        self._files.pid.unlink(missing_ok=True)
        lock = _open_lock(self._files.nx_lock)
        try:
            if not _try_lock(lock, fcntl.LOCK_EX):
                raise StoreUnavailable(f"another store still uses {self._files.database}")
            command = [sys.executable, "-m", "elearn.embedded"]
            self._nx = subprocess.Popen(
                [*command, str(self._files.data_dir), "--port", str(port)],
                cwd=PACKAGE_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(lock,),
            )
        finally:
            os.close(lock)
        assert self._nx.stderr is not None
        threading.Thread(target=self._copy_log, args=(self._nx.stderr,), daemon=True).start()
        deadline = time.monotonic() + START_S
        while not answers(port):
            if self._nx.poll() is not None:
                raise StoreUnavailable(f"it ended with status {self._nx.returncode}")
            if time.monotonic() > deadline or self._ending.wait(0.02):
                raise StoreUnavailable("it did not answer in time")

    def _copy_log(self, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self._log.info("nx: %s", line.decode("utf-8", "replace").rstrip())

    def _stop(self) -> None:
        if self._nx is None:
            return
        assert self._nx.stdin is not None
        with contextlib.suppress(OSError):
            self._nx.stdin.close()
        self._nx.terminate()
        try:
            self._nx.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._nx.kill()
            self._nx.wait()
        self._nx = None

    def _end_left_over(self) -> None:
        """End the store of a keeper that was killed, and nothing else.

        A number in the pid file may by now be another program's, or a zombie's; and nx refuses
        to start while any process has it, so the file goes in every case.
        """
        for sent, wait_s in ((None, 0.0), (signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
            if sent is not None and (pid := _store_pid(self._files)) is not None:
                self._log.warning("a left-over store, process %d, is ended", pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sent)
            if _wait_unlocked(self._files.nx_lock, wait_s):
                self._files.pid.unlink(missing_ok=True)
                return
        raise StoreUnavailable(f"another program holds {self._files.nx_lock}")


def _store_pid(files: StoreFiles) -> int | None:
    """The process in the pid file, if it is the store of this data directory."""
    try:
        pid = int(files.pid.read_text("ascii"))
    except (OSError, ValueError):
        return None
    words = _command_line(pid)
    ours = "elearn.embedded" in words and "--port" in words and str(files.data_dir) in words
    return pid if ours else None


def _command_line(pid: int) -> list[str]:
    """The words a process was started with; empty for a zombie and for no process."""
    proc = Path(f"/proc/{pid}/cmdline")
    if proc.parent.parent.joinpath("self").exists():
        try:
            return proc.read_bytes().decode("utf-8", "surrogateescape").split("\0")
        except OSError:
            return []
    # Systems without /proc (macOS): the words come back unquoted, which only a path with
    # spaces would notice, and such a store is then waited for instead of ended.
    found = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True
    )
    return shlex.split(found.stdout) if found.returncode == 0 else []


@contextlib.contextmanager
def _only_keeper(path: Path) -> Iterator[bool]:
    """Whether this process is the keeper. Tried for a moment, because who looks whether a keeper
    runs holds the lock for an instant."""
    lock = _open_lock(path)
    try:
        deadline = time.monotonic() + 0.5
        while not (alone := _try_lock(lock, fcntl.LOCK_EX)) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield alone
    finally:
        os.close(lock)


@contextlib.contextmanager
def _reserved_port(preferred: int | None) -> Iterator[int]:
    """A free loopback port, the last one if possible.

    That one is waited for, because a store that was just killed may hold it for an instant more.
    """
    deadline = time.monotonic() + 1.0
    twin = None
    if preferred is not None and preferred in PORTS:
        while (twin := _reserve(preferred)) is None and time.monotonic() < deadline:
            time.sleep(0.02)
    for port in random.sample(PORTS, 50):
        twin = twin or _reserve(port)
    if twin is None:
        raise StoreUnavailable("no free port was found")
    with twin:
        yield twin.getsockname()[1]


def _reserve(port: int) -> socket.socket | None:
    """The UDP port of the same number, to be held while the store runs: two keepers that start at
    once can then never settle on one port and take each other's store for their own."""
    twin = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        twin.bind(("127.0.0.1", port))
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
            trial.listen(1)
    except OSError:
        twin.close()
        return None
    return twin


# --- locks and the wire ----------------------------------------------------------------------


def _open_lock(path: Path) -> int:
    """Close-on-exec (Python's default), so that no child holds by accident what it inherited."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _try_lock(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_locked(path: Path) -> bool:
    """Whether somebody holds `path` alone."""
    lock = _open_lock(path)
    try:
        return not _try_lock(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _wait_unlocked(path: Path, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while _is_locked(path):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def _port_of(uri: str) -> int:
    digits = uri.partition("127.0.0.1:")[2].partition("/")[0]
    return int(digits) if digits.isdigit() and int(digits) < 65_536 else 0


def answers(port: int, *, timeout_s: float = 2.0) -> bool:
    """Whether a MongoDB-compatible server answers `ping` on this loopback port."""
    body = struct.pack("<IB", 0, 0) + bson.encode({"ping": 1, "$db": "admin"})
    request = struct.pack("<iiii", 16 + len(body), 1, 0, OP_MSG) + body
    try:
        with socket.create_connection(("127.0.0.1", port), timeout_s) as line:
            line.settimeout(timeout_s)
            line.sendall(request)
            with line.makefile("rb") as reply:
                length = struct.unpack("<i", reply.read(16)[:4])[0]
                document = bson.decode(reply.read(min(length, 65_536) - 16)[5:])
    except (OSError, ValueError, struct.error, bson.errors.BSONError):
        return False
    return document.get("ok") == 1


# --- the processes -----------------------------------------------------------------------------


def run_keeper(files: StoreFiles, *, idle_s: float) -> int:
    files.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(
        files.log, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log = logging.getLogger("elearn.embedded")
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    keeper = Keeper(files, idle_s=idle_s)
    signal.signal(signal.SIGTERM, lambda *_: keeper.end())
    try:
        return keeper.run()
    except Exception:
        log.exception("the keeper failed")
        return 1


def run_store(files: StoreFiles, port: int) -> None:
    """Be the store. Its log goes to the keeper, which bounds it, so the file nx wants is none; and
    only warnings, because nx tells of every command with what it carries."""
    logging.disable(logging.INFO)
    threading.Thread(target=_end_with_keeper, daemon=True).start()
    sys.argv = ["nx-27017", "--db", str(files.database), "--port", str(port)]
    sys.argv += ["--pid-file", str(files.pid), "--log-file", os.devnull]
    importlib.import_module("nx_27017.nx_27017").main()


def _end_with_keeper() -> None:
    """Standard input ends when the keeper does, however it does."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_S)
    os._exit(1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m elearn.embedded", description=__doc__)
    parser.add_argument("data_dir", type=Path, help="the data directory")
    parser.add_argument("--idle", type=float, default=IDLE_S, help="seconds without a user")
    parser.add_argument("--port", type=int, help="be the store itself, on this port")
    options = parser.parse_args()
    files = StoreFiles(options.data_dir.resolve())
    if options.port is None:
        return run_keeper(files, idle_s=options.idle)
    run_store(files, options.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
