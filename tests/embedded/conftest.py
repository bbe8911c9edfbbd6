"""A data directory whose store is down when the test has ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from elearn.embedded.files import StoreFiles
from tests.embedded_stores import is_down, until


@pytest.fixture
def files(tmp_path: Path) -> Iterator[StoreFiles]:
    files = StoreFiles(tmp_path.resolve())
    yield files
    if files.folder.exists():
        until(lambda: is_down(files))
