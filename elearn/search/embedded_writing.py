"""Writing courses to a generation of the embedded index: the newer version wins, also over a
deletion."""

from collections import OrderedDict
from collections.abc import Sequence

from elearn.search.backend import Changes, CourseDocument
from elearn.search.embedded_index import Generation

KEPT_DELETIONS = 10_000


class VersionedWriter:
    """The index says which version of a course it holds; of those that are gone, this does."""

    def __init__(self) -> None:
        self._deleted: OrderedDict[str, int] = OrderedDict()

    def write(
        self,
        generation: Generation,
        documents: Sequence[CourseDocument],
        deletions: Sequence[tuple[str, int]],
    ) -> None:
        held = generation.held([one.id for one in documents] + [id for id, _ in deletions])
        newest: dict[str, tuple[int, CourseDocument | None]] = {}
        changes: list[tuple[str, int, CourseDocument | None]] = [
            *((one.id, one.version, one) for one in documents),
            *((id, version, None) for id, version in deletions),
        ]
        for id, version, document in changes:
            there = held[id].version if id in held else 0
            known = max(there, self._deleted.get(id, 0), newest.get(id, (0,))[0])
            if version >= known:
                newest[id] = (version, document)
        if not newest:
            return
        generation.add(one for _, one in newest.values() if one is not None)
        generation.remove(id for id, (_, one) in newest.items() if one is None)
        generation.commit()
        for id, (version, document) in newest.items():
            self._deleted.pop(id, None)
            if document is None:
                self._deleted[id] = version
        while len(self._deleted) > KEPT_DELETIONS:
            self._deleted.popitem(last=False)


def fill_in(built: Generation, changes: Changes) -> None:
    """In the order of the log, so that nothing newer can be in it."""
    built.remove(id for id, _ in changes.deletions)
    built.add(changes.documents)
