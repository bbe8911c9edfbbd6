"""What a person sets for themselves: each is a field here and a row of the form, nothing else."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Stored with the account. `about` may have lines; the invisible are in no list of who is
    here."""

    name: str
    about: str = ""
    timezone: str = "UTC"
    invisible: bool = False


SettingsChanges = msgspec.defstruct(
    "SettingsChanges",
    [(field.name, field.type | UnsetType, UNSET) for field in msgspec.structs.fields(Settings)],
    frozen=True,
    kw_only=True,
)
"""What somebody sets anew: what is absent stays."""


def given(changes: msgspec.Struct) -> dict[str, Any]:
    """The fields that are there."""
    found = msgspec.structs.asdict(changes)
    return {name: value for name, value in found.items() if value is not UNSET}
