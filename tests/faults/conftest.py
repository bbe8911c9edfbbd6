"""The ground that the quick cases share, and what decides in them."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from tests.faults.ground import Ground


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    found = Ground(tmp_path_factory.mktemp("faults"))
    yield found
    asyncio.run(found.close())


@pytest.fixture
def seed() -> int:
    """Printed with a failure: `random.Random(seed)` decides who is cut and when."""
    found = random.randrange(10**6)
    print(f"seed {found}")
    return found
