"""Identifiers: 24 hexadecimal digits, made by the process that needs them."""

import re
from typing import Annotated

import msgspec
from bson import ObjectId

PATTERN = r"^[0-9a-f]{24}\Z"
_ID = re.compile(PATTERN)

Id = Annotated[str, msgspec.Meta(pattern=PATTERN)]


def new_id() -> str:
    return str(ObjectId())


def is_id(text: object) -> bool:
    return isinstance(text, str) and _ID.match(text) is not None
