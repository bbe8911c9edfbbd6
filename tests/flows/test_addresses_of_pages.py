"""Addresses that lead where they mean to, and answers that go out before a process ends."""

import asyncio
import json
from urllib.parse import quote

import pytest

from elearn.config import Config
from tests.browsing import Browser, signed_in
from tests.conftest import served
from tests.live import Live, until


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/courses/", "/courses"),
        ("/sign-in/", "/sign-in"),
        ("/courses/?q=algebra&page=2", "/courses?q=algebra&page=2"),
        ("/settings/profile/", "/settings/profile"),
        ("/help//", "/help"),
    ],
)
async def test_a_slash_too_many_leads_to_the_page(live: Live, path: str, leads_to: str) -> None:
    answer = await Browser(live).get(path)
    assert (answer.code, answer.headers["Location"]) == (301, leads_to)


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "//"])
async def test_a_slash_too_many_leads_to_no_other_site(live: Live, path: str) -> None:
    answer = await Browser(live).get(path)
    assert "evil" not in answer.headers.get("Location", "") or answer.code == 404


async def test_a_message_is_written_from_a_room_without_a_script(live: Live) -> None:
    teacher, ana = await live.teacher(), await live.student()
    course = await teacher.make_course()
    await ana.enroll(course)
    publish = {"course": course["id"], "kind": "announcement", "title": "t", "body": "b"}
    update = (await teacher.command("update.publish", **publish))["update"]
    browser = await signed_in(live, ana)
    for path in (f"/rooms/{course['id']}", f"/updates/{update['id']}"):
        token = await browser.token(path)
        sent = await browser.submit(path, {"body": "Which door?"}, xsrf=token)
        assert (sent.code, sent.headers["Location"]) == (303, path)
        assert "Which door?" in (await browser.get(path)).body.decode()


async def test_what_was_asked_before_the_end_is_answered(config: Config) -> None:
    """A poll that waits hears that the server ends, instead of a line that is cut."""
    async with served(config) as live:
        ana = await live.student()
        hello = await live.api("GET", "/api/poll", token=ana.token)
        asked = f"/api/poll?epoch={hello['epoch']}&cursors={quote(json.dumps(hello['cursors']))}"
        poll = asyncio.ensure_future(live.request("GET", asked, token=ana.token))
        await until(lambda: f"user:{ana.id}" in live.services.hub.topics())
        http = live._http
        live._http = type(http)(force_instance=True)
    answer = await poll
    http.close()
    assert answer.code == 503
    assert json.loads(answer.body)["error"]["code"] == "shutting_down"
