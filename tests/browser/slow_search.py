"""`elearn serve` with a search that ends for the texts `ENDS` alone; notes what became of each."""

import asyncio
import os
from pathlib import Path
from typing import Any

from elearn.__main__ import main
from elearn.actions import search

NOTES = "searches.txt"
ENDS = ("bioch", "chemistry")


def slowed(suggest: Any) -> Any:
    notes = Path(os.environ["ELEARN_DATA_DIR"]) / NOTES

    def note(what: str, q: str) -> None:
        with notes.open("a") as file:
            file.write(f"{what} {q}\n")

    async def slow(services: Any, user: Any, q: str, *rest: Any) -> Any:
        note("began", q)
        try:
            if q not in ENDS:
                await asyncio.Event().wait()
            answer = await suggest(services, user, q, *rest)
        except asyncio.CancelledError:
            note("cancelled", q)
            raise
        note("answered", q)
        return answer

    return slow


if __name__ == "__main__":
    search.suggest = slowed(search.suggest)
    main()
