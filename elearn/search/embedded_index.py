"""One generation of the embedded index: a directory with a tantivy index and its cursor.

A generation is whole or it is not used: its files carry checksums that are read before it is
opened, since tantivy itself reads a damaged file until it panics.
"""

import json
import os
import struct
import threading
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import tantivy

from elearn.errors import SearchUnavailable
from elearn.search.backend import CourseDocument, Cursor, Held
from elearn.search.embedded_schema import MAX_START, build_schema, tantivy_document

FORMAT = 4
"""Raised with every change of the schema or of how texts become words."""
WRITER_BYTES = 30_000_000
"""Segments of a build then hold up to 15,000 courses. tantivy counts those below 17,000 as of one
size with the smallest, so that `gather` merges all of 100,000 courses; with half of it, seven
segments stayed."""
MERGED = 8
"""Segments of like size that tantivy makes one of; it has no call to merge fewer."""

_FOOTER = struct.Struct("<II")
_FOOTER_MAGIC = 1337
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_CURSOR = "cursor.json"


class DamagedIndexError(Exception):
    """The directory holds no index that this version can trust."""


class _State(msgspec.Struct, frozen=True):
    format: int
    epoch: str
    seq: int


@contextmanager
def engine() -> Iterator[None]:
    """Turn whatever tantivy raises into `SearchUnavailable`, its panics included: those derive
    from `BaseException` and would else end the server's loop."""
    try:
        yield
    except SearchUnavailable:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise SearchUnavailable("Search is being repaired. Please try again soon.") from error


class Generation:
    """An open index. One thread writes at a time; any number search `searcher`."""

    def __init__(self, path: Path, index: tantivy.Index, state: _State | None) -> None:
        self.path = path
        self.name = path.name
        self.index = index
        self.schema = index.schema
        self._state = state
        self._writer: tantivy.IndexWriter | None = None
        self._newest: deque[CourseDocument] = deque(maxlen=MERGED - 1)
        # A cancelled caller's thread may still be at work when the next one comes.
        self._lock = threading.RLock()
        index.register_tokenizer(
            "starts",
            tantivy.TextAnalyzerBuilder(
                tantivy.Tokenizer.ngram(min_gram=1, max_gram=MAX_START, prefix_only=True)
            ).build(),
        )
        index.reload()
        self.searcher = index.searcher()

    @classmethod
    def create(cls, path: Path) -> "Generation":
        path.mkdir(parents=True)
        return cls(path, tantivy.Index(build_schema(), path=str(path)), None)

    @classmethod
    def open(cls, path: Path) -> "Generation":
        """`DamagedIndexError` when anything in it is missing, cut, altered or foreign."""
        try:
            state = msgspec.json.decode((path / _CURSOR).read_bytes(), type=_State)
            if state.format != FORMAT:
                raise DamagedIndexError("of another version")
            verify_files(path)
            with engine():
                if not tantivy.Index.is_compatible(str(path)):
                    raise DamagedIndexError("of another engine version")
                return cls(path, tantivy.Index.open(str(path)), state)
        except (OSError, ValueError, KeyError, TypeError, SearchUnavailable) as error:
            raise DamagedIndexError(str(error)) from error

    @staticmethod
    def is_whole(path: Path) -> bool:
        """Whether a build of it came to its end: the cursor is written last."""
        return (path / _CURSOR).exists()

    @property
    def cursor(self) -> Cursor | None:
        state = self._state
        return None if state is None else Cursor(state.epoch, state.seq, self.name)

    @property
    def count(self) -> int:
        return self.searcher.num_docs

    @property
    def segments(self) -> int:
        return int(self.searcher.num_segments)

    def in_titles(self, word: str) -> bool:
        return self.searcher.doc_freq("title", word) > 0

    def set_cursor(self, epoch: str, seq: int) -> None:
        state = _State(FORMAT, epoch, seq)
        write_durably(self.path / _CURSOR, msgspec.json.encode(state))
        self._state = state

    def fill(self, documents: Iterable[CourseDocument]) -> None:
        """Into the next commit, of courses that are not here yet: tantivy keeps 1.2 kB for each
        deletion until then."""
        with self._lock:
            writer = self._opened_writer()
            for course in documents:
                writer.add_document(tantivy_document(course))
                self._newest.append(course)

    def add(self, documents: Iterable[CourseDocument]) -> None:
        """Into the next commit, over what was there: the caller has compared versions."""
        with self._lock:
            writer = self._opened_writer()
            for course in documents:
                writer.delete_documents_by_term("id", course.id)
                writer.add_document(tantivy_document(course))
                self._newest.append(course)

    def remove(self, ids: Iterable[str]) -> None:
        with self._lock:
            writer = self._opened_writer()
            for course_id in ids:
                writer.delete_documents_by_term("id", course_id)
                self._newest.clear()

    def commit(self) -> None:
        with self._lock:
            self._opened_writer().commit()
            self._read_anew()

    def gather(self) -> None:
        """One segment out of many, after much was written: each of them costs every search.
        What came last is written again, one by one, until there are enough to be merged."""
        with self._lock:
            again = {course.id: course for course in self._newest}
            segments = self._settled()
            for course in again.values():
                if segments == 1:
                    return
                self.add([course])
                self._opened_writer().commit()
                before, segments = segments, self._settled()
                if segments <= before:
                    return

    def _settled(self) -> int:
        """How many segments there are when no merge is under way."""
        self.close()
        self._read_anew()
        return self.segments

    def _read_anew(self) -> None:
        self.index.reload()
        self.searcher = self.index.searcher()

    def held(self, ids: Sequence[str]) -> dict[str, Held]:
        """Those of these courses that are here."""
        searcher, found = self.searcher, {}
        for course_id in ids:
            query = tantivy.Query.term_query(self.schema, "id", course_id)
            for _, address in searcher.search(query, 1, count=False).hits:
                version, digest = (
                    int(searcher.fast_field_values(name, [address])[0] or 0)
                    for name in ("version", "digest")
                )
                found[course_id] = Held(version, digest)
        return found

    def close(self) -> None:
        with self._lock:
            if self._writer is not None:
                writer, self._writer = self._writer, None
                writer.wait_merging_threads()

    def _opened_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self.index.writer(heap_size=WRITER_BYTES, num_threads=1)
        return self._writer


def verify_files(path: Path) -> None:
    """Compare each file of the index with the checksum in its footer; `DamagedIndexError` when
    one is missing or differs, `OSError` when it cannot be read."""
    json.loads((path / ".managed.json").read_bytes())
    for segment in json.loads((path / "meta.json").read_bytes())["segments"]:
        name = segment["segment_id"].replace("-", "")
        files = [f"{name}.{part}" for part in _PARTS]
        if segment["deletes"] is not None:
            files.append(f"{name}.{segment['deletes']['opstamp']}.del")
        for file in files:
            _verify_file(path / file)


def _verify_file(path: Path) -> None:
    data = path.read_bytes()
    if len(data) < _FOOTER.size:
        raise DamagedIndexError(f"{path.name} was cut")
    length, magic = _FOOTER.unpack(data[-_FOOTER.size :])
    end = len(data) - _FOOTER.size - length
    if magic != _FOOTER_MAGIC or end < 0:
        raise DamagedIndexError(f"{path.name} was cut")
    if zlib.crc32(data[:end]) != json.loads(data[end : -_FOOTER.size])["crc"]:
        raise DamagedIndexError(f"{path.name} was altered")


def write_durably(path: Path, data: bytes) -> None:
    """Replace a small file in one act that outlives a power cut."""
    made = path.with_name(path.name + ".new")
    with made.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
