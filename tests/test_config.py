"""The settings: each wrong value is named with what the setting takes; the secret is kept."""

import re
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import elearn
from elearn.config import READERS, Config, read_config, setting_name, unknown_settings
from elearn.errors import ConfigError

SECRET = "a secret of thirty-two bytes or more"

WRONG = [
    ("ELEARN_PORT", "http", "0 to 65535"),
    ("ELEARN_PORT", "65536", "0 to 65535"),
    ("ELEARN_PUBLIC_URL", "learn.example.org", "origins"),
    ("ELEARN_PUBLIC_URL", "https://learn.example.org/path", "origins"),
    ("ELEARN_PUBLIC_URL", ",", "origins"),
    ("ELEARN_SECRET_KEY", "x" * 31, "32 bytes"),
    ("ELEARN_MONGODB_URI", "http://localhost", "mongodb://"),
    ("ELEARN_MONGODB_DATABASE", "my database", "lower-case"),
    ("ELEARN_ELASTICSEARCH_URL", "localhost:9200", "http://"),
    ("ELEARN_ELASTICSEARCH_INDEX", "Courses", "lower-case"),
    ("ELEARN_REDIS_URL", "http://localhost", "redis://"),
    ("ELEARN_OPEN_TEACHER_SIGNUP", "maybe", "on or off"),
    ("ELEARN_BCRYPT_COST", "9", "10 to"),
    ("ELEARN_COMMANDS_PER_S", "-1", "0 to"),
    ("ELEARN_CHAT_PER_10S", "many", "0 to"),
    ("ELEARN_CHAT_BURST", "1.5", "0 to"),
    ("ELEARN_POSTS_PER_MIN", "-1", "0 to"),
    ("ELEARN_MOVES_PER_MIN", "few", "0 to"),
    ("ELEARN_SOCKETS_PER_USER", "-1", "0 to"),
    ("ELEARN_CONNECTS_PER_S", "x", "0 to"),
    ("ELEARN_SIGNUPS_PER_H", "x", "0 to"),
    ("ELEARN_API_PER_MIN", "x", "0 to"),
    ("ELEARN_UNDO_S", "soon", "0 to"),
    ("ELEARN_TRUSTED_PROXIES", "localhost", "IP addresses"),
    ("ELEARN_LOG_LEVEL", "loud", "debug, info"),
    ("ELEARN_LOG_FORMAT", "xml", "text, json"),
]


@pytest.mark.parametrize(("name", "value", "takes"), WRONG)
def test_a_wrong_value_names_its_setting_and_what_it_takes(
    tmp_path: Path, name: str, value: str, takes: str
) -> None:
    environ = {"ELEARN_DATA_DIR": str(tmp_path), "ELEARN_SECRET_KEY": SECRET, name: value}
    with pytest.raises(ConfigError) as refused:
        read_config(environ)
    text = str(refused.value)
    assert text.startswith(name)
    assert takes in text
    assert "\n" not in text
    if name == "ELEARN_SECRET_KEY":
        assert value not in text


def test_every_setting_has_a_default(tmp_path: Path) -> None:
    config = read_config({"ELEARN_DATA_DIR": str(tmp_path)})
    assert (config.host, config.port) == ("127.0.0.1", 8888)
    assert config.origins == ("http://localhost:8888", "http://127.0.0.1:8888")
    assert config.mongodb_uri is config.elasticsearch_url is config.redis_url is None
    assert (config.bcrypt_cost, config.open_teacher_signup, config.secure) == (12, True, False)
    assert {setting_name(field) for field in Config.__dataclass_fields__} == {
        setting_name(field) for field in READERS
    }


def test_an_empty_value_is_the_default(tmp_path: Path) -> None:
    config = read_config({"ELEARN_DATA_DIR": str(tmp_path), "ELEARN_PORT": " "})
    assert config.port == 8888


def test_the_first_public_address_decides_about_tls(tmp_path: Path) -> None:
    addresses = "https://learn.example.org, http://10.0.0.1:8888/"
    config = read_config({"ELEARN_DATA_DIR": str(tmp_path), "ELEARN_PUBLIC_URL": addresses})
    assert config.origins == ("https://learn.example.org", "http://10.0.0.1:8888")
    assert config.secure


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    environ = {"ELEARN_DATA_DIR": str(tmp_path / "new" / "data")}
    first, second = read_config(environ), read_config(environ)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    file = tmp_path / "new" / "data" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {one.name for one in file.parent.iterdir()} == {"secret.key", "store"}
    assert read_config({"ELEARN_DATA_DIR": str(tmp_path)}).secret_key != first.secret_key


