"""Any sequence of posts, reads, removals and leavings leaves lists, replay and counts that a fresh
read agrees with, and no word that the reader may not see."""

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tornado.ioloop import IOLoop

from tests.conftest import Start
from tests.live import Json, Live, LiveClient, Person
from tests.settling import LIMIT_S

STEPS = (
    "mention in the course",
    "mention in the room",
    "write directly",
    "announce",
    "open a room",
    "make the last room private",
    "feedback",
    "take feedback back",
    "see",
    "read the newest",
    "read all",
    "unread the newest",
    "undo",
    "remove from the room",
    "invite to the room",
    "leave the course",
    "enrol",
)


@dataclass
class Shown:
    """What a page has of its reader's notices: a list as it was read, and what was told since."""

    notices: dict[str, Json]
    unseen: int
    unread: int

    def told(self, push: Json, reader: str) -> None:
        data = push["data"]
        if push["push"] == "notification.created":
            self._created(push, reader)
        elif push["push"] == "notification.withdrawn":
            gone = [self.notices.pop(one) for one in data["ids"] if one in self.notices]
            self.unseen = data.get("unseen", self.unseen - sum(not one["seen"] for one in gone))
            self.unread = data.get("unread", self.unread - sum(not one["read"] for one in gone))
        elif push["push"] == "notification.read":
            self.unseen, self.unread = data["unseen"], data["unread"]
            for notice in self.notices.values():
                notice |= marks_of(notice, data["topics"])
        elif push["push"] == "server.unsubscribed":
            lost = [one for one in self.notices.values() if one["topic"] == data["topic"]]
            for notice in lost:
                del self.notices[notice["id"]]

    def _created(self, push: Json, reader: str) -> None:
        if push["topic"].startswith("user:") or push["actor"] != reader:
            notice = dict(push["data"]["notice"])
            self.notices[notice["id"]] = notice
            self.unseen = push["data"].get("unseen", self.unseen + 1)
            self.unread = push["data"].get("unread", self.unread + 1)


def marks_of(notice: Json, topics: Json) -> Json:
    own = topics.get(notice["topic"], {"seen": 0, "read": 0, "unread": [], "extra": []})
    below = notice["seq"] <= own["read"]
    excepted = notice["seq"] in (own["unread"] if below else own["extra"])
    return {"seen": notice["seq"] <= own["seen"], "read": below != excepted}


