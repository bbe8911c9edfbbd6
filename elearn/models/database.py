"""What the functions of this package ask of a database."""

from typing import Any, Protocol

Document = dict[str, Any]
"""As the store has it: beyond this package it is a struct of `nouns`."""


class Database(Protocol):
    """A MongoDB database, or something that looks at one: its collections by name, each with the
    driver's methods."""

    def __getattr__(self, collection: str) -> Any: ...

    def __getitem__(self, collection: str) -> Any: ...
