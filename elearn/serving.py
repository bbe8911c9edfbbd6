"""Which process has the data directory: the embedded index has one writer, the serving process or
a rebuild without a server."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elearn.errors import ConfigError

SERVER, REINDEX = "server", "reindex"


@contextmanager
def hold_data(data_dir: Path, holder: str) -> Iterator[None]:
    """The lock goes with the process, however it ends. Makes the directory where it is missing."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(_path(data_dir), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"the data directory {data_dir} cannot be used ({error.strerror}):"
            " make it writable, or choose another one with ELEARN_DATA_DIR"
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(_in_the_way(data_dir)) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, holder.encode(), 0)
        yield
    finally:
        os.close(lock)


def _in_the_way(data_dir: Path) -> str:
    if _path(data_dir).read_text() == REINDEX:
        return f"`elearn reindex` is at work in {data_dir}: wait for it, or stop it"
    return f"another server uses {data_dir}: stop it, or give this one its own ELEARN_DATA_DIR"


def server_runs(data_dir: Path) -> bool:
    return holder_of(data_dir) == SERVER


def holder_of(data_dir: Path) -> str | None:
    """Who has the directory now; None when nobody has."""
    try:
        lock = os.open(_path(data_dir), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return REINDEX if os.pread(lock, 16, 0) == REINDEX.encode() else SERVER
    finally:
        os.close(lock)
    return None


def _path(data_dir: Path) -> Path:
    return data_dir / "serving.lock"
