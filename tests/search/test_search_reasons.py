"""What ops are told when an engine fails: why, and never a password."""

import errno
import os
from pathlib import Path

import pytest

from elearn.errors import SearchUnavailable
from elearn.search.elastic import ElasticSearch
from elearn.search.embedded import EmbeddedSearch
from elearn.search.embedded_index import Generation
from elearn.search.reasons import reason
from tests.faults.nodes import free_port
from tests.search.conftest import as_batches
from tests.search.fake_engine import FakeEngine, answer

BLOCKED = b'{"error":{"type":"cluster_block_exception","reason":"index is read-only"},"status":403}'
PAGE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
OTHER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
SAID = {
    "a password": (answer("401 Unauthorized", b""), "refuses the name and password"),
    "a block": (answer("403 Forbidden", BLOCKED), "(403: index is read-only)"),
    "too much": (answer("429 Too Many Requests", b'{"error":"busy"}'), "(429: busy)"),
    "a proxy": (PAGE, "Elasticsearch refuses it (502)"),
    "somebody else": (OTHER, "does not say that it is Elasticsearch"),
}


async def said_by(url: str) -> str:
    search = ElasticSearch(url, "courses")
    try:
        with pytest.raises(SearchUnavailable) as refused:
            await search.blocks()
        return reason(refused.value)
    finally:
        await search.close()


@pytest.mark.parametrize("what", SAID)
async def test_what_elasticsearch_refuses_is_said_with_its_reason(what: str) -> None:
    given, expected = SAID[what]
    async with FakeEngine([given]).serving() as url:
        said = await said_by(url.replace("http://", "http://elearn:hidden@"))
    assert expected in said
    assert "hidden" not in said


async def test_where_nothing_listens_the_address_is_said() -> None:
    port = free_port()
    said = await said_by(f"http://127.0.0.1:{port}")
    assert f"127.0.0.1:{port}" in said
    assert said.endswith("is it running?")


async def test_a_full_disk_is_said_and_its_room_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = EmbeddedSearch(tmp_path)
    await search.open()

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("commit", "close"):
        monkeypatch.setattr(Generation, name, no_room)
    with pytest.raises(SearchUnavailable) as refused:
        await search.rebuild(as_batches([]), epoch="e", seq=1)
    assert reason(refused.value).endswith("is the disk full?")
    assert os.listdir(tmp_path) == []
