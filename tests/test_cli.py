"""The commands in one process: what they print, what they refuse in one line, how they exit."""

import json
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from elearn.cli import cli
from elearn.config import READERS, Config, setting_name
from tests.conftest import DATABASE

COMMANDS = ("serve", "create-user", "change-user", "import-courses", "reindex", "check", "demo")


@pytest.fixture
def settings(config: Config, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a command on the run's own store, which begins empty."""
    for field in READERS:
        monkeypatch.delenv(setting_name(field), raising=False)
    monkeypatch.setenv("ELEARN_DATA_DIR", str(config.data_dir))
    monkeypatch.setenv("ELEARN_SECRET_KEY", config.secret_key.decode())
    monkeypatch.setenv("ELEARN_MONGODB_URI", str(config.mongodb_uri))
    monkeypatch.setenv("ELEARN_MONGODB_DATABASE", DATABASE)
    monkeypatch.setenv("ELEARN_BCRYPT_COST", "10")
    return monkeypatch


def run(*words: str | Path, given: str | None = None) -> Result:
    """In a thread of its own: a command runs a loop, and the test's thread has one already."""
    with ThreadPoolExecutor(1) as thread, logging_kept():
        typed = [str(word) for word in words]
        result = thread.submit(CliRunner().invoke, cli, typed, input=given).result()
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@contextmanager
def logging_kept() -> Iterator[None]:
    """A command sets up the log of its process, which here is that of all tests that follow."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def refused(*words: str | Path, given: str | None = None) -> str:
    """The one line in which a command says why it does nothing; exit status 1."""
    result = run(*words, given=given)
    assert result.exit_code == 1, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("elearn: ")
    return lines[0]


def make_teacher(email: str = "ada@example.org") -> None:
    words = ("--name", "Ada Lovelace", "--role", "teacher", "--password", "teal-lantern-42")
    assert run("create-user", email, *words).exit_code == 0


def write_lines(path: Path, *records: Any) -> Path:
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in records))
    return path


def test_help_names_every_command_and_shows_an_example() -> None:
    shown = run("--help").output
    assert all(command in shown for command in COMMANDS)
    assert "elearn serve" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_shows_examples_of_itself(command: str) -> None:
    shown = run(command, "--help")
    assert shown.exit_code == 0
    examples = shown.output.partition("Example")[2]
    assert f"elearn {command}" in examples


def test_an_account_is_made_with_a_password_from_the_input(
    settings: pytest.MonkeyPatch,
) -> None:
    made = run("create-user", "Ben@Example.org", "--name", "Ben", given="teal-lantern-42\n")
    assert made.exit_code == 0
    assert "made the student Ben <ben@example.org>" in made.output


def test_an_address_that_has_an_account_is_refused_in_one_line(
    settings: pytest.MonkeyPatch,
) -> None:
    make_teacher()
    words = ("--name", "Other", "--password", "teal-lantern-42")
    assert "has an account already" in refused("create-user", "ADA@example.org", *words)


@pytest.mark.parametrize(("password", "why"), [("short", "8 characters"), ("password", "guess")])
def test_a_weak_password_is_refused_with_the_reason(
    settings: pytest.MonkeyPatch, password: str, why: str
) -> None:
    said = refused("create-user", "ben@example.org", "--name", "Ben", "--password", password)
    assert why in said


def test_an_unknown_role_is_refused_before_anything_is_opened() -> None:
    result = run("create-user", "ben@example.org", "--name", "Ben", "--role", "king")
    assert result.exit_code == 2
    assert "'student', 'teacher', 'admin'" in result.stderr


def test_an_account_is_disabled_enabled_and_given_a_role(settings: pytest.MonkeyPatch) -> None:
    make_teacher()
    done = run("change-user", "ADA@example.org", "--disable")
    assert "Ada Lovelace <ada@example.org> is teacher and cannot sign in" in done.output
    done = run("change-user", "ada@example.org", "--enable", "--role", "student")
    assert "Ada Lovelace <ada@example.org> is student\n" in done.output


def test_what_cannot_be_changed_about_an_account_is_said_in_one_line(
    settings: pytest.MonkeyPatch,
) -> None:
    words = ("--name", "Root", "--role", "admin", "--password", "teal-lantern-42")
    assert run("create-user", "root@example.org", *words).exit_code == 0
    assert "--disable" in refused("change-user", "root@example.org")
    assert "no account nobody@" in refused("change-user", "nobody@example.org", "--disable")
    assert "last admin" in refused("change-user", "root@example.org", "--role", "teacher")


def test_a_missing_file_is_said_in_one_line(settings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = refused("import-courses", tmp_path / "none.jsonl")
    assert str(tmp_path / "none.jsonl") in said
    assert ".csv" in said


def test_an_unknown_teacher_is_said_with_the_command_that_makes_one(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "c.jsonl", {"id": "a", "title": "Algebra"})
    said = refused("import-courses", file, "--teacher", "nobody@example.org")
    assert "elearn create-user nobody@example.org" in said


def test_an_import_says_how_many_and_exits_with_0(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_teacher()
    file = write_lines(tmp_path / "c.jsonl", {"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    first = run("import-courses", file, "--teacher", "ada@example.org")
    assert first.exit_code == 0
    assert "2 courses were created, 0 updated, 0 unchanged" in first.output
    assert "0 courses were created, 0 updated, 2 unchanged" in run("import-courses", file).output


def test_bad_lines_are_named_by_number_and_the_exit_status_says_so(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "c.jsonl", {"id": "a", "title": "A"}, "{nonsense", {"id": "b"})
    result = run("import-courses", file)
    assert result.exit_code == 1
    assert "line 2: this is not JSON" in result.stdout
    assert "line 3: " in result.stdout
    assert "1 courses were created" in result.stdout


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "c.jsonl", {"id": "a", "title": "A"})
    for _ in range(2):
        assert "1 courses would be created" in run("import-courses", file, "--dry-run").output


def test_check_shows_every_setting_and_no_secret(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("ELEARN_REDIS_URL", "redis://ops:hush@127.0.0.1:1/0")
    result = run("check")
    assert all(setting_name(field) in result.output for field in READERS)
    assert "hush" not in result.output
    assert "0123456789abcdef" not in result.output


def test_check_says_that_the_stores_answer_and_exits_with_0(settings: pytest.MonkeyPatch) -> None:
    result = run("check")
    assert result.exit_code == 0, result.output
    assert re.search(r"^MongoDB .*answers", result.output, re.MULTILINE)


def test_check_exits_with_1_and_names_each_store_that_does_not_answer(
    settings: pytest.MonkeyPatch,
) -> None:
    settings.setenv("ELEARN_MONGODB_URI", "mongodb://127.0.0.1:1")
    settings.setenv("ELEARN_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    result = run("check")
    assert result.exit_code == 1
    assert result.output.count("does not answer") == 2


def test_check_names_the_bad_lines_of_the_synonyms(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("ml, machine learning\nalone\n")
    settings.setenv("ELEARN_SEARCH_SYNONYMS", str(path))
    result = run("check")
    assert result.exit_code == 1
    assert "lines in use: 1" in result.output
    assert "line 2: names one thing alone" in result.output
    path.unlink()
    for command in ("check", "reindex"):
        assert "ELEARN_SEARCH_SYNONYMS names no file that can be read" in refused(command)


def test_check_names_a_setting_that_is_misspelt(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("ELEARN_PROT", "9000")
    result = run("check")
    assert result.exit_code == 1
    assert "ELEARN_PROT is not a setting" in result.output


def test_a_new_epoch_replaces_the_old_one(settings: pytest.MonkeyPatch) -> None:
    first, made, after = (shown_epoch(*words) for words in ([], ["--new-epoch"], []))
    assert made == f"new: {after}"
    assert after != first


def shown_epoch(*words: str) -> str:
    found = re.search(r"^epoch +(.+?) *$", run("check", *words).output, re.MULTILINE)
    assert found is not None
    return found[1]


def test_a_wrong_setting_is_said_in_one_line(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("ELEARN_PORT", "web")
    for command in ("serve", "check", "reindex", "demo"):
        assert "ELEARN_PORT takes a whole number" in refused(command)


@pytest.mark.parametrize("command", ["serve", "check", "reindex", "demo"])
def test_a_data_directory_that_is_a_file_is_said_in_one_line(
    settings: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    file = write_lines(tmp_path / "file", "in the way")
    settings.setenv("ELEARN_DATA_DIR", str(file))
    for name in ("ELEARN_MONGODB_URI", "ELEARN_SECRET_KEY"):
        settings.delenv(name)
    assert "ELEARN_DATA_DIR must be a directory" in refused(command)


def test_a_store_that_is_away_is_said_in_one_line(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("ELEARN_MONGODB_URI", "mongodb://127.0.0.1:1")
    words = ("--name", "Ben", "--password", "teal-lantern-42")
    assert "nothing listens there" in refused("create-user", "ben@example.org", *words)


def test_reindex_without_a_server_builds_the_index_itself(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "c.jsonl", {"id": "a", "title": "Algebra"})
    assert run("import-courses", file).exit_code == 0
    result = run("reindex")
    assert result.exit_code == 0
    assert "indexed 1 courses" in result.output
    assert "answers; 1 courses in the index" in run("check").output
