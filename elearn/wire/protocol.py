"""The wire of the socket: decoding of commands, encoding of replies and pushes to frames."""

import itertools
import json
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import msgspec

from elearn.errors import BadRequest, ClientError, InvalidField, InvalidType

PROTOCOL = 1
FRAME_BYTES = 64 * 1024
REPLAY_EVENTS = 300
KEY_CHARACTERS = 64
DEPTH = 32
DIGITS = 20
PARTS = 4_096

_OWN_KEY = re.compile(r"(?:(?:user|course|staff|room):[0-9a-f]{24}|catalog)\.\d|session\.ended/")

Ref = str | int | float | None
T = TypeVar("T")
U = TypeVar("U")


class Command(msgspec.Struct, frozen=True):
    """A command frame: `key` is the client's idempotency key."""

    ref: Ref
    cmd: str
    args: dict[str, Any]
    key: str | None


def decode_command(text: str) -> Command:
    """The command in a text frame; `BadRequest` (with `.ref` where it could be read)."""
    try:
        body = decode_json(text)
    except BadRequest as error:
        raise MalformedCommand(error.message, None) from None
    return command_from(body)


def decode_json(text: str) -> object:
    """Strict JSON: no key twice, no NaN, no number without end, no nesting without end, and no more
    objects and numbers than any call needs: a large body costs little more than its copy."""
    parts = itertools.count(1)

    def counted(read: Callable[[T], U]) -> Callable[[T], U]:
        def read_one(given: T) -> U:
            if next(parts) > PARTS:
                raise ValueError("there are too many parts")
            return read(given)

        return read_one

    try:
        body: object = json.loads(
            text,
            object_pairs_hook=counted(_unique_keys),
            parse_constant=_refuse_constant,
            parse_int=counted(_short_int),
            parse_float=counted(_finite_float),
        )
    except (ValueError, RecursionError):
        raise BadRequest("This is not JSON that can be read.") from None
    nested = isinstance(body, (dict, list)) and text.count("[") + text.count("{") > DEPTH
    if nested and _too_deep(body):
        raise BadRequest("This is nested too deeply.")
    if "\\ud" in text or "\\uD" in text:
        _require_whole_characters(body)
    return body


def _require_whole_characters(body: object) -> None:
    """Half of a pair (`\\ud800` alone) is no text: neither the store nor a reply can hold it."""
    try:
        encode(body)
    except UnicodeEncodeError:
        raise BadRequest("This is not JSON that can be read.") from None


def command_from(body: object) -> Command:
    """A command from decoded JSON."""
    if not isinstance(body, dict):
        raise MalformedCommand("A command is a JSON object.", None)
    ref = body.get("ref")
    if ref is not None and (isinstance(ref, bool) or not isinstance(ref, (str, int, float))):
        raise MalformedCommand("ref is a text or a number.", None, "ref")
    if isinstance(ref, str) and len(ref) > KEY_CHARACTERS:
        raise MalformedCommand("ref has 64 characters at most.", None, "ref")
    name, args, key = body.get("cmd"), body.get("args", {}), body.get("key")
    if not isinstance(name, str):
        raise MalformedCommand("cmd is missing.", ref, "cmd")
    if not isinstance(args, dict):
        raise MalformedCommand("args is an object.", ref, "args")
    if key is not None and not (isinstance(key, str) and is_key(key)):
        raise MalformedCommand("key is a text of 1 to 64 characters.", ref, "key")
    return Command(ref, name, args, key)


def is_key(key: str) -> bool:
    """Whether a client may use it. Keys that the server derives from rows and sessions are its
    own: one used before its time would keep what follows from the row from ever being stored."""
    return 1 <= len(key) <= KEY_CHARACTERS and not _OWN_KEY.match(key)


class MalformedCommand(BadRequest):
    """A frame that is no command; `ref` is what could be read of it."""

    def __init__(self, message: str, ref: Ref, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.ref = ref


def convert_args(args: object, shape: type[T]) -> T:
    """`args` as the struct `shape`; `InvalidType` or `InvalidField` with the field's path, also for
    a name that the struct does not have: what is asked for is done whole or not at all."""
    if isinstance(args, dict) and issubclass(shape, msgspec.Struct):
        for name in args:
            if name not in shape.__struct_encode_fields__:
                raise unknown_field(name)
    try:
        return msgspec.convert(args, shape, strict=True)
    except msgspec.ValidationError as error:
        raise _validation_error(str(error)) from None


def unknown_field(name: str) -> InvalidField:
    return InvalidField("Nothing here takes this name.", field=name[:KEY_CHARACTERS])


def _validation_error(text: str) -> ClientError:
    # msgspec writes: Expected `str`, got `object` - at `$.room`
    reason, _, path = text.partition(" - at `$")
    field = path.rstrip("`").lstrip(".") or None
    if reason.startswith("Object missing required field `"):
        missing = reason.split("`")[1]
        field = f"{field}.{missing}" if field else missing
        return InvalidField(f"{missing} is missing.", field=field)
    if reason.startswith("Object contains unknown field `"):
        name = reason.split("`")[1]
        return unknown_field(f"{field}.{name}" if field else name)
    readable = reason.replace("`", "")
    if reason.startswith("Expected `") and ", got `" in reason:
        return InvalidType(f"{readable}.", field=field)
    return InvalidField(f"{readable}.", field=field)


def encode(body: object) -> bytes:
    """Compact JSON."""
    return msgspec.json.encode(body)


def text_frame(payload: bytes) -> bytes:
    """One whole unmasked WebSocket text frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def payload_of(frame: bytes) -> bytes:
    """What a frame of `text_frame` carries."""
    size = frame[1]
    return frame[2 if size < 126 else 4 if size == 126 else 10 :]


def push_frame(push: object) -> bytes:
    """The frame of a push: encoded once, shared by every subscriber."""
    return text_frame(encode(push))


def reply_body(ref: Ref, result: object, *, duplicate: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {"ref": ref, "ok": True, "result": result}
    if duplicate:
        body["duplicate"] = True
    return body


def error_body(ref: Ref, error: ClientError) -> dict[str, Any]:
    return {"ref": ref, "ok": False, "error": error.as_dict()}


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _short_int(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError("a number is too long")
    return int(digits)


def _finite_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value) or len(digits) > 2 * DIGITS:
        raise ValueError("a number is too large")
    return value


def _too_deep(body: object) -> bool:
    """Whether it has more levels, or on one of them more parts, than any call needs."""
    level: list[Any] = [body]
    for _ in range(DEPTH):
        values = (value.values() if isinstance(value, dict) else value for value in level)
        level = [one for some in values for one in some if isinstance(one, (dict, list))]
        if not level or len(level) > PARTS:
            return bool(level)
    return True
