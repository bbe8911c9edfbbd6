"""The embedded store comes up once, survives whatever is killed, and goes when nobody needs it."""

import fcntl
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pymongo
import pytest
from pymongo.errors import DuplicateKeyError

from elearn.embedded import StoreLease, join_store
from elearn.store_files import StoreFiles, StoreUnavailable, is_locked, open_lock, try_lock
from elearn.store_ports import answers, live_address, port_of, reserved_port
from elearn.store_process import PACKAGE_ROOT, command_line, store_pid

IDLE_S = 0.2


def until(true: Callable[[], object], *, within_s: float = 15) -> None:
    """Waits for other processes, which give no other sign."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[StoreFiles]:
    files = StoreFiles(tmp_path.resolve())
    yield files
    if files.folder.exists():
        until(lambda: is_down(files))


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


def test_what_was_stored_is_there_after_the_store_has_ended_and_come_back(
    files: StoreFiles,
) -> None:
    with join(files) as lease:
        save(lease, "first")
        first_uri = lease.uri
    until(lambda: is_down(files))
    assert not files.address.exists()
    assert not answers(port_of(first_uri))
    with join(files) as lease:
        assert saved(lease) == ["first"]


def test_the_store_stays_while_anybody_holds_it(files: StoreFiles) -> None:
    first = join(files)
    pid = store_pid(files)
    second = join(files)
    assert second.uri == first.uri
    first.close()
    users_lock = open_lock(files.users_lock)
    try:
        # Many turns of the keeper: it looks by taking the lock alone, which is refused.
        for _ in range(int(4 * IDLE_S / 0.02)):
            assert not try_lock(users_lock, fcntl.LOCK_EX)
            time.sleep(0.02)
    finally:
        os.close(users_lock)
    assert store_pid(files) == pid
    second.close()
    until(lambda: is_down(files))


def test_many_who_start_at_once_get_one_store(files: StoreFiles) -> None:
    script = (
        "import sys; from pathlib import Path; from elearn.embedded import join_store\n"
        f"with join_store(Path(sys.argv[1]), idle_s={IDLE_S}) as lease:\n"
        "    print(lease.uri, flush=True); sys.stdin.read()"
    )
    users = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(files.data_dir)],
            cwd=PACKAGE_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    addresses = {user.stdout.readline().strip() for user in users if user.stdout}
    try:
        assert len(addresses) == 1
        assert addresses.pop().startswith("mongodb://127.0.0.1:")
        until(lambda: len(keeper_pids(files)) == 1)
    finally:
        for user in users:
            user.communicate()


def test_threads_that_start_at_once_get_one_store(files: StoreFiles) -> None:
    with ThreadPoolExecutor(6) as pool:
        leases = list(pool.map(lambda _: join(files), range(6)))
    try:
        assert len({lease.uri for lease in leases}) == 1
    finally:
        for lease in leases:
            lease.close()


def test_joining_just_as_the_store_ends_always_gives_one_that_answers(files: StoreFiles) -> None:
    for turn in range(5):
        with join_store(files.data_dir, idle_s=0.0) as lease:
            save(lease, str(turn))
        if turn % 2:
            until(lambda: not files.address.exists())
    with join(files) as lease:
        assert saved(lease) == ["0", "1", "2", "3", "4"]


def test_a_killed_store_is_started_again_on_its_port(files: StoreFiles) -> None:
    with join(files) as lease:
        save(lease, "kept")
        killed = store_pid(files)
        kill(killed)
        until(lambda: store_pid(files) not in (None, killed) and answers(port(lease)))
        assert saved(lease) == ["kept"]


def test_a_running_user_gets_its_store_back_after_the_keeper_was_killed(
    files: StoreFiles,
) -> None:
    with join(files) as lease:
        save(lease, "kept")
        (keeper,), left_over = keeper_pids(files), store_pid(files)
        kill(keeper)
        until(lambda: store_pid(files) not in (None, left_over) and answers(port(lease)))
        assert saved(lease) == ["kept"]
        assert keeper not in keeper_pids(files)


def test_a_running_user_gets_its_store_back_after_keeper_and_store_were_killed(
    files: StoreFiles,
) -> None:
    with join(files) as lease:
        save(lease, "kept")
        killed = store_pid(files)
        (keeper,) = keeper_pids(files)
        kill(keeper)
        kill(killed)
        until(lambda: store_pid(files) not in (None, killed) and answers(port(lease)))
        assert saved(lease) == ["kept"]


def test_a_store_that_lost_its_keeper_and_its_users_ends_by_itself(files: StoreFiles) -> None:
    lease = join_store(files.data_dir, idle_s=IDLE_S, watch_s=60)
    kill(keeper_pids(files)[0])
    lease.close()
    until(lambda: is_down(files))


def test_a_left_over_store_that_does_not_end_is_ended_before_the_next_one(
    files: StoreFiles,
) -> None:
    lease = join_store(files.data_dir, idle_s=IDLE_S, watch_s=60)
    left_over = store_pid(files)
    assert left_over is not None
    os.kill(left_over, signal.SIGSTOP)
    kill(keeper_pids(files)[0])
    lease.close()
    with join(files) as lease:
        assert store_pid(files) != left_over
        assert command_line(left_over) in ([], [""])
        save(lease, "works")


def test_the_store_outlives_the_kill_of_its_first_user(files: StoreFiles) -> None:
    script = (
        "import sys; from pathlib import Path; from elearn.embedded import join_store\n"
        "lease = join_store(Path(sys.argv[1]), idle_s=5)\n"
        "print(lease.uri, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(files.data_dir)],
        cwd=PACKAGE_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as user:
        assert user.stdout is not None
        uri = user.stdout.readline().strip()
        pid = store_pid(files)
        user.kill()
    with join(files) as lease:
        assert (lease.uri, store_pid(files)) == (uri, pid)
    for keeper in keeper_pids(files):
        os.kill(keeper, signal.SIGTERM)


def test_a_store_that_comes_back_has_the_port_that_drivers_still_call(files: StoreFiles) -> None:
    with join(files) as lease:
        uri = lease.uri
    until(lambda: is_down(files))
    assert not files.address.exists()
    with join(files) as lease:
        assert lease.uri == uri


def test_stale_files_do_not_hinder_a_start_nor_hit_another_program(files: StoreFiles) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        files.folder.mkdir()
        files.pid.write_text(str(stranger.pid))
        files.port.write_text("9")
        files.address.write_text("mongodb://127.0.0.1:9/?directConnection=true")
        with join(files) as lease:
            assert port(lease) != 9
            save(lease, "works")
            assert store_pid(files) != stranger.pid
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("text", ["", "not an address", "mongodb://127.0.0.1:99999/", "\xff"])
def test_a_broken_address_file_is_no_address(files: StoreFiles, text: str) -> None:
    files.folder.mkdir()
    files.address.write_bytes(text.encode("latin-1"))
    assert live_address(files) is None
    files.address.unlink()


def test_a_port_that_somebody_took_meanwhile_is_not_fought_for(files: StoreFiles) -> None:
    with (
        reserved_port(None) as taken,
        socket.create_server(("127.0.0.1", taken)),
    ):
        files.folder.mkdir()
        files.port.write_text(str(taken))
        with join(files) as lease:
            assert port(lease) != taken


def test_two_data_directories_never_share_a_store(tmp_path: Path) -> None:
    here, there = StoreFiles(tmp_path / "here"), StoreFiles(tmp_path / "there")
    with join(here) as lease, join(there) as other:
        assert lease.uri != other.uri
        save(lease, "here")
        assert saved(other) == []
    until(lambda: is_down(here) and is_down(there))


def test_a_data_directory_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="ELEARN_DATA_DIR") as caught:
        join_store(tmp_path / "file" / "data")
    assert "\n" not in str(caught.value)


def test_a_missing_package_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StoreUnavailable, match="pip install nx-27017"):
        join_store(tmp_path)


def test_a_store_that_cannot_start_is_said_at_once_and_the_log_says_why(
    files: StoreFiles,
) -> None:
    files.folder.mkdir()
    files.database.write_bytes(b"this is no database" * 500)
    with pytest.raises(StoreUnavailable, match=re.escape(str(files.log))) as caught:
        join(files)
    assert "\n" not in str(caught.value)
    assert "file is not a database" in files.log.read_text()


def test_closing_a_lease_twice_changes_nothing(files: StoreFiles) -> None:
    lease = join(files)
    lease.close()
    lease.close()


def test_nothing_that_is_stored_shows_in_the_log(files: StoreFiles) -> None:
    with join(files) as lease:
        save(lease, "between the two of us")
        with pymongo.MongoClient[dict[str, str]](lease.uri) as client:
            notes = client.elearn.notes
            notes.create_index("text", unique=True)
            with pytest.raises(DuplicateKeyError):
                notes.insert_one({"text": "between the two of us"})
            notes.update_one({"text": "between the two of us"}, {"$set": {"text": "changed"}})
    until(lambda: is_down(files))
    assert "between the two" not in files.log.read_text()
