"""What one person may do how often, on however many connections; what changes nothing is not
stored."""

import pytest

from elearn.config import Config
from elearn.throttle import FREE_KEYS
from tests.browsing import Browser, signed_in
from tests.conftest import Start
from tests.live import CommandRefused, Json, Live, Person, new_key


@pytest.fixture
def limited(start: Start) -> Live:
    """So few that no time which passes meanwhile matters."""
    return start(chat_per_10s=1, chat_burst=6, posts_per_min=3, moves_per_min=2, undo_s=0)


async def codes(person: Person, times: int, cmd: str, **args: object) -> list[str]:
    """Each time from a connection of its own, or over HTTP."""
    found = []
    for number in range(times):
        if number % 2:
            found.append(await outcome(person, cmd, **args))
            continue
        client = await person.connect()
        reply = await client.ask(cmd, **args)
        found.append("ok" if reply["ok"] else reply["error"]["code"])
        client.close()
    return found


async def outcome(person: Person, cmd: str, **args: object) -> str:
    try:
        await person.command(cmd, **args)
    except CommandRefused as refused:
        return refused.code
    return "ok"


async def test_chat_is_counted_by_person_and_not_by_connection(limited: Live) -> None:
    teacher, eve = await limited.teacher(), await limited.student()
    course = await teacher.make_course()
    await eve.enroll(course)
    said = await codes(eve, 10, "chat.post", room=course["id"], body="spam")
    assert said[:6] == ["ok"] * 6
    assert set(said[-3:]) == {"rate_limited"}
    assert await outcome(teacher, "chat.post", room=course["id"], body="order!") == "ok"


async def test_previews_are_counted_since_each_is_drawn_in_everybodys_time(limited: Live) -> None:
    eve, bo = await limited.student(), await limited.student()
    drawn = await codes(eve, 40, "text.preview", body="*a*" * 100, kind="update")
    assert drawn[:20] == ["ok"] * 20
    assert "rate_limited" in drawn
    assert await outcome(bo, "text.preview", body="a") == "ok"
    assert await outcome(bo, "text.preview", body="a" * 4_001) == "invalid_field"
    assert await outcome(bo, "text.preview", body="a" * 4_001, kind="update") == "ok"


async def test_a_refused_message_is_not_stored_and_says_when_to_come_again(limited: Live) -> None:
    teacher = await limited.teacher()
    room = (await teacher.make_course())["id"]
    for _ in range(6):
        await teacher.command("chat.post", room=room, body="word", key=new_key())
    with pytest.raises(CommandRefused) as refused:
        await teacher.command("chat.post", room=room, body="word", key=new_key())
    assert 0 < refused.value.error["retry_after_ms"] <= 10_001
    assert len((await teacher.command("chat.history", room=room))["messages"]) == 6


async def test_statuses_are_counted_by_person(limited: Live) -> None:
    eve = await limited.student()
    posted = await codes(eve, 6, "feed.post", body="spam")
    assert posted == ["ok"] * 3 + ["rate_limited"] * 3


async def test_coming_and_going_is_counted_by_person(limited: Live) -> None:
    course = await (await limited.teacher()).make_course()
    eve = await limited.student()
    done = []
    for _ in range(2):
        done.append(await outcome(eve, "enrollment.enroll", course=course["id"]))
        done.append(await outcome(eve, "enrollment.leave", course=course["id"]))
    assert done == ["ok"] * 2 + ["rate_limited"] * 2


def test_an_installed_server_has_these_limits() -> None:
    config = Config()
    assert (config.chat_per_10s, config.chat_burst) == (10, 20)
    assert (config.posts_per_min, config.moves_per_min) == (10, 30)


async def test_who_guesses_an_enrolment_key_has_to_wait(live: Live) -> None:
    course = await (await live.teacher()).make_course(enrollment_key="spring26")
    eve, ana = await live.student(), await live.student()
    guessed = [
        await outcome(eve, "enrollment.enroll", course=course["id"], enrollment_key=f"key {n}")
        for n in range(FREE_KEYS + 3)
    ]
    assert guessed == ["forbidden"] * FREE_KEYS + ["login_throttled"] * 3
    right = {"course": course["id"], "enrollment_key": "spring26"}
    assert await outcome(eve, "enrollment.enroll", **right) == "login_throttled"
    assert await outcome(ana, "enrollment.enroll", **right) == "ok"


@pytest.mark.parametrize("typed", ["spring26", "Spring26", " SPRING26 ", "spr\u200bing26"])
async def test_a_key_is_the_same_however_a_phone_types_it(live: Live, typed: str) -> None:
    course = await (await live.teacher()).make_course(enrollment_key="Spring26")
    ana = await live.student()
    assert (await ana.enroll(course, enrollment_key=typed))["enrollment"]