@dataclass
class Scene:
    """A teacher, and Ana, who looks; what was said where, each with a word of its own."""

    live: Live
    teacher: Person
    ana: Person
    course: str
    room: str
    phone: LiveClient
    shown: Shown
    heard: int = 0
    enrolled: bool = True
    invited: bool = True
    words: dict[str, str] = field(default_factory=dict)
    rooms: dict[str, bool] = field(default_factory=dict)
    item: str | None = None
    undo: str | None = None
    count: int = 0

    def word(self, where: str) -> str:
        self.count += 1
        said = f"word{self.count}."
        self.words[said] = where
        return said

    def may_see(self, where: str) -> bool:
        if where == "direct":
            return True
        if where == "room":
            return self.enrolled and self.invited
        if where in self.rooms:
            return self.enrolled and not self.rooms[where]
        return self.enrolled

    async def do(self, step: str) -> None:
        await getattr(self, "do_" + step.replace(" ", "_"))()
        await self.live.settled()
        await self.phone.do("ping")
        for push in self.phone.seen[self.heard :]:
            self.shown.told(push, self.ana.id)
        self.heard = len(self.phone.seen)

    async def says(self, where: str, room: str) -> None:
        await self.teacher.command("chat.post", room=room, body=f"@Ana {self.word(where)}")

    async def do_mention_in_the_course(self) -> None:
        await self.says("course", self.course)

    async def do_mention_in_the_room(self) -> None:
        await self.says("room", self.room)

    async def do_write_directly(self) -> None:
        made = await self.teacher.command("chat.direct", user=self.ana.id)
        await self.says("direct", made["room"]["id"])

    async def do_announce(self) -> None:
        title = self.word("course")
        said = {"kind": "announcement", "title": title, "body": title}
        await self.teacher.command("update.publish", course=self.course, **said)

    async def do_open_a_room(self) -> None:
        name = f"word{self.count + 1}."
        made = await self.teacher.command("room.create", course=self.course, name=name)
        room = made["room"]["id"]
        self.word(room)
        self.rooms[room] = False
        await self.says(room, room)

    async def do_make_the_last_room_private(self) -> None:
        if self.rooms:
            room = list(self.rooms)[-1]
            await self.teacher.command("room.update", room=room, kind="private")
            self.rooms[room] = True

    async def do_feedback(self) -> None:
        if self.enrolled:
            said = {"stars": 1 + self.count % 5, "comment": self.word("gone")}
            given = await self.ana.command("feed.feedback", course=self.course, **said)
            self.item = given["item"]["id"]

    async def do_take_feedback_back(self) -> None:
        if self.item:
            await self.ana.command("feed.delete", item=self.item)
            self.item = None

    async def do_see(self) -> None:
        await self.ana.command("notification.seen")

    async def _newest(self) -> list[str]:
        page = await self.ana.command("notification.list", limit=2)
        return [notice["id"] for notice in page["notices"]]

    async def do_read_the_newest(self) -> None:
        if ids := await self._newest():
            self.undo = (await self.ana.command("notification.read", ids=ids))["undo"]

    async def do_read_all(self) -> None:
        self.undo = (await self.ana.command("notification.read", all=True))["undo"]

    async def do_unread_the_newest(self) -> None:
        if ids := await self._newest():
            await self.ana.command("notification.unread", ids=ids)

    async def do_undo(self) -> None:
        if self.undo:
            await self.ana.command("notification.unread", undo=self.undo)

    async def do_remove_from_the_room(self) -> None:
        if self.enrolled and self.invited:
            await self.teacher.command("room.remove", room=self.room, user=self.ana.id)
            self.invited = False

    async def do_invite_to_the_room(self) -> None:
        if self.enrolled and not self.invited:
            await self.teacher.command("room.invite", room=self.room, user=self.ana.id)
            self.invited = True
            await self.reread()

    async def do_leave_the_course(self) -> None:
        if self.enrolled:
            await self.ana.command("enrollment.leave", course=self.course)
            self.enrolled = self.invited = False
            await self.phone.expect("server.unsubscribed", topic=None)

    async def do_enrol(self) -> None:
        if not self.enrolled:
            await self.ana.enroll(self.course)
            self.enrolled = True
            await self.reread()

    async def reread(self) -> None:
        """Who is back asks again."""
        await self.live.settled()
        await self.phone.do("ping")
        self.heard = len(self.phone.seen)
        self.shown = await fresh(self.phone)

    async def require_agreement(self) -> None:
        assert self.shown == await fresh(self.phone)
        page = await self.phone.do("notification.list", limit=100)
        told = json.dumps([page, await self.replayed()])
        hidden = [word for word, where in self.words.items() if not self.may_see(where)]
        assert [word for word in hidden if word in told] == []

    async def replayed(self) -> Json:
        """All that one who was never there since the beginning is told."""
        cursors = {f"user:{self.ana.id}": 0}
        for one in (await self.phone.do("enrollment.list"))["enrollments"]:
            cursors[f"course:{one['course']['id']}"] = one["since"]
        return await self.phone.do("sync", epoch=self.phone.hello["epoch"], cursors=cursors)


async def fresh(client: LiveClient) -> Shown:
    page = await client.do("notification.list", limit=100)
    assert page["next"] is None
    return Shown({one["id"]: one for one in page["notices"]}, page["unseen"], page["unread"])


async def begin(live: Live) -> Scene:
    teacher, ana = await live.teacher("Tess"), await live.student("Ana")
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    made = await teacher.command("room.create", course=course, name="inner", kind="private")
    room = made["room"]["id"]
    await teacher.command("room.invite", room=room, user=ana.id)
    await live.settled()
    phone = await ana.connect()
    return Scene(live, teacher, ana, course, room, phone, await fresh(phone))


@pytest.fixture
def at_once(start: Start) -> Live:
    """Who has left cannot undo it, which would give the rooms back."""
    return start(undo_s=0)


@settings(
    derandomize=True,
    max_examples=10,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=12))
def test_any_sequence_leaves_what_a_fresh_read_agrees_with(
    at_once: Live, io_loop: IOLoop, steps: list[str]
) -> None:
    async def play() -> None:
        scene = await begin(at_once)
        for step in steps:
            await scene.do(step)
            await scene.require_agreement()
        scene.phone.close()

    io_loop.run_sync(play, timeout=3 * LIMIT_S)
