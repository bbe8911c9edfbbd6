"""Two nodes on one store: what is done on one shows on the other, at once and in order."""

from dataclasses import replace

import pytest

from tests.live import Live, LiveClient, Person, deafen, until
from tests.nodes.conftest import NEVER, QUICK, Nodes, seen_from


async def _a_room(here: Live, there: Live) -> tuple[Person, Person, str]:
    teacher = await here.teacher("Marta")
    student = seen_from(there, await here.student("Jun"))
    course = await teacher.make_course()
    await student.enroll(course)
    return teacher, student, course["id"]


async def test_a_message_reaches_the_other_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher, student, room = await _a_room(here, there)
    at_desk, at_home = await teacher.connect(), await student.connect()
    await at_desk.join(f"room:{room}")
    await at_home.join(f"room:{room}")
    sent = await at_desk.say(room, "Hello over there")
    heard = await at_home.expect("chat.posted", topic=f"room:{room}")
    assert heard["data"]["message"] == sent
    answered = await at_home.say(room, "Hello back")
    assert answered["seq"] == sent["seq"] + 1
    assert (await at_desk.expect("chat.posted"))["seq"] == sent["seq"]
    assert (await at_desk.expect("chat.posted"))["data"]["message"] == answered


async def test_looking_for_nothing_waits_for_what_comes_from_another_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher, student, room = await _a_room(here, there)
    at_desk, at_home = await teacher.connect(), await student.connect()
    await at_home.join(f"room:{room}")
    await at_desk.say(room, "Hello over there")
    with pytest.raises(AssertionError, match="Hello over there"):
        await at_home.expect_nothing("chat.posted")
    await at_desk.join(f"room:{room}")
    with pytest.raises(AssertionError, match="Marta"):
        await at_home.expect_nothing("presence.changed")


async def test_typing_is_seen_on_the_other_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher, student, room = await _a_room(here, there)
    at_desk, at_home = await teacher.connect(), await student.connect()
    await at_desk.join(f"room:{room}")
    await at_home.join(f"room:{room}")
    await at_desk.do("chat.typing", room=room, on=True)
    heard = await at_home.expect("chat.typing", topic=f"room:{room}")
    assert heard["data"]["user"]["name"] == "Marta"
    await at_home.say(room, "the first that is stored")
    assert "seq" not in heard


async def test_who_is_here_is_known_on_every_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    for node in (here, there):
        node.services.presence.interval_s = 0.02
    teacher, student, room = await _a_room(here, there)
    topic = f"room:{room}"
    at_desk = await teacher.connect()
    await at_desk.join(topic)
    at_home = await student.connect()
    await at_home.join(topic)

    async def names(client: LiveClient) -> set[str]:
        return {user["name"] for user in (await client.do("presence.list", topic=topic))["users"]}

    async def both(client: LiveClient) -> bool:
        return await names(client) == {"Marta", "Jun"}

    await until(lambda: both(at_desk))
    await until(lambda: both(at_home))
    at_home.close()

    async def left() -> bool:
        return await names(at_desk) == {"Marta"}

    await until(left)


async def test_an_index_of_its_own_follows_what_the_other_node_publishes(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher = await here.teacher()
    course = await teacher.make_course("Palaeography")
    searching = await there.connect("/ws/search")

    async def found() -> bool:
        hits = (await searching.do("search.suggest", q="palaeography"))["hits"]
        return [hit["id"] for hit in hits] == [course["id"]]

    await until(found)


async def test_seats_that_are_taken_on_the_other_node_reach_search(nodes: Nodes) -> None:
    here, there = await nodes(2)
    here.services.course_cards._now_s = lambda: 0.0  # what is kept does not grow old
    course = await (await here.teacher()).make_course("Palaeography", capacity=1)
    await here.search_follows()
    searching = await here.connect("/ws/search")
    wanted = {"q": "palaeography", "filters": {"open": True}}
    (hit,) = (await searching.do("search.courses", **wanted))["hits"]
    assert hit["seats_left"] == 1
    await seen_from(there, await here.student()).enroll(course)

    async def seen() -> bool:
        hits = (await searching.do("search.suggest", q="palaeography"))["hits"]
        return [hit["seats_left"] for hit in hits] == [0]

    async def full() -> bool:
        await here.node.indexing.refresh_counts()
        return not (await searching.do("search.courses", **wanted))["hits"]

    await until(seen)
    await until(full)


async def test_what_is_withdrawn_on_the_other_node_is_not_shown_here(nodes: Nodes) -> None:
    here, there = await nodes(2)
    here.services.course_cards._now_s = lambda: 0.0  # what is kept does not grow old
    teacher = await here.teacher()
    course = await teacher.make_course("Palaeography")

    async def published() -> bool:
        found = await here.services.course_cards.find([course["id"]])
        return bool(found[course["id"]].course.published)

    assert await published()
    await seen_from(there, teacher).api(
        "PATCH", f"/api/courses/{course['id']}", {"published": False}
    )

    async def withdrawn() -> bool:
        return not await published()

    await until(withdrawn)


async def test_what_is_withdrawn_on_the_other_node_is_not_counted_here_once_heard(
    nodes: Nodes,
) -> None:
    here, there = await nodes(2)
    teacher = await here.teacher()
    course = await teacher.make_course("Palaeography", subject="Letters")
    await here.search_follows()
    deafen(here, here.node.indexing)
    await seen_from(there, teacher).api(
        "PATCH", f"/api/courses/{course['id']}", {"published": False}
    )
    await until(lambda: here.services.withdrawn.ids == (course["id"],))
    answer = await (await here.connect("/ws/search")).do("search.courses", q="")
    assert await here.services.search.count() == 1, "the index has not followed"
    assert (answer["total"], answer["facets"]["subject"]) == (0, [])


async def test_a_course_that_is_shown_again_is_found_and_no_longer_kept_as_withdrawn(
    nodes: Nodes,
) -> None:
    here, there = await nodes(2)
    teacher = await here.teacher()
    course = await teacher.make_course("Palaeography")
    address = f"/api/courses/{course['id']}"
    await teacher.api("PATCH", address, {"published": False})
    await seen_from(there, teacher).api("PATCH", address, {"published": True})
    for node in (here, there):
        await until(lambda node=node: node.services.withdrawn.ids == ())  # type: ignore[misc]
        await node.search_follows()
        client = await node.connect("/ws/search")
        assert (await client.do("search.courses", q=""))["total"] == 1


async def test_positions_of_a_room_are_known_where_nobody_listened(nodes: Nodes) -> None:
    """A node that knew a room as it was must not take a newer position for a future one."""
    here, there = await nodes(2, pace=replace(QUICK, check_s=NEVER))
    teacher, student, room = await _a_room(here, there)
    topic = f"room:{room}"
    await student.command("chat.post", room=room, body="by way of the other node")
    for number in range(5):
        last = (await teacher.command("chat.post", room=room, body=f"{number}"))["message"]

    async def known() -> bool:
        return (await there.services.log.head(topic)).visible == last["seq"]

    await until(known)
    client = await student.connect()
    answer = await client.join(topic, cursor=last["seq"], epoch=client.hello["epoch"])
    assert answer == {"cursor": last["seq"], "recovered": True, "events": []}
    sent = await client.say(room, "next")
    assert sent["seq"] == last["seq"] + 1
