"""Every form of every page is filled and sent in a browser by everyone who has it there, and does
what it says."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from elearn.app import ROUTES
from elearn.handlers.account_forms import SECTIONS
from tests.browser.served import LIMIT_MS, PASSWORD, Served, live, messages
from tests.structure.test_routes import methods_of

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NEW_PASSWORD = "amber-boat-77x"
KEY = "spring26"
PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 900}
# These act at each choice; their button is for those without a script.
SENT_BY_CHANGE = {"component appearance", "id filters"}
# These stand on every page, and are the same on each.
# These are for whoever has no account yet.
ENTRANCES = {"sign_in", "sign_up"}
EVERYWHERE = {"component search", "dialog shortcuts", "/sign-out"}
# Pages that show nothing but a text: there is no form that is theirs.
WITHOUT_PAGE = {"/sign-out", "/settings", "/healthz", "/readyz", "/metrics"}
ID = r"([0-9a-f]{24})"

# What a form is called, from its own attributes: the same in a template and in a page.
NOTE_FORMS = """
const nameOf = (form) => {
  if (form.getAttribute("method") === "dialog") return `dialog ${form.closest("dialog").id}`;
  if (form.dataset.component) return `component ${form.dataset.component}`;
  if (form.id) return `id ${form.id}`;
  const names = ["composer", "feed-form", "feedback-form"];
  const data = names.find((one) => form.hasAttribute(`data-${one}`));
  if (data) return `data ${data}`;
  const path = new URL(form.action).pathname.replaceAll(/[0-9a-f]{24}/g, "*");
  if (form.closest("[data-list=courses]")) return `row ${path}`;
  return form.matches(".context-open") ? `head ${path}` : path;
};
for (const kind of ["submit", "change"])
  addEventListener(kind, ({ target }) => {
    const form = target.form ?? target;
    const { page } = document.body.dataset;
    if (form instanceof HTMLFormElement) window.noted(kind, nameOf(form), page);
  }, true);
window.formsOf = async (address) => {
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  return [...page.forms]
    .filter((form) => !form.closest("[hidden]"))
    .map((form) => [nameOf(form), page.body.dataset.page]);
};
"""


class Form(NamedTuple):
    """Of whom, which, and on which page."""

    role: str
    name: str
    page: str


def form_of(role: str, name: str, page: str) -> Form:
    if name in EVERYWHERE:
        return Form(role, name, "")
    return Form("" if page in ENTRANCES else role, name, page)


def forms_of(template: Path) -> Iterator[str]:
    """The names of its forms; those of a page's own template with the page where two have one."""
    text = template.read_text()
    for found in re.finditer(r"<form\b[^>]*>", text):
        tag = found[0]
        dialogs = re.findall(r'<dialog\b[^>]*\bid="([^"]+)"', text[: found.start()])
        yield name_of(tag, page_of(template), dialogs[-1] if dialogs else "")


def page_of(template: Path) -> str:
    """A page's parts are in a folder of its name."""
    return template.stem if template.parent == TEMPLATES else template.parent.name


def name_of(tag: str, page: str, dialog: str) -> str:
    attributes = dict(re.findall(r'\b(method|action|id|class|data-component)="([^"]*)"', tag))
    if attributes.get("method") == "dialog":
        # The head's dialog stands inside the form's own one, or around it.
        return f"dialog {dialog}"
    if component := attributes.get("data-component"):
        return f"component {component}"
    if ident := attributes.get("id"):
        return f"id {ident}"
    for data in ("composer", "feed-form", "feedback-form"):
        if re.search(rf"\bdata-{data}\b", tag):
            return f"data {data} of {page}" if data == "feed-form" else f"data {data}"
    path = re.sub(r"\{\{ base \}\}", "/courses/*", attributes["action"])
    path = re.sub(r"\{\{.*?\}\}", "*", path)
    place = "row " if page == "rows" else "head " if "context-open" in tag else ""
    return place + path


ALL = {name for template in sorted(TEMPLATES.rglob("*.html")) for name in forms_of(template)}

Enter = Callable[..., Page]


@pytest.fixture
def driven() -> set[Form]:
    return set()


