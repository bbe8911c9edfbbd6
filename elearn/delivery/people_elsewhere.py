"""Who is here by what the other nodes say; a node that is silent is forgotten."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from elearn.nouns.people import Person

# With the quarter of it that may pass until it is noticed: a minute.
NODE_S = 48.0


class _Node(msgspec.Struct):
    """What another node said of its own people."""

    at: float
    topics: Mapping[str, Mapping[str, Person]]


class PeopleElsewhere:
    """`before_move` hears of the people whose state on a topic is about to change."""

    def __init__(
        self, now_s: Callable[[], float], before_move: Callable[[str, Iterable[str]], None]
    ) -> None:
        self._now_s = now_s
        self._before_move = before_move
        self._nodes: dict[str, _Node] = {}

    def on(self, topic: str) -> Iterator[tuple[str, Person]]:
        """By id; who is at two nodes comes twice."""
        for node in self._nodes.values():
            yield from node.topics.get(topic, {}).items()

    def has(self, topic: str, user_id: str) -> bool:
        return any(user_id in node.topics.get(topic, {}) for node in self._nodes.values())

    def merge(self, node: str, state: Mapping[str, Mapping[str, Person]], at_s: float) -> None:
        """Another node's whole `local()`, true at `at_s` of this node's clock; it is forgotten
        when nothing newer came for `NODE_S`."""
        known = self._nodes.get(node)
        if known is not None and known.at > at_s:
            return
        before = known.topics if known is not None else {}
        for topic in {*before, *state}:
            self._before_move(topic, set(before.get(topic, {})) ^ set(state.get(topic, {})))
        self._nodes[node] = _Node(at_s, state)
        if known is None:
            asyncio.get_running_loop().call_later(NODE_S, self._sweep_again)

    def sweep(self) -> None:
        """Forget the nodes that have been silent for `NODE_S`."""
        for name, node in list(self._nodes.items()):
            if self._now_s() - node.at >= NODE_S:
                self.merge(name, {}, self._now_s())
                del self._nodes[name]

    def _sweep_again(self) -> None:
        self.sweep()
        if self._nodes:
            asyncio.get_running_loop().call_later(NODE_S / 4, self._sweep_again)
