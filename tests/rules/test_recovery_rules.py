"""Catching up: a client that asks until nothing is left holds every event once, or starts anew."""

import asyncio
from types import SimpleNamespace
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from elearn.log.backlogs import Backlog
from elearn.wire import protocol
from elearn.ws.commands.connection import Budget, missed

SIZES = st.lists(st.sampled_from([1, 1_000, 100_000, 300_000]), max_size=12)


class Stored:
    """A topic with an event of each of these sizes; the first has the seq `first`."""

    epoch, db = "now", None

    def __init__(self, sizes: list[int], first: int) -> None:
        self.events = {first + place: size for place, size in enumerate(sizes)}
        self.log = SimpleNamespace(since=self.since)

    async def since(self, topic: str, after: int, limit: int) -> Backlog:
        rows = Backlog()
        newer = [(seq, size) for seq, size in self.events.items() if seq > after]
        rows.pushes = [(seq, msgspec.Raw(b'"%s"' % (b"x" * size))) for seq, size in newer[:limit]]
        return rows


async def caught_up(stored: Any, cursor: int, position: int, since: int) -> list[int] | None:
    """How many characters came, event by event; None when the client has to start anew."""
    held: list[int] = []
    while True:
        answer = await missed(stored, "room:1", cursor, "now", since, position, Budget())
        if not answer["recovered"]:
            return None
        held += [len(bytes(event)) - 2 for event in answer["events"]]
        assert answer["cursor"] > cursor or "more" not in answer, "it goes on"
        cursor = answer["cursor"]
        if "more" not in answer:
            assert cursor >= position
            return held
        position = max(position, *stored.events)


@given(SIZES, st.integers(1, 400), st.integers(0, 420), st.integers(0, 420), st.integers(0, 5))
def test_what_was_missed_comes_once_and_whole_or_not_at_all(
    sizes: list[int], first: int, cursor: int, since: int, later: int
) -> None:
    stored = Stored(sizes, first)
    newest = first + len(sizes) - 1
    position = max(0, newest - later)  # some came after it was registered
    held = asyncio.run(caught_up(stored, cursor, position, since))
    if since <= cursor <= position <= cursor + protocol.REPLAY_EVENTS:
        wanted = [size for seq, size in stored.events.items() if seq > cursor]
        assert held == (wanted if cursor < position else [])
    else:
        assert held is None
