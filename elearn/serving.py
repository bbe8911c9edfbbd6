"""Which server has the data directory: the embedded index has one writer, the serving process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elearn.errors import ConfigError


@contextmanager
def hold_serving(data_dir: Path) -> Iterator[None]:
    """Serve from this directory alone; the lock goes with the process, however it ends."""
    lock = os.open(_path(data_dir), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"another server uses {data_dir}: stop it, or give this one its own ELEARN_DATA_DIR"
            ) from None
        yield
    finally:
        os.close(lock)


def server_runs(data_dir: Path) -> bool:
    try:
        lock = os.open(_path(data_dir), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _path(data_dir: Path) -> Path:
    return data_dir / "serving.lock"
