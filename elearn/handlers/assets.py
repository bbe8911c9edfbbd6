"""The files of static/: read and compressed once, each under an address with its content's hash."""

import asyncio
import hashlib
import mimetypes
import re
from pathlib import Path

from tornado.web import HTTPError, RequestHandler

from elearn.handlers.encodings import IDENTITY, encode, encoding_for

FOREVER = "public, max-age=31536000, immutable"

_SHEET = re.compile(rb'@import "(\w+\.css)";\n')


class Asset:
    """A file's content, also as clients take it compressed."""

    def __init__(self, path: str, content: bytes) -> None:
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        self.type = f"{kind}; charset=utf-8"
        self.content = content
        self.version = hashlib.sha256(content).hexdigest()[:12]
        self._encoded = {IDENTITY: content}

    async def encoded(self, encoding: str) -> bytes:
        if encoding not in self._encoded:
            self._encoded[encoding] = await asyncio.to_thread(encode, self.content, encoding)
        return self._encoded[encoding]


class Assets:
    """A folder as it was when the process began, so that memory holds each file at most thrice."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): _read(path, folder)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def find(self, path: str) -> Asset | None:
        return self._files.get(path)

    def address(self, path: str) -> str:
        return f"/static/{path}?v={self._files[path].version}"

    def modules(self) -> dict[str, str]:
        """The text of each script, by its path in static/js."""
        return {
            path.removeprefix("js/"): asset.content.decode()
            for path, asset in self._files.items()
            if path.startswith("js/")
        }


def _read(path: Path, folder: Path) -> Asset:
    """A sheet that imports others has them in their places: a page waits for one answer."""
    content = path.read_bytes()
    if path.suffix == ".css":
        content = _SHEET.sub(lambda found: (path.parent / found[1].decode()).read_bytes(), content)
    return Asset(path.relative_to(folder).as_posix(), content)


class AssetHandler(RequestHandler):
    """Public, and for ever the same under the address of this version."""

    def initialize(self, assets: Assets) -> None:
        self.assets = assets
        self._tag = ""

    async def get(self, path: str) -> None:
        asset = self.assets.find(path)
        if asset is None:
            raise HTTPError(404)
        encoding = encoding_for(self.request.headers.get("Accept-Encoding", ""))
        current = self.get_query_argument("v", "") == asset.version
        self._tag = f'"{asset.version}-{encoding}"'
        self.clear_header("Server")
        self.set_header("Content-Type", asset.type)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", FOREVER if current else "no-cache")
        self.set_header("Vary", "Accept-Encoding")
        if encoding != IDENTITY:
            self.set_header("Content-Encoding", encoding)
        self.finish(await asset.encoded(encoding))

    head = get

    def compute_etag(self) -> str:
        """Each encoding is another text."""
        return self._tag
