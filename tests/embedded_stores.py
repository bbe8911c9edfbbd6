"""Embedded stores as the tests see them: joined, written to, looked for, killed."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable

import pymongo

from elearn.embedded.files import StoreFiles, is_locked
from elearn.embedded.ports import port_of
from elearn.embedded.store import StoreLease, join_store

IDLE_S = 0.2


def until(true: Callable[[], object], *, within_s: float = 15) -> None:
    """Waits for other processes, which give no other sign."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def join(files: StoreFiles) -> StoreLease:
    return join_store(files.data_dir, idle_s=IDLE_S, watch_s=0.05)


def is_down(files: StoreFiles) -> bool:
    locks = (files.keeper_lock, files.nx_lock)
    return not any(path.exists() and is_locked(path) for path in locks)


def port(lease: StoreLease) -> int:
    return port_of(lease.uri)


def keeper_pids(files: StoreFiles) -> list[int]:
    """From the list of processes, as a person would find them."""
    listed = subprocess.run(["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True)
    mine = re.compile(rf"\s*(\d+) .*elearn\.embedded {re.escape(str(files.data_dir))} --idle")
    return [int(found[1]) for line in listed.stdout.splitlines() if (found := mine.match(line))]


def save(lease: StoreLease, text: str) -> None:
    with pymongo.MongoClient[dict[str, str]](lease.uri, serverSelectionTimeoutMS=10_000) as client:
        client.elearn.notes.insert_one({"text": text})


def saved(lease: StoreLease) -> list[str]:
    with pymongo.MongoClient[dict[str, str]](lease.uri, serverSelectionTimeoutMS=10_000) as client:
        return sorted(note["text"] for note in client.elearn.notes.find())


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
