"""The address of a MongoDB (`ELEARN_MONGODB_URI`): what it may say, and what is wrong with one."""

from collections.abc import Iterator

from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.uri_parser import parse_uri

from elearn.errors import ConfigError

_PRIMARY = "what is shown is read from the primary"
_DURABLE = "a write waits for a majority and its journal"
_LATEST = "how long elearn waits for its store is for elearn to say"
_AGAIN = "what may be tried again is for elearn to say"
# An option that would change what people are promised, with the one value that does not.
_OURS: dict[str, tuple[str | None, str]] = {
    "readpreference": ("primary", _PRIMARY),
    "readpreferencetags": (None, _PRIMARY),
    "maxstalenessseconds": (None, _PRIMARY),
    "readconcernlevel": ("majority", "what is shown is what a majority has"),
    "w": ("majority", _DURABLE),
    "journal": ("true", _DURABLE),
    "j": ("true", _DURABLE),
    "fsync": (None, _DURABLE),
    "wtimeoutms": (None, _LATEST),
    "wtimeout": (None, _LATEST),
    "timeoutms": (None, _LATEST),
    "sockettimeoutms": (None, _LATEST),
    "connecttimeoutms": (None, _LATEST),
    "serverselectiontimeoutms": (None, _LATEST),
    "waitqueuetimeoutms": (None, _LATEST),
    "maxpoolsize": (None, "there are as many lines to the store as threads that use them"),
    "retrywrites": ("true", _AGAIN),
    "retryreads": ("true", _AGAIN),
}


def check_address(uri: str) -> None:
    """`ConfigError` names what is wrong with it. Looks into DNS for an address with `+srv`."""
    for name, value in _options(uri):
        kept, why = _OURS.get(name.lower(), ("", ""))
        if why and value.lower() != kept:
            raise ConfigError(f"ELEARN_MONGODB_URI sets {name}={value}: {why}. Take it out.")
    try:
        parse_uri(uri, warn=False)
    except InvalidURI as error:
        raise ConfigError(f"ELEARN_MONGODB_URI cannot be read: {_misread(str(error))}") from error
    except (ConfigurationError, ValueError, OSError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"ELEARN_MONGODB_URI cannot be used: {said}") from error


def _options(uri: str) -> Iterator[tuple[str, str]]:
    """As they are written."""
    for option in uri.partition("?")[2].replace(";", "&").split("&"):
        name, _, value = option.partition("=")
        yield name, value


def _misread(said: str) -> str:
    if "must be escaped" in said:
        return "in the user name and the password write @ as %40, : as %3A, / as %2F, % as %25"
    return said
