"""The embedded store comes up once for all who need it, and goes when nobody does."""

import fcntl
import importlib.util
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pymongo
import pytest
from pymongo.errors import DuplicateKeyError

from elearn.embedded.files import StoreFiles, StoreUnavailable, open_lock, try_lock
from elearn.embedded.ports import answers, port_of
from elearn.embedded.process import PACKAGE_ROOT, store_pid
from elearn.embedded.store import join_store
from tests.embedded_stores import IDLE_S, is_down, join, keeper_pids, save, saved, until


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
        "import sys; from pathlib import Path; from elearn.embedded.store import join_store\n"
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


def test_closing_a_lease_twice_lets_no_other_one_go(files: StoreFiles) -> None:
    lease = join(files)
    lease.close()
    with join(files):  # whose lock may have the number that the first one's had
        lease.close()
        users_lock = open_lock(files.users_lock)
        try:
            assert not try_lock(users_lock, fcntl.LOCK_EX)
        finally:
            os.close(users_lock)


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
