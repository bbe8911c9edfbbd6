"""What is new to somebody since they were last here: by course, and nothing else."""

from tests.browsing import page_state
from tests.live import Json, Live, Person

ANNOUNCED = {"kind": "announcement", "body": "Read it."}


async def news(person: Person) -> Json:
    found: Json = (await page_state(person, "/"))["news"]
    return found


async def test_an_update_is_news_until_it_was_on_screen_and_to_those_who_were_there(
    live: Live,
) -> None:
    teacher, ana, eve = await live.teacher(), await live.student(), await live.student()
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    published = [
        (await teacher.command("update.publish", course=course, title=title, **ANNOUNCED))["update"]
        for title in ("Week 1", "Week 2")
    ]
    await live.settled()
    await eve.enroll(course)
    titles = [one["title"] for one in (await news(ana))[course]["updates"]]
    assert titles == ["Week 2", "Week 1"]
    assert await news(eve) == {}, "what was there before is no news"
    assert (await news(teacher))[course]["updates"] == [], "nor is what one said oneself"

    state = await page_state(ana, published[0]["url"])
    assert state["new_updates"] == [published[1]["id"], published[0]["id"]]
    phone = await ana.connect()
    await phone.do("update.mark", update=published[0]["id"])
    await phone.expect("notification.read")
    assert [one["title"] for one in (await news(ana))[course]["updates"]] == ["Week 2"]


async def test_who_enrolled_is_news_to_those_who_teach_until_they_read_it(live: Live) -> None:
    teacher = await live.teacher()
    course = (await teacher.make_course())["id"]
    for _ in range(3):
        await (await live.student()).enroll(course)
    await live.settled()
    assert len((await news(teacher))[course]["enrolled"]) == 3
    await teacher.command("notification.read", all=True)
    assert await news(teacher) == {}


async def test_an_update_of_a_course_that_one_is_not_in_cannot_be_marked(live: Live) -> None:
    teacher, eve = await live.teacher(), await live.student()
    course = (await teacher.make_course())["id"]
    made = await teacher.command("update.publish", course=course, title="x", **ANNOUNCED)
    phone = await eve.connect()
    assert await phone.refused("update.mark", update=made["update"]["id"]) == "not_a_member"
    assert await phone.refused("update.mark", update="0" * 24) == "not_found"
