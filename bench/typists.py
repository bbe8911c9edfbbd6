"""People typing at one pace into their search boxes, each key a suggestion of its own."""

import json
import select
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.wire import Wire

KEYS_PER_S = 12
LIMIT = 8


@dataclass
class Typist:
    """One box: `key` counts what was typed; only the answer to the last one belongs on the page."""

    wire: Wire
    queries: Sequence[str]
    next_at: float
    key: int = 0
    sent_at: float = 0.0
    taken: list[float] = field(default_factory=list)
    superseded: int = 0

    def press(self, now: float) -> None:
        self.key += 1
        q = self.queries[self.key % len(self.queries)]
        self.sent_at, self.next_at = now, self.next_at + 1 / KEYS_PER_S
        args = {"q": q, "limit": LIMIT}
        self.wire.send({"ref": self.key, "cmd": "search.suggest", "args": args})

    def read(self) -> None:
        for frame in self.wire.arrived():
            if json.loads(frame).get("ref") == self.key:
                self.taken.append(time.perf_counter() - self.sent_at)
            else:
                self.superseded += 1


def type_for(typists: Sequence[Typist], seconds: float) -> None:
    """Answers that came for a key after the next one was pressed are counted, not timed."""
    poll = select.poll()
    by_socket = {one.wire.fileno(): one for one in typists}
    for number in by_socket:
        poll.register(number, select.POLLIN)
    began = time.perf_counter()
    for place, one in enumerate(typists):
        one.next_at = began + place / len(typists) / KEYS_PER_S
    while (now := time.perf_counter()) < began + seconds:
        for one in typists:
            if one.next_at <= now:
                one.press(time.perf_counter())
        rest = min(one.next_at for one in typists) - time.perf_counter()
        for number, _ in poll.poll(max(0.0, rest * 1000)):
            by_socket[number].read()
