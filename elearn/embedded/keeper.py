"""The keeper of one data directory's embedded store: starts it, watches it, ends it when idle."""

import contextlib
import fcntl
import logging
import logging.handlers
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from elearn.embedded.files import (
    StoreFiles,
    StoreUnavailable,
    is_current,
    open_lock,
    try_lock,
    wait_unlocked,
    write_whole,
)
from elearn.embedded.ports import answers, reserved_port
from elearn.embedded.process import COMMAND, PACKAGE_ROOT, STOP_S, store_pid

IDLE_S = 5.0
POLL_S = 0.1
START_S = 15.0
LOG_BYTES = 1_000_000


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
        with only_keeper(self._files.keeper_lock) as alone:
            if not alone:
                return 0
            self._files.address.unlink(missing_ok=True)
            try:
                self._end_left_over()
                with reserved_port(self._files.read_port()) as port:
                    write_whole(self._files.port, str(port))
                    return self._keep(port)
            except (OSError, StoreUnavailable) as error:
                self._log.error("the store cannot be started: %s", error)
                return 1

    def _keep(self, port: int) -> int:
        users_lock = open_lock(self._files.users_lock)
        try:
            self._start(port)
            uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
            write_whole(self._files.address, uri)
            self._log.info("the store answers on port %d", port)
            self._watch(port, users_lock)
            return 0
        finally:
            if is_current(users_lock, self._files.users_lock):
                self._files.address.unlink(missing_ok=True)
            self._stop()
            os.close(users_lock)

    def _watch(self, port: int, users_lock: int) -> None:
        """Returns holding the users' lock alone when idle: who comes now waits until the store is
        down instead of joining one that is being stopped."""
        idle_since: float | None = None
        retry_s = POLL_S
        while not self._ending.wait(POLL_S):
            if not is_current(users_lock, self._files.users_lock):
                # A new directory may stand in its place, with a keeper and an address of its own.
                self._log.warning("the data directory was removed, the store ends")
                return
            if self._nx is None or self._nx.poll() is not None:
                retry_s = self._start_again(port, retry_s)
            now = time.monotonic()
            if not try_lock(users_lock, fcntl.LOCK_EX):
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
        lock = open_lock(self._files.nx_lock)
        try:
            if not try_lock(lock, fcntl.LOCK_EX):
                raise StoreUnavailable(f"another store still uses {self._files.database}")
            self._nx = subprocess.Popen(
                [*COMMAND, str(self._files.data_dir), "--port", str(port)],
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
            if sent is not None and (pid := store_pid(self._files)) is not None:
                self._log.warning("a left-over store, process %d, is ended", pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sent)
            if wait_unlocked(self._files.nx_lock, wait_s):
                self._files.pid.unlink(missing_ok=True)
                return
        raise StoreUnavailable(f"another program holds {self._files.nx_lock}")


@contextlib.contextmanager
def only_keeper(path: Path) -> Iterator[bool]:
    """Whether this process is the keeper. Tried for a moment, because who looks whether a keeper
    runs holds the lock for an instant."""
    lock = open_lock(path)
    try:
        deadline = time.monotonic() + 0.5
        while not (alone := try_lock(lock, fcntl.LOCK_EX)) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield alone
    finally:
        os.close(lock)


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
