"""The settings: the only reader of the environment. Each has a default and is shown by `check`."""

import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from elearn.errors import ConfigError

SECRET_BYTES = 32


@dataclass(frozen=True)
class Config:
    """One process's settings. `None` in an engine's address means the embedded one."""

    host: str = "127.0.0.1"
    port: int = 8888
    data_dir: Path = Path("var")
    public_url: tuple[str, ...] = ()
    secret_key: bytes = b""
    mongodb_uri: str | None = None
    mongodb_database: str = "elearn"
    elasticsearch_url: str | None = None
    elasticsearch_index: str = "elearn-courses"
    redis_url: str | None = None
    open_teacher_signup: bool = True
    bcrypt_cost: int = 12
    commands_per_s: int = 100
    chat_per_10s: int = 10
    chat_burst: int = 20
    posts_per_min: int = 10
    moves_per_min: int = 30
    sockets_per_user: int = 10
    connects_per_s: int = 200
    signups_per_h: int = 20
    api_per_min: int = 200
    undo_s: int = 8
    search_synonyms: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "info"
    log_format: str = "text"

    @property
    def origins(self) -> tuple[str, ...]:
        """The full origins that may open a socket or send a form."""
        if self.public_url:
            return self.public_url
        return (f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}")

    @property
    def secure(self) -> bool:
        """Whether browsers reach this server over TLS: Secure cookies and HSTS."""
        return self.origins[0].startswith("https://")


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    read.__doc__ = f"a whole number from {low} to {high}"
    return read


def _switch(text: str) -> bool:
    """on or off"""
    try:
        return {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}[
            text.lower()
        ]
    except KeyError:
        raise ValueError from None


def _text(text: str) -> str:
    """a text"""
    return text


def _origins(text: str) -> tuple[str, ...]:
    """a comma list of origins such as https://learn.example.org, without a path"""
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise ValueError
    if not origins:
        raise ValueError
    return origins


def _addresses(text: str) -> tuple[str, ...]:
    """a comma list of IP addresses"""
    return tuple(str(ipaddress.ip_address(part.strip())) for part in text.split(",") if part)


def _url(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError
        return text

    read.__doc__ = "an address that begins with " + " or ".join(f"{s}://" for s in schemes)
    return read


def _choice(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in names:
            raise ValueError
        return text.lower()

    read.__doc__ = "one of " + ", ".join(names)
    return read


def _secret(text: str) -> bytes:
    """a secret of 32 bytes or more"""
    if len(text.encode()) < SECRET_BYTES:
        raise ValueError
    return text.encode()


def _index(text: str) -> str:
    """a name of lower-case letters, digits, - and _"""
    if not text or not text.replace("-", "").replace("_", "").isalnum() or text != text.lower():
        raise ValueError
    return text


READERS: dict[str, Callable[[str], Any]] = {
    "host": _text,
    "port": _number(0, 65535),
    "data_dir": Path,
    "public_url": _origins,
    "secret_key": _secret,
    "mongodb_uri": _url("mongodb", "mongodb+srv"),
    "mongodb_database": _index,
    "elasticsearch_url": _url("http", "https"),
    "elasticsearch_index": _index,
    "redis_url": _url("redis", "rediss", "unix"),
    "open_teacher_signup": _switch,
    "bcrypt_cost": _number(10, 16),
    "commands_per_s": _number(0, 1_000_000),
    "chat_per_10s": _number(0, 1_000_000),
    "chat_burst": _number(0, 1_000_000),
    "posts_per_min": _number(0, 1_000_000),
    "moves_per_min": _number(0, 1_000_000),
    "sockets_per_user": _number(0, 1_000_000),
    "connects_per_s": _number(0, 1_000_000),
    "signups_per_h": _number(0, 1_000_000),
    "api_per_min": _number(0, 1_000_000),
    "undo_s": _number(0, 3600),
    "search_synonyms": Path,
    "trusted_proxies": _addresses,
    "log_level": _choice("debug", "info", "warning", "error"),
    "log_format": _choice("text", "json"),
}


def setting_name(field: str) -> str:
    """The environment's name of a `Config` field."""
    return f"ELEARN_{field.upper()}"


def read_config(environ: Mapping[str, str] = os.environ) -> Config:
    """The settings of this environment; `ConfigError` names a wrong one and what it takes.

    With the embedded store the secret is made once and kept in the data directory (mode 600);
    with a real MongoDB it has to be given, or two nodes would not know each other's sign-ins.
    """
    values: dict[str, Any] = {}
    for field, read in READERS.items():
        text = environ.get(setting_name(field), "")
        if not text.strip():
            continue
        try:
            values[field] = read(text.strip())
        except (ValueError, OSError) as error:
            takes = (read.__doc__ if read is not Path else None) or "a path"
            raise ConfigError(f"{setting_name(field)} takes {takes}") from error
    embedded = "mongodb_uri" not in values
    values.setdefault("open_teacher_signup", embedded)
    values["data_dir"] = values.get("data_dir", Path("var")).absolute()
    if "secret_key" not in values:
        if not embedded:
            raise ConfigError(
                "ELEARN_SECRET_KEY is needed with ELEARN_MONGODB_URI: 32 random bytes or more,"
                " the same on every node"
            )
        values["secret_key"] = _kept_secret(values["data_dir"])
    return Config(**values)


def unknown_settings(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names that look like a setting and are none: a misspelt one would else pass in silence."""
    known = {setting_name(field) for field in READERS}
    return [
        name
        for name in sorted(environ)
        if name.startswith("ELEARN_") and not name.startswith("ELEARN_TEST_") and name not in known
    ]


def _kept_secret(data_dir: Path) -> bytes:
    path, store = data_dir / "secret.key", data_dir / "store"
    try:
        # Asked first: another process makes them in the other order.
        has_store = (store / "elearn.db").exists()
        if not path.exists():
            if has_store:
                raise ConfigError(
                    f"{path} is missing beside {store}, and without it no password is right:"
                    " restore it from a backup, or name the secret in ELEARN_SECRET_KEY"
                )
            _begin_data(path, store)
        if not store.is_dir() or not any(store.iterdir()):
            raise ConfigError(
                f"{store} is missing beside {path}: restore it from a backup,"
                " or remove secret.key too, to begin with nothing"
            )
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"ELEARN_DATA_DIR must be a directory that can be written: {error.strerror}"
        ) from error
    if len(secret) < SECRET_BYTES:
        raise ConfigError("secret.key in ELEARN_DATA_DIR is damaged: restore it from a backup")
    return secret


def _begin_data(path: Path, store: Path) -> None:
    """The secret and what shows that a store belongs to it, so that either can be missed."""
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    (store / "begun").touch()
    made = path.with_name(f"secret.key.{os.getpid()}.{secrets.token_hex(4)}")
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(secrets.token_hex(SECRET_BYTES).encode())
    try:
        # A link fails if another process was first: both then read the one that won.
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
