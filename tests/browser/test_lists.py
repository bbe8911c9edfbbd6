"""Every list of every page goes on to its end: by keyboard, and without moving under the reader."""

import asyncio
import re
from collections.abc import Awaitable, Iterable

import pytest
from playwright.sync_api import Locator, Page, expect

from elearn.actions import chat, courses, direct, enrollment, feed, memberships, rooms, updates
from elearn.models import sessions
from elearn.models.ids import new_id
from elearn.nouns.courses import CourseFields
from elearn.nouns.people import Session, User
from tests.browser.conftest import Someone
from tests.browser.crowd import Crowd, fill
from tests.browser.served import Served, live

ENROLLED, UPDATES, ROOMS, TALKS, ITEMS, COURSES, SESSIONS = 102, 25, 55, 55, 40, 15, 25


async def together(acts: Iterable[Awaitable[object]]) -> None:
    await asyncio.gather(*acts)


async def much(crowd: Crowd, teacher: User, jun: User, course: str) -> str:
    """Much of everything, in a course; the room in it that the student has not joined."""
    services, act = crowd.services, crowd.act
    await enrollment.enroll_student(services, act(jun), course)
    others = await asyncio.gather(
        *(crowd.newcomer(f"Student {number:03}") for number in range(ENROLLED))
    )
    await together(enrollment.enroll_student(services, act(one), course) for one in others)

    async def talk(other: User) -> None:
        room = await direct.open_direct(services, act(other), user_id=jun.id)
        await chat.post_message(services, act(other), room.id, "hello")

    await together(talk(other) for other in others[:TALKS])

    async def group(number: int) -> None:
        new = rooms.NewRoom(name=f"group {number:02}", kind="open")
        room = await rooms.create_room(services, act(teacher), course, new)
        await memberships.join_room(services, act(jun), room.about)

    await together(group(number) for number in range(ROOMS))
    hall = rooms.NewRoom(name="hall", kind="open")
    hall_room = await rooms.create_room(services, act(teacher), course, hall)
    await together(memberships.join_room(services, act(one), hall_room.about) for one in others)
    sheet = updates.NewUpdate(kind="material", title="Sheet", body="Read it.")
    await together(
        updates.publish_update(services, act(teacher), course, sheet) for _ in range(UPDATES)
    )
    status = {"course_id": course, "visibility": "course"}
    await together(
        feed.post_status(services, act(jun), f"day {number}", **status) for number in range(ITEMS)
    )
    return hall_room.about


async def signed_in_elsewhere(crowd: Crowd, user: User) -> None:
    now = crowd.services.clock()
    for number in range(SESSIONS):
        session = Session(
            id=new_id(),
            user=user.id,
            agent=f"Browser {number}",
            address="198.51.100.7",
            created_at=now,
            seen_at=now,
            expires_at=now + sessions.LIFE,
            refreshed_at=now,
        )
        await sessions.insert(crowd.services.db, session)


@pytest.fixture
def scene(served: Served, someone: Someone) -> tuple[Page, Page, dict[str, str]]:
    """A teacher's browser and a student's, and addresses: of a course with much of everything, of
    a private room of the teacher alone, of the student's page."""
    desk, phone = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    places: dict[str, str] = {}

    async def play(crowd: Crowd) -> None:
        teacher = await crowd.person("marta@example.org")
        jun = await crowd.person("jun@example.org")
        for number in range(COURSES):
            fields = CourseFields(title=f"Course {number:02}", published=True)
            row = await courses.create_course(crowd.services, crowd.act(teacher), fields)
            if number:
                await enrollment.enroll_student(crowd.services, crowd.act(jun), row.about)
            else:
                course = row.about
        hall = await much(crowd, teacher, jun, course)
        places["hall"] = f"{served.url}/rooms/{hall}"
        new = rooms.NewRoom(name="graders", kind="private")
        room = await rooms.create_room(crowd.services, crowd.act(teacher), course, new)
        await signed_in_elsewhere(crowd, jun)
        places["course"] = f"{served.url}/courses/{course}"
        places["graders"] = f"{served.url}/rooms/{room.about}"
        places["jun"] = f"{served.url}/users/{jun.id}"

    fill(served, play)
    return desk, phone, places


def walk(page: Page, rows: Locator, more: Locator, whole: int) -> None:
    """Press Enter on the link below the list until it ends: what is there does not move, and the
    focus goes on."""
    expect(more).to_be_visible()
    more.focus()
    while more.is_visible():
        before = rows.count()
        top = rows.first.bounding_box()
        page.keyboard.press("Enter")
        expect(rows.nth(before)).to_be_attached()
        expect(more).not_to_have_attribute("aria-busy", "true")
        assert rows.first.bounding_box() == top
        if more.is_visible():
            expect(more).to_be_focused()
    expect(rows).to_have_count(whole)
    assert page.evaluate("document.activeElement !== document.body"), "the focus went on"


def in_main(page: Page) -> Locator:
    return page.locator("main [data-act=more]")


def test_every_list_of_every_page_goes_on_to_its_end(
    served: Served, scene: tuple[Page, Page, dict[str, str]]
) -> None:
    desk, page, places = scene
    course, profile = places["course"], places["jun"]
    lists = (
        (f"{course}/updates", "updates", UPDATES),
        (f"{course}/people", "people", ENROLLED + 1),
        (f"{course}/rooms", "rooms", ROOMS + 2),
        (places["hall"], "members", ENROLLED + 1),
        (profile, "items", ITEMS + COURSES),
        (f"{served.url}/messages", "rooms", TALKS),
    )
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for url, name, whole in lists:
            page.goto(url)
            live(page)
            walk(page, page.locator(f"main [data-list={name}] > li"), in_main(page), whole)

    # Without a script the same link leads to a page with what follows.
    page.goto(f"{course}/updates")
    page.goto(f"{course}/updates{in_main(page).get_attribute('href')}")
    expect(page.locator("main [data-list=updates] > li")).to_have_count(UPDATES - 20)

    # Beside a room.
    page.goto(course.replace("/courses/", "/rooms/"))
    live(page)
    members = page.locator("[data-component=members]")
    expect(members.locator("details[data-folded]")).to_be_attached()
    members.locator("summary").click()
    whole = ENROLLED + 2
    expect(members.locator("summary")).to_have_text(re.compile(rf"All\s+{whole}\s+members"))
    more = members.locator("[data-act=more]")
    walk(page, members.locator("[data-list=members] > li"), more, whole)

    # What a page holds in whole is folded.
    page.goto(profile)
    live(page)
    folded = page.locator("details.fold").first
    expect(folded.get_by_text(f"Show {COURSES - 12} more")).to_be_visible()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(folded.get_by_text("Course 14")).to_be_visible()
    page.goto(f"{served.url}/settings/account")
    page.locator("details.fold summary").click()
    expect(page.locator(".sessions > li")).to_have_count(SESSIONS + 1)

    # Whom a teacher may add to a room: by arrow to the last.
    desk.goto(places["graders"])
    live(desk)
    desk.locator(".people-add").click()
    people = desk.get_by_role("dialog").get_by_role("option")
    expect(people.first).to_be_visible()
    for place in range(ENROLLED + 1):
        expect(people.nth(place)).to_be_attached()
        desk.keyboard.press("ArrowDown")
        expect(people.nth(place)).to_have_attribute("aria-selected", "true")
