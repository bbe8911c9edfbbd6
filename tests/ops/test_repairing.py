"""A backup that was not of one moment: documents are brought into step with the log."""

from typing import Any

import pytest
from rich.console import Console

from elearn.actions.account_rights import OPERATIONS, change_account
from elearn.actions.act import new_act
from elearn.config import Config
from elearn.events.chat import ChatRead
from elearn.ops import repairing
from elearn.ops.repairing import documents_state
from elearn.projections.held import HELD
from elearn.projections.table import PROJECTIONS
from elearn.services import Services
from tests.live import Json, Live, Person

FOLLOW = (
    *("courses", "rooms", "teaching", "enrollments", "memberships", "updates"),
    *("feed", "feedback", "notice_states"),
)
LOG = "events"
Dump = dict[str, list[Json]]


async def dumped(services: Services, *names: str) -> Dump:
    found = {}
    for name in names or ("users", *FOLLOW):
        documents = await services.db[name].find({}).to_list(None)
        found[name] = sorted(documents, key=lambda one: str(one["_id"]))
    return found


async def restored(services: Services, dump: Dump, *names: str) -> None:
    for name in names:
        await services.db[name].delete_many({})
        if dump[name]:
            await services.db[name].insert_many(dump[name])


class Term:
    """What happens in a course: a first half and a second one."""

    def __init__(self, live: Live) -> None:
        self.live = live

    async def first_half(self) -> None:
        live = self.live
        self.teacher, self.ada = await live.teacher(), await live.student()
        self.ben = await live.student()
        self.course = await self.teacher.make_course("Algebra")
        await self.ada.enroll(self.course)
        course = self.course["id"]
        made = await self.teacher.command("room.create", course=course, name="study", kind="open")
        self.room = made["room"]["id"]
        posted = await self.ada.command("feed.post", course=course, body="hello")
        self.post = posted["item"]["id"]
        await self._feedback(self.ada, 5)
        await live.settled()

    async def second_half(self) -> None:
        course = self.course["id"]
        await self.ben.enroll(self.course)
        await self.teacher.api("PATCH", f"/api/courses/{course}", {"title": "Algebra II"})
        await self.ben.command("room.join", room=self.room)
        await self.teacher.command(
            "update.publish", course=course, kind="announcement", title="News", body="All of it."
        )
        await self.ada.command("notification.read", all=True)
        await self.ada.command("feed.delete", item=self.post)
        await self._feedback(self.ben, 2)
        await self.teacher.make_course("Geometry")
        await self.ada.command("enrollment.leave", course=course)
        act = new_act(OPERATIONS, "change-user", [])
        await change_account(self.live.services, act, self.ada.id, role="teacher")
        await self.live.settled()

    async def _feedback(self, person: Person, stars: int) -> None:
        await person.command(
            "feed.feedback", course=self.course["id"], stars=stars, comment="So so."
        )


async def play(live: Live) -> tuple[Dump, Dump]:
    term = Term(live)
    await term.first_half()
    first = {**await dumped(live.services), **await dumped(live.services, LOG)}
    await term.second_half()
    return first, await dumped(live.services)


async def said(config: Config) -> tuple[str, bool]:
    return await documents_state(config, Console(quiet=True))


async def test_documents_that_agree_are_left_alone(config: Config, live: Live) -> None:
    await play(live)
    text, well = await said(config)
    assert well
    assert text.startswith("agree with the log: ")


@pytest.mark.parametrize(
    "older",
    [*((name,) for name in (*FOLLOW, "users")), (*FOLLOW, "users")],
    ids=lambda o: "-".join(o),
)
async def test_documents_older_than_the_log_are_brought_up_to_it(
    config: Config, live: Live, older: tuple[str, ...]
) -> None:
    first, second = await play(live)
    await restored(live.services, first, *older)
    text, well = await said(config)
    assert well
    assert "disagreed with the log, and were written anew" in text
    assert await dumped(live.services) == second
    assert (await said(config))[0].startswith("agree")


async def test_documents_newer_than_the_log_are_taken_back_to_it(
    config: Config, live: Live
) -> None:
    first, _ = await play(live)
    await restored(live.services, first, LOG)
    text, well = await said(config)
    assert well, text
    assert await dumped(live.services, *FOLLOW) == {name: first[name] for name in FOLLOW}


async def test_beside_a_running_server_it_is_only_said(
    config: Config, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = await play(live)
    await restored(live.services, first, "enrollments")
    monkeypatch.setattr(repairing, "server_runs", lambda folder: True)
    text, well = await said(config)
    assert not well
    assert "disagree with the log: stop the servers" in text
    assert (await dumped(live.services))["enrollments"] == first["enrollments"]


def test_every_row_that_documents_follow_from_is_compared() -> None:
    """But for read marks, which are also written without a row."""
    projected: set[Any] = {event for _, event in PROJECTIONS}
    assert projected - {ChatRead} == set(HELD)
