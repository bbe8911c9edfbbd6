"""Who is here, at a clock that moves when told: counting, coalescing, invisibility, other nodes."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from elearn.delivery.broker import Alone
from elearn.delivery.people_elsewhere import NODE_S
from elearn.delivery.presence import HID_S, MANY, Presence
from elearn.delivery.typing import Typing
from elearn.events.base import Event, Row, read
from elearn.events.listeners import Listeners
from elearn.events.presence import PresenceChanged
from elearn.nodes.neighbours import Neighbours
from elearn.nouns.people import User
from elearn.services import utc_now

ROOM = "room:0123456789abcdef01234567"
ANA, TOM, EVE = (User(name.lower(), name, "student") for name in ("Ana", "Tom", "Eve"))


class Ears:
    """Everything that was told, and a clock."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.told: list[tuple[str, Event]] = []
        self.presence = Presence(self.hear, lambda: self.now, interval_s=0)
        self.listeners = Listeners()
        self.presence.listen(self.listeners)

    def hear(self, topic: str, event: Event) -> None:
        self.told.append((topic, event))

    async def heard(self) -> list[dict[str, Any]]:
        """What was told since the last look, after the interval."""
        for _ in range(3):
            await asyncio.sleep(0)
        told, self.told = self.told, []
        assert all(isinstance(event, PresenceChanged) for _, event in told)
        return [msgspec.to_builtins(event) for _, event in told]

    def ids(self, topic: str = ROOM) -> list[str]:
        return sorted(user["id"] for user in self.list(topic)["users"])

    def list(self, topic: str = ROOM) -> dict[str, Any]:
        """The list as a client is told it."""
        listed: dict[str, Any] = msgspec.to_builtins(self.presence.list(topic))
        return listed


@pytest.fixture
def ears() -> Ears:
    return Ears()


def brief(user: User) -> dict[str, Any]:
    """How somebody is named in what is told."""
    named: dict[str, Any] = msgspec.to_builtins(user.person)
    return named


def wish(user: User, invisible: bool, topic: str | None = None) -> Row:
    """The row that says whether somebody is invisible."""
    topic = topic or f"user:{user.id}"
    told = {"user": brief(user), "invisible": invisible}
    return Row(
        topic=topic,
        seq=1,
        n=0,
        data=read(topic, "user.updated", told),
        actor=user.id,
        key="k",
        digest="",
        at=utc_now(),
        reacted=True,
    )


async def test_who_comes_and_goes_together_is_told_together(ears: Ears) -> None:
    for user in (ANA, TOM):
        ears.presence.came(ROOM, user)
    assert await ears.heard() == [{"count": 2, "joined": [brief(ANA), brief(TOM)], "left": []}]
    ears.presence.went(ROOM, "ana")
    ears.presence.came(ROOM, EVE)
    assert await ears.heard() == [{"count": 2, "joined": [brief(EVE)], "left": ["ana"]}]
    assert ears.ids() == ["eve", "tom"]


async def test_two_tabs_are_one_person_until_the_last_is_closed(ears: Ears) -> None:
    for _ in range(2):
        ears.presence.came(ROOM, ANA)
    assert [data["count"] for data in await ears.heard()] == [1]
    ears.presence.went(ROOM, "ana")
    assert await ears.heard() == []
    assert ears.ids() == ["ana"]
    ears.presence.went(ROOM, "ana")
    assert await ears.heard() == [{"count": 0, "joined": [], "left": ["ana"]}]


async def test_a_move_from_page_to_page_is_no_news(ears: Ears) -> None:
    ears.presence.came(ROOM, ANA)
    await ears.heard()
    ears.presence.went(ROOM, "ana")
    ears.presence.came(ROOM, ANA)
    assert await ears.heard() == []


async def test_a_list_that_was_read_during_a_move_is_put_right(ears: Ears) -> None:
    ears.presence.came(ROOM, ANA)
    await ears.heard()
    ears.presence.went(ROOM, "ana")
    assert ears.ids() == []
    ears.presence.came(ROOM, ANA)
    assert await ears.heard() == [{"count": 1, "joined": [brief(ANA)], "left": []}]


async def test_presence_is_of_rooms_and_courses(ears: Ears) -> None:
    for topic in ("user:ana", "staff:0", "catalog"):
        ears.presence.came(topic, ANA)
        assert ears.list(topic) == {"users": []}
    assert await ears.heard() == []


async def test_above_a_hundred_there_is_a_count_and_below_it_the_people_again(ears: Ears) -> None:
    people = [User(f"u{number}", f"Person {number}", "student") for number in range(MANY + 1)]
    for user in people[:MANY]:
        ears.presence.came(ROOM, user)
    assert len((await ears.heard())[0]["joined"]) == MANY
    ears.presence.came(ROOM, people[MANY])
    assert await ears.heard() == [{"count": MANY + 1}]
    assert ears.list(ROOM) == {"count": MANY + 1}
    ears.presence.went(ROOM, "u0")
    (told,) = await ears.heard()
    assert told["count"] == MANY
    assert {user["id"] for user in told["users"]} == {user.id for user in people[1:]}


async def test_whoever_becomes_invisible_looks_gone_and_comes_back_like_anybody(ears: Ears) -> None:
    for user in (ANA, TOM):
        ears.presence.came(ROOM, user)
    await ears.heard()
    ears.listeners.tell(wish(ANA, True))
    assert await ears.heard() == [{"count": 1, "joined": [], "left": ["ana"]}]
    assert ears.ids() == ["tom"]
    ears.presence.went(ROOM, "ana")
    ears.presence.came(ROOM, ANA)
    assert await ears.heard() == []
    ears.presence.came(ROOM, ANA)
    ears.listeners.tell(wish(ANA, False))
    assert await ears.heard() == [{"count": 2, "joined": [brief(ANA)], "left": []}]


