"""The embedded store: a MongoDB-compatible server on a file in the data directory.

Three kinds of process take part. Users of the store (the server, the command line) hold a
shared lock on `store.lock`. A keeper (`python -m elearn.embedded DIR`) runs as long as somebody
holds it; there is one, because it holds `store/keeper.lock` alone. The store itself
(`python -m elearn.embedded DIR --port N`) is the keeper's child: it inherits `store/nx.lock`,
which therefore tells without doubt whether one still lives, and it ends when its keeper is gone.
"""

import fcntl
import importlib.util
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from elearn.embedded.files import StoreFiles, StoreUnavailable, is_locked, open_lock, try_lock
from elearn.embedded.keeper import IDLE_S
from elearn.embedded.ports import live_address
from elearn.embedded.process import COMMAND, PACKAGE_ROOT

WATCH_S = 1.0


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
        users_lock = open_lock(files.users_lock)
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
        held = held or try_lock(users_lock, fcntl.LOCK_SH)
        if held:
            if not is_locked(files.keeper_lock):
                status = 0 if keeper is None else keeper.returncode
                if status is not None and status <= 0:
                    keeper = _start_keeper(files, idle_s)
                elif status is not None:
                    raise StoreUnavailable(
                        f"The embedded store cannot start: the end of {files.log} says why."
                    )
            elif (uri := live_address(files)) is not None:
                return uri
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                f"The embedded store in {files.folder} did not answer in time: see"
                f" {files.log}, and try again."
            )
        time.sleep(0.02)


def _restart_keeper(files: StoreFiles, idle_s: float) -> bool:
    if is_locked(files.keeper_lock):
        return False
    _start_keeper(files, idle_s)
    return True


def _start_keeper(files: StoreFiles, idle_s: float) -> "subprocess.Popen[bytes]":
    """A process of its own session, which neither Ctrl-C nor the end of this one reaches."""
    keeper = subprocess.Popen(
        [*COMMAND, str(files.data_dir), "--idle", str(idle_s)],
        cwd=PACKAGE_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Reaped when it ends: no zombie stays behind in a server that runs for months.
    threading.Thread(target=keeper.wait, name="store-keeper", daemon=True).start()
    return keeper
