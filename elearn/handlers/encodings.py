"""Answers made smaller, as their client takes them: brotli, else gzip, else as they are."""

import gzip

import brotli

IDENTITY, GZIP, BROTLI = "identity", "gzip", "br"
# One step more costs ten times the time and saves a tenth.
GZIP_LEVEL, BROTLI_QUALITY = 6, 6


def encoding_for(accepted: str) -> str:
    """The best encoding that an Accept-Encoding header allows; one with `q=0` is refused."""
    allowed = {
        name.strip().lower()
        for name, _, weight in (part.partition(";") for part in accepted.split(","))
        if _weight(weight) > 0
    }
    return next((one for one in (BROTLI, GZIP) if one in allowed), IDENTITY)


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def encode(body: bytes, encoding: str) -> bytes:
    """Takes milliseconds for a large page and lets other threads run meanwhile."""
    if encoding == BROTLI:
        packed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)
        return packed
    return gzip.compress(body, GZIP_LEVEL, mtime=0) if encoding == GZIP else body
