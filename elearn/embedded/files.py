"""Where the embedded store keeps what in the data directory, and the locks that say who lives."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path


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


def open_lock(path: Path) -> int:
    """Close-on-exec (Python's default), so that no child holds by accident what it inherited."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def try_lock(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Whether somebody holds `path` alone."""
    lock = open_lock(path)
    try:
        return not try_lock(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def is_current(lock: int, path: Path) -> bool:
    """Whether an open lock is still the file at `path`, and not one that was removed since."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except OSError:
        return False


def wait_unlocked(path: Path, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while is_locked(path):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True