async def test_an_invisible_connection_is_never_told_whoever_reads_the_list(ears: Ears) -> None:
    ears.presence.came(ROOM, User("ana", "Ana", "student", invisible=True))
    assert ears.ids() == []
    ears.presence.went(ROOM, "ana")
    assert ears.ids() == []
    assert await ears.heard() == []


async def test_a_connection_that_knew_the_old_wish_does_not_undo_the_new_one(ears: Ears) -> None:
    ears.listeners.tell(wish(ANA, True))
    ears.presence.came(ROOM, ANA)  # read before the wish was stored
    assert ears.ids() == []
    ears.presence.went(ROOM, "ana")
    ears.now += HID_S
    assert not ears.presence.hides(ANA)


async def test_a_copy_of_the_wish_on_a_shared_topic_is_not_listened_to(ears: Ears) -> None:
    ears.presence.came(ROOM, ANA)
    ears.listeners.tell(wish(ANA, True, topic="course:0"))
    assert ears.ids() == ["ana"]


async def test_other_nodes_people_are_here_too_and_count_once(ears: Ears) -> None:
    ears.presence.came(ROOM, ANA)
    await ears.heard()
    ears.presence.elsewhere.merge("b", {ROOM: {"ana": ANA.person, "tom": TOM.person}}, ears.now)
    assert await ears.heard() == [{"count": 2, "joined": [brief(TOM)], "left": []}]
    ears.presence.went(ROOM, "ana")
    assert await ears.heard() == []
    ears.presence.elsewhere.merge("b", {}, ears.now)
    told = (await ears.heard())[0]
    assert (told["count"], sorted(told["left"])) == (0, ["ana", "tom"])


async def test_a_node_that_falls_silent_is_forgotten_within_a_minute(ears: Ears) -> None:
    ears.presence.elsewhere.merge("b", {ROOM: {"tom": TOM.person}}, ears.now)
    await ears.heard()
    assert NODE_S * 1.25 <= 60  # it is looked for every quarter
    ears.now += NODE_S - 1
    ears.presence.elsewhere.sweep()
    assert ears.ids() == ["tom"]
    ears.now += 1
    ears.presence.elsewhere.sweep()
    assert await ears.heard() == [{"count": 0, "joined": [], "left": ["tom"]}]


async def test_what_cannot_be_read_of_another_node_changes_nothing(ears: Ears) -> None:
    hearing: Any = SimpleNamespace(on_missed=[])
    Neighbours("this", Alone(), cast("Any", SimpleNamespace(other_nodes=hearing)), ears.presence)
    hearing.on_news(msgspec.msgpack.encode(["other", {ROOM: {ANA.id: brief(ANA)}}]))
    for news in (b"", msgspec.msgpack.encode({"node": 1}), msgspec.msgpack.encode(["other", 7])):
        hearing.on_news(news)
    assert ears.ids() == ["ana"]


async def test_an_older_state_of_a_node_changes_nothing(ears: Ears) -> None:
    ears.presence.elsewhere.merge("b", {ROOM: {"tom": TOM.person}}, ears.now)
    ears.presence.elsewhere.merge("b", {}, ears.now - 5)
    assert ears.ids() == ["tom"]


async def test_a_node_tells_the_others_of_its_visible_people_alone(ears: Ears) -> None:
    changed: list[str] = []
    ears.presence.on_change = changed.append
    ears.presence.came(ROOM, ANA)
    ears.presence.came(ROOM, User("eve", "Eve", "student", invisible=True))
    await ears.heard()
    assert ears.presence.local() == {ROOM: {"ana": ANA.person}}
    assert changed == [ROOM]


async def test_somebody_invisible_here_is_not_shown_by_a_node_that_does_not_know_it(
    ears: Ears,
) -> None:
    ears.presence.elsewhere.merge("b", {ROOM: {"ana": ANA.person}}, ears.now)
    ears.listeners.tell(wish(ANA, True))
    assert ears.ids() == []


async def test_nothing_is_kept_of_people_and_topics_that_are_gone(ears: Ears) -> None:
    ears.presence.came(ROOM, ANA)
    ears.presence.went(ROOM, "ana")
    await ears.heard()
    kept = ("_people", "_local", "_pending", "_counted")
    assert [name for name in kept if getattr(ears.presence, name)] == []


async def test_typing_is_told_once_an_interval_with_its_newest_state() -> None:
    told: list[bool] = []
    typing = Typing(lambda topic, event: told.append(event.on), interval_s=0)
    for _ in range(50):
        if not typing.repeats(ROOM, "ana", True):
            typing.say(ROOM, ANA, True)
    assert told == [True]
    for on in (False, True, False):
        typing.say(ROOM, ANA, on)
    assert told == [True]
    for _ in range(4):
        await asyncio.sleep(0)
    assert told == [True, False]
    assert not typing.repeats(ROOM, "ana", False)


async def test_who_types_on_after_a_message_is_told_again() -> None:
    told: list[bool] = []
    typing = Typing(lambda topic, event: told.append(event.on), interval_s=0)
    for on in (True, False, True):  # the message was sent between the last two
        typing.say(ROOM, ANA, on)
    for _ in range(4):
        await asyncio.sleep(0)
    assert told == [True, True]
