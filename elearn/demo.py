"""`elearn demo`."""

from typing import Any


async def fill(services: Any, console: Any) -> list[str]:
    return []
