"""Changes of a noun: a struct of its fields in which what is absent stays."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


def changes_of(shape: type[msgspec.Struct], name: str) -> type[msgspec.Struct]:
    """Each field of `shape`, and none that has to be there."""
    fields = [(one.name, one.type | UnsetType, UNSET) for one in msgspec.structs.fields(shape)]
    return msgspec.defstruct(name, fields, frozen=True, kw_only=True)


def given_of(changes: msgspec.Struct) -> dict[str, Any]:
    """The fields that are there."""
    found = msgspec.structs.asdict(changes)
    return {name: value for name, value in found.items() if value is not UNSET}
