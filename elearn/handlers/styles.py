"""The style sheets of a page in one answer: it shows nothing before the last of them is there."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tornado.web import HTTPError, RequestHandler

FOREVER = "public, max-age=31536000, immutable"


class StyleSheets:
    """The sheets of a folder. An address names those that it joins, so any node can answer it."""

    def __init__(self, folder: Path) -> None:
        self._sheets = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.css"))}
        self.version = hashlib.sha256(b"".join(self._sheets.values())).hexdigest()[:12]

    def address(self, *lists: Iterable[str]) -> str:
        names = ".".join(name for one in lists for name in one)
        return f"/styles/{names}.css?v={self.version}"

    def joined(self, names: list[str]) -> bytes | None:
        """Nothing for a name that is unknown, or said twice: an answer is never longer than all."""
        if len(set(names)) < len(names) or not self._sheets.keys() >= set(names):
            return None
        return b"".join(self._sheets[name] for name in names)


class StylesHandler(RequestHandler):
    """Public, and for ever the same under the address of this version."""

    def initialize(self, styles: StyleSheets) -> None:
        self.styles = styles

    def get(self, names: str) -> None:
        joined = self.styles.joined(names.split("."))
        if joined is None:
            raise HTTPError(404)
        self.clear_header("Server")
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        current = self.get_query_argument("v", "") == self.styles.version
        self.set_header("Cache-Control", FOREVER if current else "no-cache")
        self.finish(joined)
