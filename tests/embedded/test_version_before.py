"""A data directory that version 0.1 made, with the semester of its `elearn demo`, opens."""

import tarfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from elearn.config import Config
from elearn.events.base import Row, Unknown
from elearn.models import events, sessions, users
from elearn.models.ids import new_id
from elearn.nouns.people import Account, Session
from elearn.projections import applying
from tests.conftest import SECRET, serving
from tests.live import Json, Live

PEOPLE = 3
ARCHIVE = Path(__file__).parents[1] / "data" / "version_0_1.tar.xz"


@pytest.fixture
def old(config: Config, tmp_path: Path) -> Config:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return replace(
        config,
        mongodb_uri=None,
        mongodb_database="elearn",
        elasticsearch_url=None,
        data_dir=tmp_path,
        secret_key=SECRET,
    )


async def everybody(live: Live) -> AsyncIterator[tuple[Account, str]]:
    """Some accounts, each with a token: their passwords are not kept with the archive."""
    for document in await live.services.db.users.find({}).limit(PEOPLE).to_list(None):
        account = await users.find(live.services.db, document["_id"])
        assert account is not None
        now = live.services.clock()
        session = Session(
            id=new_id(),
            user=account.id,
            agent="test",
            address="local",
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(days=1),
            refreshed_at=now,
        )
        await sessions.insert(live.services.db, session)
        yield account, live.services.tokens.access(account.id, session.id)


async def every_row(live: Live) -> list[Row]:
    found = await live.services.db.events.find({}).to_list(None)
    rows = [events.row_of(document) for document in found]
    return sorted(rows, key=lambda row: (row.topic, row.seq))


async def test_everybody_finds_their_courses_rooms_and_notices_again(old: Config) -> None:
    async with serving(old) as live:
        said = told = 0
        async for account, token in everybody(live):
            for page in ("/", "/messages", "/notifications", f"/users/{account.id}"):
                response = await live.request("GET", page, token=token, headers=HTML)
                assert response.code == 200, (account.name, page)
            client = await live.connect(token=token)
            for room in (await client.do("room.list"))["rooms"]:
                history = await client.do("chat.history", room=room["id"], limit=100)
                assert bool(history["messages"]) is bool(room["last_message"])
                said += len(history["messages"])
            told += len((await client.do("notification.list", limit=100))["notices"])
            await replayed(client, live.services.epoch)
        await live.close()
    assert said > 200
    assert told > 50


HTML = {"Accept": "text/html"}


async def replayed(client: Any, epoch: str) -> None:
    """What was said before comes again on each topic, or is too much and is said to be."""
    hello: Json = client.hello
    answer = await client.do("sync", epoch=epoch, cursors=dict.fromkeys(hello["topics"], 0))
    for topic, found in answer["topics"].items():
        assert "error" not in found, (topic, found)
        assert found["events"] or not hello["topics"][topic] or not found["recovered"]


async def test_every_row_is_read_and_its_documents_are_what_it_makes_of_them(old: Config) -> None:
    async with serving(old) as live:
        rows = await every_row(live)
        assert [row.id for row in rows if isinstance(row.data, Unknown)] == []
        before = await documents(live)
        await applying.apply(live.services.db, rows)
        assert await documents(live) == before
        await live.close()


async def documents(live: Live) -> dict[str, list[Json]]:
    names = ("courses", "enrollments", "rooms", "memberships", "updates", "feed", "notice_states")
    return {name: await live.services.db[name].find({}).to_list(None) for name in names}


async def test_the_index_of_before_finds_a_course(old: Config) -> None:
    async with serving(old) as live:
        found = await live.api("GET", "/api/courses?q=statistics")
        assert [hit["code"] for hit in found["hits"]][:1] == ["STA 301"]
        await live.close()
