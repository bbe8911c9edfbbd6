"""The embedded store's own process: being it, and finding the one of a data directory."""

import importlib
import logging
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from elearn.embedded.files import StoreFiles

STOP_S = 3.0
PACKAGE_ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "elearn.embedded")


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


def store_pid(files: StoreFiles) -> int | None:
    """The process in the pid file, if it is the store of this data directory."""
    try:
        pid = int(files.pid.read_text("ascii"))
    except (OSError, ValueError):
        return None
    words = command_line(pid)
    ours = "elearn.embedded" in words and "--port" in words and str(files.data_dir) in words
    return pid if ours else None


def command_line(pid: int) -> list[str]:
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