def test_a_damaged_secret_is_not_replaced_in_silence(tmp_path: Path) -> None:
    read_config({"ELEARN_DATA_DIR": str(tmp_path)})
    (tmp_path / "secret.key").write_text("short")
    with pytest.raises(ConfigError, match="damaged"):
        read_config({"ELEARN_DATA_DIR": str(tmp_path)})
    assert (tmp_path / "secret.key").read_text() == "short"


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_a_store_that_is_lost_beside_its_secret_ends_the_start(tmp_path: Path, left: str) -> None:
    environ = {"ELEARN_DATA_DIR": str(tmp_path)}
    secret = read_config(environ).secret_key
    shutil.rmtree(tmp_path / "store")
    if left != "nothing":
        (tmp_path / "store").mkdir()
    with pytest.raises(ConfigError, match=r"store is missing beside .*secret\.key") as refused:
        read_config(environ)
    assert "\n" not in str(refused.value)
    assert (tmp_path / "secret.key").read_bytes() == secret
    (tmp_path / "secret.key").unlink()
    if left != "nothing":
        (tmp_path / "store").rmdir()
    assert read_config(environ).secret_key != secret, "who removes both begins with nothing"


def test_a_secret_that_is_lost_beside_its_store_ends_the_start(tmp_path: Path) -> None:
    environ = {"ELEARN_DATA_DIR": str(tmp_path)}
    read_config(environ)
    (tmp_path / "store" / "elearn.db").touch()
    (tmp_path / "secret.key").unlink()
    with pytest.raises(ConfigError, match=r"secret\.key is missing beside .*store") as refused:
        read_config(environ)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "secret.key").exists()
    assert read_config({**environ, "ELEARN_SECRET_KEY": SECRET}).secret_key == SECRET.encode()


def test_processes_that_begin_at_once_have_one_secret(tmp_path: Path) -> None:
    environ = {"ELEARN_DATA_DIR": str(tmp_path / "data")}
    with ThreadPoolExecutor(8) as pool:
        found = {one.secret_key for one in pool.map(lambda _: read_config(environ), range(64))}
    assert len(found) == 1


def test_a_data_directory_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="ELEARN_DATA_DIR"):
        read_config({"ELEARN_DATA_DIR": str(tmp_path / "file" / "below")})


def test_a_real_store_needs_a_secret_and_closes_teacher_sign_up(tmp_path: Path) -> None:
    environ = {"ELEARN_DATA_DIR": str(tmp_path), "ELEARN_MONGODB_URI": "mongodb://db.example:27017"}
    with pytest.raises(ConfigError, match="ELEARN_SECRET_KEY is needed"):
        read_config(environ)
    assert not (tmp_path / "secret.key").exists()
    config = read_config({**environ, "ELEARN_SECRET_KEY": SECRET})
    assert (config.secret_key, config.open_teacher_signup) == (SECRET.encode(), False)
    opened = {**environ, "ELEARN_SECRET_KEY": SECRET, "ELEARN_OPEN_TEACHER_SIGNUP": "on"}
    assert read_config(opened).open_teacher_signup


def test_a_misspelt_setting_is_noticed() -> None:
    environ = {"ELEARN_PROT": "1", "ELEARN_PORT": "1", "ELEARN_TEST_MONGODB_URI": "x", "HOME": "/"}
    assert unknown_settings(environ) == ["ELEARN_PROT"]


def test_every_setting_acts_on_something() -> None:
    """Uploads, mail and held notices had settings before they were there."""
    parts = Path(elearn.__file__).parent.rglob("*.py")
    acting = "\n".join(
        path.read_text(encoding="utf-8") for path in parts if path.name != "config.py"
    )
    derived = {"public_url"}  # what is read is `origins`
    idle = {one for one in READERS if not re.search(rf"\bconfig\.{one}\b", acting)}
    assert idle - derived == set()
