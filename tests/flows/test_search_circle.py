"""Rooms and people beside the suggested courses: only what the one who types may see."""

from datetime import timedelta

import pytest

from elearn.caches import directory
from elearn.services import utc_now
from tests.conftest import Start
from tests.live import LIMIT_S, Json, Live, LiveClient, Person, deafen


@pytest.fixture(autouse=True)
def _everything_is_read_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left out because the machine is busy."""
    monkeypatch.setattr(directory, "PATIENCE_S", LIMIT_S)


async def named(client: LiveClient, q: str) -> tuple[list[str], list[str]]:
    """The names of rooms and people for a text."""
    found = await client.do("search.suggest", q=q)
    return [room["name"] for room in found["rooms"]], [one["name"] for one in found["people"]]


async def course_with_rooms(teacher: Person) -> tuple[Json, Json, Json]:
    course = await teacher.make_course("Biochemistry II")
    shown = await teacher.command("room.create", course=course["id"], name="Problem set 4")
    private = await teacher.command(
        "room.create", course=course["id"], name="Problem staff", kind="private"
    )
    return course, shown["room"], private["room"]


async def test_rooms_and_people_of_ones_courses_are_found_by_any_word_of_their_names(
    live: Live,
) -> None:
    teacher, student = await live.teacher("Mireille Okonkwo"), await live.student("Tomás Núñez")
    course, room, _ = await course_with_rooms(teacher)
    await student.enroll(course)
    client = await teacher.connect()
    assert await named(client, "nunez") == ([], ["Tomás Núñez"])
    assert await named(client, "TOMÁS nu") == ([], ["Tomás Núñez"])
    assert (await named(client, "set"))[0] == ["Problem set 4"]
    found = await client.do("search.suggest", q="nunez")
    assert found["people"] == [
        {
            "id": student.id,
            "name": "Tomás Núñez",
            "role": "student",
            "course": {"id": course["id"], "title": "Biochemistry II"},
        }
    ]
    of_student = await student.connect()
    assert await named(of_student, "okonk") == ([], ["Mireille Okonkwo"])
    found = await of_student.do("search.suggest", q="problem")
    assert [(one["url"], one["joined"]) for one in found["rooms"]] == [(room["url"], False)]
    await of_student.do("room.join", room=room["id"])
    found = await of_student.do("search.suggest", q="problem")
    assert [one["joined"] for one in found["rooms"]] == [True]


async def test_an_outsider_finds_no_room_and_nobody(live: Live) -> None:
    teacher = await live.teacher("Mireille Okonkwo")
    await course_with_rooms(teacher)
    outsider = await (await live.student("Outi Outsider")).connect()
    visitor = await live.connect("/ws/search")
    assert (await outsider.do("room.list"))["rooms"] == []
    for q in ("problem", "general", "mireille", "outi", "o"):
        assert await named(outsider, q) == ([], []), q
        found = await visitor.do("search.suggest", q=q)
        assert (found["rooms"], found["people"]) == ([], []), q


async def test_a_private_room_is_found_by_its_members_alone(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student()
    course, shown, private = await course_with_rooms(teacher)
    await student.enroll(course)
    client = await student.connect()
    assert (await named(client, "problem"))[0] == ["Problem set 4"]
    await teacher.command("room.invite", room=private["id"], user=student.id)
    await client.expect("room.joined", topic=f"user:{student.id}")
    assert (await named(client, "problem"))[0] == ["Problem set 4", "Problem staff"]
    await teacher.command("room.update", room=shown["id"], kind="private")
    await live.settled()
    assert (await named(client, "problem"))[0] == ["Problem staff"]
    await teacher.command("room.remove", room=private["id"], user=student.id)
    await live.settled()
    assert (await named(client, "problem"))[0] == []


async def test_a_room_that_closed_unheard_is_left_out_all_the_same(live: Live) -> None:
    """Its name may be kept for a minute on a node that hears nothing; the answer reads the room."""
    teacher, student = await live.teacher(), await live.student()
    course, shown, _ = await course_with_rooms(teacher)
    await student.enroll(course)
    client = await student.connect()
    assert (await named(client, "problem"))[0] == ["Problem set 4"]
    deafen(live, live.services.directory)
    await teacher.command("room.update", room=shown["id"], kind="private")
    assert (await named(client, "problem"))[0] == []


async def test_a_private_room_that_one_left_unheard_is_left_out_all_the_same(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student()
    course, _, private = await course_with_rooms(teacher)
    await student.enroll(course)
    await teacher.command("room.invite", room=private["id"], user=student.id)
    await live.settled()
    client = await student.connect()
    assert (await named(client, "problem staff"))[0] == ["Problem staff"]
    deafen(live, live.services.directory)
    await teacher.command("room.remove", room=private["id"], user=student.id)
    await live.settled()
    assert (await named(client, "problem staff"))[0] == []


async def test_who_leaves_a_course_is_found_there_no_more_and_finds_nobody(live: Live) -> None:
    teacher, student = await live.teacher("Marta Olsen"), await live.student("Jun Li")
    other = await live.student("Ana Kovač")
    course, _, _ = await course_with_rooms(teacher)
    for one in (student, other):
        await one.enroll(course)
    client, of_other = await student.connect(), await other.connect()
    assert (await named(client, "kovac"))[1] == ["Ana Kovač"]
    assert (await named(of_other, "jun"))[1] == ["Jun Li"]
    await student.command("enrollment.leave", course=course["id"])
    assert await named(client, "kovac") == ([], [])
    assert await named(client, "problem") == ([], [])
    assert await named(of_other, "jun") == ([], [])
    await student.enroll(course)
    assert (await named(of_other, "jun"))[1] == ["Jun Li"]


async def test_a_new_name_is_found_and_the_old_one_is_not(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student("Jun Li")
    course = await teacher.make_course()
    await student.enroll(course)
    client = await teacher.connect()
    assert (await named(client, "jun"))[1] == ["Jun Li"]
    await student.api("PATCH", "/api/me", {"name": "Junia Lindqvist"})
    await live.settled()
    assert (await named(client, "lindq"))[1] == ["Junia Lindqvist"]
    assert (await named(client, "li"))[1] == ["Junia Lindqvist"]
    assert (await named(client, "jun li"))[1] == ["Junia Lindqvist"]


def test_what_was_heard_of_nowhere_is_forgotten_with_time(start: Start, io_loop: object) -> None:
    """A node that missed the news of an enrolment finds the newcomer a minute later."""
    now = [utc_now()]
    live = start(clock=lambda: now[0])

    async def run() -> None:
        teacher, student = await live.teacher(), await live.student("Jun Li")
        course = await teacher.make_course()
        client = await teacher.connect()
        assert await named(client, "jun") == ([], [])
        deafen(live, live.services.directory)
        await student.enroll(course)
        assert await named(client, "jun") == ([], [])
        now[0] += timedelta(seconds=61)
        assert await named(client, "jun") == ([], ["Jun Li"])

    io_loop.run_sync(run)  # type: ignore[attr-defined]


async def test_who_finds_nothing_is_shown_what_others_attend(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student()
    await teacher.make_course("Organic Chemistry", subject="Chemistry")
    busy = await teacher.make_course("Inorganic Chemistry", subject="Chemistry")
    await teacher.make_course("Music Theory", subject="Music")
    secret = await teacher.make_course("Secret Chemistry", subject="Chemistry", published=False)
    await student.enroll(busy)
    await live.search_follows()
    client = await student.connect()
    for cmd in ("search.suggest", "search.courses"):
        found = await client.do(cmd, q="xqzzyw", filters={"subject": ["Chemistry"]})
        assert (found["hits"], found["total"]) == ([], 0)
        titles = {hit["title"] for hit in found["popular"]}
        assert titles == {"Inorganic Chemistry", "Organic Chemistry"}
        assert secret["id"] not in repr(found)
        assert (await client.do(cmd, q="music"))["popular"] == []
    assert (await client.do("search.suggest", q="musik theory"))["suggestion"] == "music theory"


@pytest.mark.parametrize("q", ["", "   ", "!?", "\0"])
async def test_a_text_without_a_word_finds_nobody(live: Live, q: str) -> None:
    teacher, student = await live.teacher(), await live.student()
    await student.enroll(await teacher.make_course())
    assert await named(await teacher.connect(), q) == ([], [])
