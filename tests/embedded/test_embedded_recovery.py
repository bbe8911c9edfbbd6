"""The embedded store survives whatever is killed, and what was left behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from elearn.embedded.files import StoreFiles
from elearn.embedded.ports import answers, live_address, reserved_port
from elearn.embedded.process import PACKAGE_ROOT, command_line, store_pid
from elearn.embedded.store import join_store
from tests.embedded_stores import IDLE_S, is_down, join, keeper_pids, kill, port, save, saved, until


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
        "import sys; from pathlib import Path; from elearn.embedded.store import join_store\n"
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


def test_a_store_whose_directory_was_removed_leaves_the_next_one_alone(files: StoreFiles) -> None:
    with join_store(files.data_dir, idle_s=0.5, watch_s=60) as lease:
        keeper = keeper_pids(files)[0]
        save(lease, "lost")
        shutil.rmtree(files.data_dir)
    with join(files) as lease:
        until(lambda: keeper not in keeper_pids(files))
        assert saved(lease) == []
        with join(files) as other:
            assert other.uri == lease.uri
