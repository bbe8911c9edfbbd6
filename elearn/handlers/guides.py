"""The user guides: the files of docs/guides, shown in the product under /help."""

from functools import lru_cache
from pathlib import Path

from elearn.rendering.texts import render

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
ORDER = ("start", "chat", "notifications", "updates", "feed", "enrollment", "search", "rooms")


@lru_cache(maxsize=1)
def _guides() -> dict[str, dict[str, str]]:
    found = {}
    for slug in ORDER:
        path = GUIDES / f"{slug}.md"
        if not path.exists():
            continue
        title, _, text = path.read_text().partition("\n")
        found[slug] = {
            "slug": slug,
            "title": title.removeprefix("# ").strip(),
            "html": render(text.strip()),
        }
    return found


def list_guides() -> list[dict[str, str]]:
    return [{"slug": one["slug"], "title": one["title"]} for one in _guides().values()]


def find_guide(slug: str) -> dict[str, str] | None:
    return _guides().get(slug)
