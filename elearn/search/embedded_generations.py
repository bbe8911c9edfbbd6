"""The generations of the embedded index in their directory: `CURRENT` names the one in use, and
replacing that name is the whole of a switch."""

import logging
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from elearn.errors import SearchUnavailable
from elearn.search.embedded_index import DamagedIndexError, Generation, engine, write_durably

_CURRENT = "CURRENT"

logger = logging.getLogger(__name__)


class EmbeddedGenerations:
    """Who only looks (`writes=False`) leaves alone what a server may be building there."""

    def __init__(self, directory: Path, *, writes: bool) -> None:
        self._directory = directory
        self._writes = writes

    def open_current(self) -> Generation | None:
        """None when it is missing, or damaged: it is put aside then."""
        self._directory.mkdir(parents=True, exist_ok=True)
        try:
            name = (self._directory / _CURRENT).read_text().strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        path = self._directory / name
        if not name or path.parent != self._directory:
            return None
        try:
            generation = Generation.open(path)
        except DamagedIndexError as error:
            if self._writes:
                logger.warning("the search index cannot be used and is rebuilt: %s", error)
                self._move_aside(path)
            return None
        if self._writes:
            self.drop_others(name)
        return generation

    def create(self) -> Generation:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        return Generation.create(self._directory / f"courses-{stamp}-{secrets.token_hex(4)}")

    def switch(self, name: str) -> None:
        write_durably(self._directory / _CURRENT, name.encode())

    def open_previous(self, current: str) -> Generation | None:
        """The newest whole one but the current."""
        for path in reversed(self._built()):
            if path.name != current and Generation.is_whole(path):
                try:
                    return Generation.open(path)
                except DamagedIndexError as error:
                    logger.warning("%s is no way back: %s", path.name, error)
        return None

    def _built(self) -> list[Path]:
        return sorted(
            path for path in self._directory.iterdir() if path.name.startswith("courses-")
        )

    def drop_others(self, *kept: str) -> None:
        """The generation before the current one stays, for a way back; halves and older go."""
        others = [path for path in self._built() if path.name not in kept]
        whole = [path for path in others if Generation.is_whole(path)]
        spared = whole[-1:] if len([name for name in kept if name]) == 1 else []
        for path in others:
            if path not in spared:
                shutil.rmtree(path, ignore_errors=True)

    def give_up(self, built: Generation) -> None:
        """Also where it cannot be closed in order: on a full disk its room is what is needed."""
        with suppress(SearchUnavailable), engine():
            built.close()
        shutil.rmtree(built.path, ignore_errors=True)

    def _move_aside(self, path: Path) -> None:
        damaged = self._directory / "damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        if path.exists():
            path.rename(damaged)
