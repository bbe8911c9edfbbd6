"""What is clicked has a target of 24 px, or as much room around it (WCAG 2.2, 2.5.8), on every page
and at both widths. Links within a sentence are as large as its line."""

import pytest
from playwright.sync_api import Page

from elearn.actions import chat, courses, enrollment, feed, rooms, updates
from elearn.nouns.courses import CourseFields
from tests.browser.conftest import Someone
from tests.browser.crowd import Crowd, fill
from tests.browser.served import Served, live

# The rule as axe has it: large enough, or a circle of 24 px around its middle touches no other
# target and no other such circle.
_SMALL = """() => {
  const LEAST = 24;
  const shown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const in_words = (one) => {
    if (getComputedStyle(one).display !== "inline") return false;
    const block = one.parentElement.closest("p, li, h1, h2, h3, dd, blockquote, label, span");
    return block.textContent.trim().length > one.textContent.trim().length
      && getComputedStyle(one.parentElement).display !== "flex";
  };
  const box_of = (one) => {
    const field = one.matches("input[type=radio], input[type=checkbox]") && one.closest("label");
    return (field || one).getBoundingClientRect();
  };
  const found = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=option]"
  )].filter((one) => shown(one) && !one.closest("[aria-hidden=true], .message-text"))
    .map((one) => ({ one, box: box_of(one) }))
    .filter(({ box }) => box.width > 1 && box.height > 1 && box.right > 0 && box.left < innerWidth);
  const middle = ({ left, top, width, height }) => [left + width / 2, top + height / 2];
  const near = (box, [x, y]) => Math.hypot(
    Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
  const small = ({ box }) => box.width < LEAST - 0.5 || box.height < LEAST - 0.5;
  const crowded = (target) => found.some((other) => {
    if (other.one === target.one || other.one.contains(target.one)) return false;
    const at = middle(target.box);
    if (near(other.box, at) < LEAST / 2) return true;
    const [x, y] = middle(other.box);
    return small(other) && Math.hypot(x - at[0], y - at[1]) < LEAST;
  });
  return found.filter((target) => small(target) && !in_words(target.one) && crowded(target))
    .map(({ one, box: { width, height } }) =>
      `${one.outerHTML.slice(0, 90)} ${Math.round(width)}x${Math.round(height)}`);
}"""


@pytest.fixture
def scene(served: Served, someone: Someone) -> tuple[Page, Page, dict[str, str]]:
    desk, phone = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    ids: dict[str, str] = {}

    async def play(crowd: Crowd) -> None:
        services, act = crowd.services, crowd.act
        teacher = await crowd.person("marta@example.org")
        jun = await crowd.person("jun@example.org")
        ids["jun"] = jun.id
        fields = CourseFields(title="Algebra", code="M 101", subject="Mathematics", published=True)
        row = await courses.create_course(services, act(teacher), fields)
        course = ids["course"] = row.about
        for who in (jun, await crowd.newcomer("Ana"), await crowd.newcomer("Bo")):
            await enrollment.enroll_student(services, act(who), course)
            await chat.post_message(services, act(who), course, "hello @Marta Olsen")
        await feed.give_feedback(
            services, act(jun), course, stars=4, comment="clear", anonymous=False
        )
        new = rooms.NewRoom(name="lab", kind="open")
        await rooms.create_room(services, act(teacher), course, new)
        given = updates.NewUpdate(
            kind="material", title="Sheet", body="Read it.", link="https://example.org/a"
        )
        published = await updates.publish_update(services, act(teacher), course, given)
        ids["update"] = published.data.document.id  # type: ignore[attr-defined]

    fill(served, play)
    return desk, phone, ids


def test_what_is_clicked_is_large_enough(
    served: Served, scene: tuple[Page, Page, dict[str, str]]
) -> None:
    desk, phone, ids = scene
    course = f"/courses/{ids['course']}"
    tabs = [f"{course}/{tab}" for tab in ("updates", "rooms", "feed", "people")]
    shared = ["/", "/courses", course, *tabs]
    shared += [f"/updates/{ids['update']}", f"/rooms/{ids['course']}", f"/users/{ids['jun']}"]
    own = ["/messages", "/notifications", "/help", "/settings/profile", "/settings/account"]
    small: dict[str, list[str]] = {}
    for page, paths in ((phone, [*shared, *own]), (desk, [*shared, f"{course}/edit"])):
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for path in paths:
                page.goto(served.url + path)
                live(page)
                if found := page.evaluate(_SMALL):
                    small[f"{path} at {width}"] = found
    said = "\n".join(f"{where}: {one}" for where, some in small.items() for one in some)
    assert not small, said
