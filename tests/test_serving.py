"""Holding a data directory: one server each, and a directory that can be used."""

from pathlib import Path

import pytest

from elearn.errors import ConfigError
from elearn.serving import SERVER, hold_data, server_runs


def test_a_directory_that_is_missing_is_made_and_held(tmp_path: Path) -> None:
    data_dir = tmp_path / "not" / "there yet"
    with hold_data(data_dir, SERVER):
        assert server_runs(data_dir)
        with pytest.raises(ConfigError, match="another server uses"), hold_data(data_dir, SERVER):
            pass
    assert not server_runs(data_dir)


def test_a_directory_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be used"), hold_data(tmp_path / "file", SERVER):
        pass
