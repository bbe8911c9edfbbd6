"""The demo: a semester that people could have lived, played once however often it is run."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from elearn.config import Config
from elearn.demo.acts import PlayedClock
from elearn.demo.fill import _said, fill_semester
from elearn.demo.people import PASSWORD, PEOPLE, STUDENT, TEACHER
from elearn.demo.script import Line, read_script
from elearn.services import Services, open_services
from elearn.serving import SERVER, hold_data
from tests.conftest import serving
from tests.live import Live

QUIET = Console(quiet=True)
Json = dict[str, Any]


@asynccontextmanager
async def beside(config: Config) -> AsyncIterator[tuple[Services, PlayedClock]]:
    clock = PlayedClock()
    async with open_services(config, serving=False, clock=clock) as services:
        yield services, clock


async def rows(services: Services) -> list[Json]:
    found: list[Json] = await services.db.events.find({}).to_list(None)
    return found


def test_a_script_is_read_as_messages_with_replies_mentions_and_code() -> None:
    script = """
ada: Look:

  ```
  x = 1
  ```
ben>: Nice, @ada
ada: Thanks
ben>ada: You are welcome
"""
    assert read_script(script, {"ada": "Ada L.", "ben": "Ben"}) == [
        Line("ada", "Look:\n\n```\nx = 1\n```", None),
        Line("ben", "Nice, @Ada L.", 0),
        Line("ada", "Thanks", None),
        Line("ben", "You are welcome", 2),
    ]


async def test_the_semester_is_whole_is_played_once_and_a_server_shows_it(config: Config) -> None:
    async with beside(config) as (services, clock):
        said = await fill_semester(services, clock, QUIET)
        first = await rows(services)
        await fill_semester(services, clock, QUIET)
        assert len(await rows(services)) == len(first)
    assert_believable(first)
    assert_reactions_have_the_time_of_their_cause(first)
    assert "as soon as `elearn serve` runs" in said[0]
    with hold_data(config.data_dir, SERVER):
        assert _said(services)[0].endswith(" now.")
    assert PEOPLE[TEACHER].email in said[2]
    assert PEOPLE[STUDENT].email in said[3]
    assert PASSWORD in said[4]
    await assert_served(config)


def assert_believable(first: list[Json]) -> None:
    events = Counter(row["event"] for row in first)
    assert events["chat.posted"] > 250
    assert all(row["reacted"] for row in first)
    now, week = datetime.now(UTC), timedelta(days=7)
    posted = [row for row in first if row["event"] == "chat.posted"]
    assert max(row["at"] for row in posted) < now
    assert len({(now - row["at"]) // week for row in posted}) >= 5
    bodies = [row["data"]["body"] for row in posted]
    assert any("```" in body for body in bodies)
    assert any(not any(letter.isalnum() for letter in body) for body in bodies)
    assert max(len(word) for body in bodies for word in body.split()) > 60
    assert sum(bool(row["data"]["reply_to"]) for row in posted) > 50
    assert sum(bool(row["data"]["mentions"]) for row in posted) >= 5
    assert not [body for body in bodies if "@aiko" in body]


def assert_reactions_have_the_time_of_their_cause(first: list[Json]) -> None:
    stored = {row["_id"]: row for row in first}
    followed = [row for row in first if row["digest"] == "reaction"]
    causes = [(row, stored.get(row["key"].partition("/")[0])) for row in followed]
    known = [(row, cause) for row, cause in causes if cause is not None]
    assert len(known) > 200
    assert all(row["at"] == cause["at"] for row, cause in known)


async def assert_served(config: Config) -> None:
    """Notices, feed, rooms and search are filled, and some of it is news."""
    async with serving_now(config) as live:
        await live.search_follows()
        answer = await live.api(
            "POST", "/api/sessions", {"email": PEOPLE[STUDENT].email, "password": PASSWORD}
        )
        token = answer["access_token"]

        async def ask(cmd: str, **args: Any) -> Json:
            body = {"cmd": cmd, "args": args}
            result: Json = (await live.api("POST", "/api/commands", body, token=token))["result"]
            return result

        notices = await ask("notification.list", limit=50)
        assert 0 < notices["unread"] < len(notices["notices"])
        kinds = {one["kind"] for one in (await ask("feed.list", scope="me", limit=100))["items"]}
        assert kinds == {"status", "enrollment", "update", "feedback", "chat", "room"}
        rooms = (await ask("room.list"))["rooms"]
        assert {one["kind"] for one in rooms} >= {"course", "open", "announce", "private", "direct"}
        unread = [one["unread"] for one in rooms]
        assert 0 < sum(map(bool, unread)) < len(unread)
        hits = (await ask("search.suggest", q="biochemestry"))["hits"]
        assert hits[0]["title"] == "Biochemistry of Everyday Life"
        assert not (await ask("search.suggest", q="Chemistry of Cooking"))["hits"][1:]


@asynccontextmanager
async def serving_now(config: Config) -> AsyncIterator[Live]:
    async with serving(config) as live:
        try:
            yield live
        finally:
            await live.close()
