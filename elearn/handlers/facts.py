"""What the script of every page is told of this server, so that it keeps no list of its own."""

from typing import Any

from elearn import errors
from elearn.config import Config
from elearn.handlers import seats
from elearn.handlers.conversations import GROUPED_MS
from elearn.nouns.rooms import JOINABLE
from elearn.wire.closes import RECONNECT
from elearn.ws.commands.table import COMMANDS

SOMEBODY = {"id": "", "name": "A student", "role": "student"}


def server_facts(config: Config) -> dict[str, Any]:
    """`keyed`: the commands that take a key. `retried`: the codes of refusals that pass by
    themselves. `reconnect`: what a close code asks of the client. `grouped_ms`: how long messages
    of one author stand under one name. `somebody`: who stands in for an author without a name.
    `joinable`: the kinds of rooms that one enters by oneself. `seats`: what lists say of them, and
    how few are scarce. `undo_s`: how long the server takes back leaving and removing."""
    return {
        "keyed": sorted(name for name, spec in COMMANDS.items() if spec.keyed),
        "retried": sorted(_passing()),
        "reconnect": dict(RECONNECT),
        "grouped_ms": GROUPED_MS,
        "somebody": SOMEBODY,
        "joinable": JOINABLE,
        "seats": {"words": seats.WORDS, "scarce": seats.SCARCE},
        "undo_s": config.undo_s,
    }


def _passing() -> set[str]:
    """Of the errors that always say when to ask again; a limit says it of its own time."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    refusals = [kind for kind in kinds if issubclass(kind, errors.ClientError)]
    return {kind.code for kind in refusals if kind.default_retry_ms is not None}