@pytest.fixture
def enter(chromium: Browser, served: Served, driven: set[Form]) -> Iterator[Enter]:
    """A browser whose forms are noted as they are sent."""
    failed: list[str] = []

    def begin(role: str, size: dict[str, int] = DESK) -> Page:
        def note(_: object, kind: str, name: str, page: str) -> None:
            if kind == "submit" or name in SENT_BY_CHANGE:
                driven.add(form_of(role, name, page))

        context = chromium.new_context(viewport=size)  # type: ignore[arg-type]
        context.expose_binding("noted", note)
        context.add_init_script(NOTE_FORMS)
        context.on("weberror", lambda error: failed.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(LIMIT_MS)
        page.goto(served.url)
        return page

    yield begin
    assert not failed


def go(page: Page, path: str) -> None:
    page.goto(re.match(r"https?://[^/]+", page.url)[0] + path)  # type: ignore[index]
    if page.locator("[data-component=connection]").count():
        live(page)


def sign_up(page: Page, name: str, role: str) -> None:
    go(page, "/sign-up?next=/help")
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(f"{name.lower()}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator(f"input[name=role][value={role}]").check(force=True)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/help")


def sign_in(page: Page, name: str, password: str) -> None:
    go(page, "/sign-in?next=/help")
    page.get_by_label("E-mail").fill(f"{name.lower()}@example.org")
    page.get_by_label("Password").fill(password)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/help")


def named(forms: set[Form]) -> set[str]:
    """As the templates have them: two of one name are told apart by their page."""
    two = {"data feed-form"}
    return {f"{form.name} of {form.page}" if form.name in two else form.name for form in forms}


def in_sight(page: Page, role: str, things: dict[str, str]) -> set[Form]:
    """The forms that somebody has on any page, as the server draws it."""
    found = [page.evaluate("(address) => formsOf(address)", one) for one in addresses(things)]
    return {form_of(role, *form) for forms in found for form in forms}


def addresses(things: dict[str, str]) -> list[str]:
    """One of each page that the server has: a page that is new here needs a thing to show."""
    found = []
    for pattern, handler, *_ in ROUTES:
        if pattern.startswith("/api/") or pattern.endswith(".json") or pattern in WITHOUT_PAGE:
            continue
        if "get" not in methods_of(handler):
            continue
        for choice in choices(pattern):
            kind = choice.split("/")[1]
            found.append(choice.replace(ID, things[kind] if ID in choice else ""))
    return found


def choices(pattern: str) -> list[str]:
    pattern = pattern.replace("([1-9][0-9]{0,14})", "1").replace("([a-z-]+)", "chat")
    pattern = pattern.replace("/settings/([a-z]+)", f"/settings/({'|'.join(SECTIONS)})")
    tabs = re.search(r"\(([a-z|]+)\)", pattern)
    return [pattern.replace(tabs[0], one) for one in tabs[1].split("|")] if tabs else [pattern]


def make_course(page: Page, title: str, key: str = "") -> str:
    go(page, "/courses/new")
    page.locator("#editor input[name=title]").fill(title)
    page.locator("#editor input[name=enrollment_key]").fill(key)
    box = page.locator("#editor [name=published]")
    if not box.is_checked():
        box.check(force=True)
    page.locator("button[type=submit][form=editor], #editor button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
    return "/" + page.url.split("/", 3)[3]


def opened(page: Page, name: str) -> Page:
    """A dialog, opened by its button, wherever the page has it in sight."""
    page.locator(f"[data-opens={name}]:visible").first.click()
    expect(page.locator(f"dialog#{name}")).to_be_visible()
    return page


def close(page: Page, name: str) -> None:
    page.locator(f"dialog#{name} form[method=dialog] button[value=close]").first.click()
    expect(page.locator(f"dialog#{name}")).to_be_hidden()


def make_room(page: Page, course: str, name: str, kind: str = "private") -> str:
    go(page, f"{course}/rooms")
    close(opened(page, "new-room"), "new-room")
    dialog = opened(page, "new-room").locator("dialog#new-room")
    dialog.get_by_label("Name").fill(name)
    dialog.locator(f"input[name=kind][value={kind}]").check(force=True)
    dialog.locator("[data-component=new-room] button[type=submit]").click()
    room = page.locator("main [data-list=rooms] a", has_text=name).first
    expect(room).to_be_visible()
    return str(room.get_attribute("href"))


def manage_room(page: Page, room: str) -> None:
    go(page, room)
    close(opened(page, "edit-room"), "edit-room")
    form = opened(page, "edit-room").locator("[data-component=edit-room]")
    form.get_by_label("Name").fill("Laboratory")
    form.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", name="Laboratory").first).to_be_visible()
    opened(page, "invite")
    page.locator("#invite-name").fill("Ana")
    page.locator("#invite-list [role=option]", has_text="Ana").click()
    expect(page.locator("#invite-list [data-added]:visible")).to_be_visible()
    close(page, "invite")


def join_room(page: Page, room: str) -> None:
    go(page, room)
    page.locator("form[action$='/join'] button").click()
    expect(page.locator("[data-composer] textarea")).to_be_visible()


def take_over(page: Page, room: str) -> None:
    """By an admin, from a teacher whose account is closed."""
    go(page, room)
    page.locator("form[action$='/take-over'] button").click()
    expect(page.locator("[data-composer] textarea")).to_be_visible()


def publish(page: Page, course: str) -> str:
    go(page, f"{course}/updates")
    page.get_by_text("New update").click()
    form = page.locator("[data-component=publish]")
    form.get_by_label("Title").fill("Exam moved")
    form.locator("textarea[name=body]").fill("Friday at ten.")
    form.locator("button[type=submit]").click()
    update = page.locator("main [data-list=updates] h3 a", has_text="Exam moved").first
    expect(update).to_be_visible()
    return str(update.get_attribute("href"))


def enroll_with_a_key(page: Page, course: str) -> None:
    go(page, course)
    form = page.locator(f"form[action='{course}/enroll']:visible").first
    form.get_by_label("Enrolment key").fill("autumn25")
    form.locator("button[type=submit]").click()
    expect(page.get_by_text("not the key").first).to_be_visible()
    form.get_by_label("Enrolment key").fill(KEY.title())
    form.locator("button[type=submit]").click()
    expect(page.get_by_text("You are enrolled").first).to_be_visible()


def write_everywhere(page: Page, course: str, update: str) -> None:
    for place in (course.replace("/courses/", "/rooms/"), update):
        go(page, place)
        page.locator("[data-composer] textarea").fill("Which door?")
        page.locator("[data-composer] button[type=submit]").click()
        expect(messages(page).filter(has_text="Which door?").first).to_be_visible()
    for path, text in ((f"{course}/feed", "Said in the course"), ("/", "Said at home")):
        go(page, path)
        page.locator("[data-feed-form] textarea").fill(text)
        page.locator("[data-feed-form] button[type=submit]").click()
        expect(page.locator("[data-list=items]").get_by_text(text).first).to_be_visible()


def rate(page: Page, course: str) -> None:
    go(page, course)
    page.locator("label[for=stars-5]").click()
    page.locator("[data-feedback-form] textarea").fill("Clear and kind")
    page.locator("[data-feedback-form] button[type=submit]").click()
    expect(page.locator("[data-list=feedback]").get_by_text("Clear and kind")).to_be_visible()


def find_and_enroll(page: Page, title: str) -> None:
    go(page, "/help")
    page.locator("#search").fill(title.split()[0])
    page.locator("#search").press("Enter")
    page.wait_for_url("**/courses?q=*")
    go(page, "/courses")
    page.locator("#sort").select_option("newest")
    page.wait_for_url("**sort=newest**")
    row = page.locator("[data-list=courses] > li", has_text=title)
    row.locator("[data-act=enroll]").click()
    expect(row.locator("[data-open]")).to_be_visible()


def change_settings(page: Page, *, sessions: bool) -> None:
    go(page, "/settings/profile")
    page.locator("textarea[name=about]").fill("I like graphs.")
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    go(page, "/settings/appearance")
    page.locator("input[name=theme][value=dark]").check(force=True)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    go(page, "/settings/account")
    if sessions:
        page.locator("form[action$='/end'] button").first.click()
        expect(page.locator("form[action$='/end']")).to_have_count(0)
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def keyboard_help(page: Page) -> None:
    go(page, "/help")
    page.keyboard.press("?")
    expect(page.locator("dialog#shortcuts")).to_be_visible()
    close(page, "shortcuts")


def stay_in_the_room(page: Page, room: str) -> None:
    go(page, room)
    page.locator("summary[aria-label='Room menu']").click()
    page.locator("[data-act=ask-leave]:visible").first.click()
    page.locator("dialog#leave-room button[value=close]").click()
    expect(page.locator("dialog#leave-room")).to_be_hidden()


def leave_course(page: Page, course: str) -> None:
    go(page, course)
    page.locator("[data-leave-form] button[type=submit]:visible").first.click()
    expect(page.locator("[data-enroll-form]:visible").first).to_be_visible()


def sign_out(page: Page) -> None:
    page.locator("form[action='/sign-out']").locator("xpath=ancestor::details/summary").click()
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url(re.compile(r"//[^/]+/$"))


def test_the_walk_finds_the_forms_of_the_templates() -> None:
    assert {"/sign-in", "/sign-up", "id editor", "dialog shortcuts", "data composer"} <= ALL
    count = sum(len(re.findall(r"<form\b", one.read_text())) for one in TEMPLATES.rglob("*.html"))
    assert len(ALL) >= count - 1, "no two forms have one name, but those that leave a dialog"


def act_as_staff(page: Page, course: str) -> tuple[str, str]:
    """All that whoever runs a course does with it."""
    update, room = publish(page, course), make_room(page, course, "Lab")
    manage_room(page, room)
    go(page, f"{course}/edit")
    page.locator("#editor [name=summary]").fill("In one sentence")
    page.locator("#editor button[type=submit]").click()
    page.wait_for_url(f"**{course}")
    write_everywhere(page, course, update)
    return update, room


def act_as_anybody(page: Page, name: str, *, sessions: bool = False) -> None:
    """What everybody has, whatever their role; `sessions`: also one elsewhere."""
    keyboard_help(page)
    change_settings(page, sessions=sessions)
    sign_out(page)
    sign_in(page, name, NEW_PASSWORD)


def test_every_form_of_every_page_is_sent_and_works(
    enter: Enter, served: Served, driven: set[Form]
) -> None:
    ada = ("--name", "Ada", "--role", "admin", "--password", PASSWORD)
    served.run("create-user", "ada@example.org", *ada)
    teacher, student, admin = enter("teacher"), enter("student"), enter("admin")
    sign_up(teacher, "Marta", "teacher")
    sign_up(student, "Ana", "student")
    sign_in(admin, "Ada", PASSWORD)
    course = make_course(teacher, "Graph Theory", KEY)
    other = make_course(admin, "Open Problems")
    third = make_course(teacher, "Pocket Algebra")
    enroll_with_a_key(student, course)
    update, room = act_as_staff(teacher, course)
    join_room(student, make_room(teacher, course, "Hall", "open"))
    write_everywhere(student, course, update)
    rate(student, course)
    phone = enter("student", PHONE)
    sign_in(phone, "Ana", PASSWORD)
    go(phone, third)
    phone.locator(".head-act form [data-act=enroll]").click()
    expect(phone.locator(".head-act form")).to_be_hidden()
    find_and_enroll(student, "Open Problems")
    find_and_enroll(teacher, "Open Problems")
    find_and_enroll(admin, "Pocket Algebra")
    act_as_anybody(student, "Ana", sessions=True)
    act_as_anybody(teacher, "Marta")
    act_as_anybody(admin, "Ada")
    act_as_staff(admin, other)
    things = {
        "courses": course[9:],
        "rooms": room[7:],
        "updates": update[9:],
        "users": "0" * 24,
    }
    stay_in_the_room(student, room)
    people = {"student": student, "teacher": teacher, "admin": admin}
    seen = {form for role, page in people.items() for form in in_sight(page, role, things)}
    leave_course(student, course)
    served.run("change-user", "marta@example.org", "--disable")
    take_over(admin, room)
    assert seen - driven == set(), "they have these in sight, and never sent them"
    assert ALL - named(driven) == set(), "these forms of the templates were never sent"
    assert named(driven) - ALL == set(), "these are in no template"
