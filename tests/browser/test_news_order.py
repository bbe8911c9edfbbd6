"""Lists with news: the newest first, and nothing moves under the pointer or the focus."""

import pytest
from playwright.sync_api import Page, expect

from elearn.actions import chat, courses, direct, enrollment, rooms
from elearn.nouns.courses import CourseFields
from tests.browser.conftest import Someone
from tests.browser.crowd import Crowd, fill
from tests.browser.served import Served, command, live

OTHERS = ("Ana", "Bo", "Cleo")


@pytest.fixture
def scene(served: Served, someone: Someone) -> tuple[Page, Page, dict[str, str]]:
    """A teacher's browser and a student's; the ids of a course and of rooms by name. Ana's, Bo's
    and Cleo's conversations with the student hold one unread message each, Cleo's the newest."""
    desk, phone = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    ids: dict[str, str] = {}

    async def play(crowd: Crowd) -> None:
        services, act = crowd.services, crowd.act
        teacher = await crowd.person("marta@example.org")
        jun = await crowd.person("jun@example.org")
        ids["jun"] = jun.id
        fields = CourseFields(title="Algebra", published=True)
        row = await courses.create_course(services, act(teacher), fields)
        ids["course"] = row.about
        await enrollment.enroll_student(services, act(jun), row.about)
        for name in ("alpha", "beta"):
            new = rooms.NewRoom(name=name, kind="private")
            room = await rooms.create_room(services, act(teacher), row.about, new)
            ids[name] = room.about
        for name in OTHERS:
            other = await crowd.newcomer(name)
            talk = await direct.open_direct(services, act(other), user_id=jun.id)
            await chat.post_message(services, act(other), talk.id, f"{name} says")

    fill(served, play)
    for name in ("alpha", "beta"):
        command(desk, "room.invite", room=ids[name], user=ids["jun"])
    return desk, phone, ids


def test_news_come_first_but_not_under_the_pointer_or_the_focus(
    served: Served, scene: tuple[Page, Page, dict[str, str]]
) -> None:
    desk, phone, ids = scene
    phone.goto(f"{served.url}/messages")
    live(phone)
    talks = phone.locator("main [data-list=rooms] .direct-name .row-link")
    expect(talks).to_have_text(["Cleo", "Bo", "Ana"])

    # While the pointer is in the list, a new conversation waits below it.
    talks.nth(1).hover()
    line = command(desk, "chat.direct", user=ids["jun"])["room"]["id"]
    command(desk, "chat.post", room=line, body="a word")
    expect(talks).to_have_text(["Cleo", "Bo", "Ana", "Marta Olsen"])
    phone.mouse.move(900, 700)
    phone.locator("h1").hover()
    expect(talks).to_have_text(["Marta Olsen", "Cleo", "Bo", "Ana"])

    # In the side bar: what got news comes forward, and not while the focus is there.
    side = phone.locator(f"#side [data-row='{ids['course']}'] [data-list=rooms] .label")
    expect(side).to_have_text(["general", "alpha", "beta"])
    command(desk, "chat.post", room=ids["beta"], body="hello")
    phone.reload()
    live(phone)
    expect(side).to_have_text(["beta", "general", "alpha"])
    phone.locator(f"#side [data-room='{ids['alpha']}'] a").focus()
    command(desk, "chat.post", room=ids["course"], body="hello all")
    expect(phone.locator(f"#side [data-room='{ids['course']}'] .count").last).to_have_text("1")
    expect(side).to_have_text(["beta", "general", "alpha"])
    phone.evaluate("document.activeElement.blur()")
    expect(side).to_have_text(["general", "beta", "alpha"])

    # The same in the list of the course's rooms, drawn by the server.
    phone.goto(f"{served.url}/courses/{ids['course']}/rooms")
    listed = phone.locator("main [data-list=rooms] h3 .row-link")
    expect(listed).to_have_text(["general", "beta", "alpha"])