async def test_a_composed_key_is_the_decomposed_one(live: Live) -> None:
    course = await (await live.teacher()).make_course(enrollment_key="\u00dcbung")
    assert await (await live.student()).enroll(course, enrollment_key="u\u0308bung")


async def test_a_missing_key_and_a_wrong_one_are_called_by_their_names(live: Live) -> None:
    course = await (await live.teacher()).make_course(enrollment_key="spring26")
    ana = await live.student()
    said = []
    for given in ({}, {"enrollment_key": " "}, {"enrollment_key": "autumn"}):
        with pytest.raises(CommandRefused) as refused:
            await ana.enroll(course, **given)
        assert refused.value.error["field"] == "enrollment_key"
        said.append(refused.value.error["message"])
    assert ["needs" in text for text in said] == [True, True, False]
    assert "not the key" in said[2]


async def test_a_wrong_key_is_said_beside_its_field_without_a_script(live: Live) -> None:
    course = await (await live.teacher()).make_course(enrollment_key="spring26")
    ana = await live.student()
    browser = await signed_in(live, ana)
    path = f"/courses/{course['id']}"
    page = (await browser.get(path)).body.decode()
    assert 'autocapitalize="off"' in page or 'autocapitalize="none"' in page
    token = await browser.token(path)
    wrong = await browser.submit(f"{path}/enroll", {"enrollment_key": "autumn"}, xsrf=token)
    assert wrong.code == 403
    assert "not the key of this course" in wrong.body.decode()
    assert 'name="enrollment_key"' in wrong.body.decode(), "and can be typed again"
    right = await browser.submit(f"{path}/enroll", {"enrollment_key": "Spring26"}, xsrf=token)
    assert (right.code, right.headers["Location"]) == (303, path)


async def rows(live: Live) -> int:
    await live.settled()
    return await live.services.db.events.count_documents({})


SAME: list[tuple[str, Json]] = [
    ("notification.seen", {}),
    ("notification.seen", {"through": {}}),
    ("notification.read", {"all": True}),
    ("notification.read", {"all": True, "category": "messages"}),
    ("chat.read", {"room": "$course", "seq": 1}),
    ("room.update", {"room": "$room", "name": "Lab", "description": "Work", "kind": "open"}),
    ("room.update", {"room": "$room"}),
    ("room.archive", {"room": "$room", "archived": False}),
    ("room.join", {"room": "$room"}),
    ("feed.feedback", {"course": "$course", "stars": 4, "comment": "Good", "anonymous": False}),
]


@pytest.mark.parametrize(("cmd", "args"), SAME)
async def test_a_command_that_changes_nothing_stores_nothing(
    live: Live, cmd: str, args: Json
) -> None:
    teacher, ana = await live.teacher(), await live.student()
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    made = {"course": course, "name": "Lab", "description": "Work", "kind": "open"}
    room = (await teacher.command("room.create", **made))["room"]["id"]
    await ana.command("chat.direct", user=teacher.id)
    names = {"$course": course, "$room": room}
    filled = {k: names.get(v, v) if isinstance(v, str) else v for k, v in args.items()}
    person = ana if cmd == "feed.feedback" else teacher
    await live.settled()
    await person.command(cmd, **filled)
    before = await rows(live)
    for _ in range(3):
        await person.command(cmd, **filled)
    assert await rows(live) == before


async def test_an_edit_that_changes_nothing_stores_nothing(live: Live) -> None:
    teacher = await live.teacher()
    fields = {"title": "Algebra", "opens_at": "2030-01-01T10:00:00.123456Z", "capacity": 5}
    course = await teacher.make_course(**fields)
    browser: Browser = await signed_in(live, teacher)
    path = f"/courses/{course['id']}/edit"
    form = {"title": "Algebra", "capacity": "5", "published": "1"}
    xsrf = await browser.token(path)
    await browser.submit(path, form, xsrf=xsrf)
    await teacher.api("PATCH", "/api/me", {"about": "I teach.", "timezone": "Europe/Vienna"})
    before = await rows(live)
    await browser.submit(path, form, xsrf=xsrf)
    await teacher.api("PATCH", f"/api/courses/{course['id']}", {"title": "Algebra"})
    await teacher.api("PATCH", f"/api/courses/{course['id']}", {})
    await teacher.api("PATCH", "/api/me", {"about": "I teach.", "timezone": "Europe/Vienna"})
    await teacher.api("PATCH", "/api/me", {"name": teacher.name})
    await teacher.api("PATCH", "/api/me", {})
    assert await rows(live) == before
    await teacher.api("PATCH", "/api/me", {"about": "I teach algebra."})
    assert await rows(live) > before
