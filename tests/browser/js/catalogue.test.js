import { Catalogue, belongs } from "app/models/catalogue.js";
import { Course, use_seats } from "app/models/course.js";
import { short_time } from "app/helpers/time.js";
import { server } from "test/fakes.js";
import { equal, test } from "test/harness.js";

use_seats(server.seats);

const none = { subject: [], level: [], language: [], teacher: [], open: false };
const course = (id, rest = {}) => ({
  id,
  title: `Course ${id}`,
  code: "",
  summary: "",
  subject: "Chemistry",
  level: "300",
  language: "English",
  enrolled: 0,
  seats_left: 3,
  teachers: [{ id: "t1", name: "Marta Olsen" }],
  viewer: { enrolled: false, staff: false },
  ...rest,
});

function listing(courses, rest = {}) {
  const page = { q: "", filters: none, courses, total: courses.length, page_number: 1, pages: 1 };
  return new Catalogue({ ...page, ...rest });
}

const ids = (courses) => courses.map(({ id }) => id);

test("a new course waits until it is asked for, and is counted then", () => {
  const catalogue = listing([course("a")]);
  catalogue.created(course("b"));
  catalogue.created(course("c"));
  catalogue.created(course("b"));
  equal([ids(catalogue.waiting()), catalogue.total, catalogue.get("b")], [["b", "c"], 1, null]);
  equal(ids(catalogue.show_waiting()), ["b", "c"]);
  equal([catalogue.waiting(), catalogue.total, catalogue.get("b").fresh], [[], 3, true]);
});

test("only newcomers that belong to what was asked for are announced", () => {
  const filters = { ...none, subject: ["Chemistry", "Biology"], teacher: ["Marta Olsen"] };
  const catalogue = listing([], { q: "course b", filters });
  catalogue.created(course("b"));
  catalogue.created(course("c"));
  catalogue.created(course("b2", { subject: "Music" }));
  equal(ids(catalogue.waiting()), ["b"]);
  catalogue.load({ q: "", filters: none, courses: [], total: 0, page_number: 1, pages: 1 });
  equal(ids(catalogue.waiting()), ["b2", "c", "b"], "another choice, other newcomers");
});

test("a course belongs by the beginnings of its words, without accents, and by every field", () => {
  const poesie = course("a", { title: "Introduction to Poésie", seats_left: 0 });
  equal(belongs(poesie, "POESIE intro", none), true);
  equal(belongs(poesie, "olsen", none), true);
  equal(belongs(poesie, "oesie", none), false);
  equal(belongs(poesie, "", { ...none, open: true }), false);
  const closed = course("b", { seats_left: 3, closes_at: "2020-01-01T00:00:00Z" });
  equal(belongs(closed, "", { ...none, open: true }), false);
  equal(belongs(closed, "", none), true);
  equal(belongs(poesie, "", { ...none, level: ["100"] }), false);
});

test("a course that was withdrawn stays, marked, and comes back when it is offered again", () => {
  const catalogue = listing([course("a"), course("b")]);
  equal(catalogue.withdrawn("a").withdrawn, true);
  equal([catalogue.withdrawn("a"), catalogue.withdrawn("x"), catalogue.total], [null, null, 1]);
  equal(catalogue.created(course("a", { title: "A again" })).withdrawn, false);
  equal([catalogue.get("a").title, catalogue.total], ["A again", 2]);
});

test("a newcomer that is withdrawn unseen is not announced", () => {
  const catalogue = listing([]);
  catalogue.created(course("a"));
  catalogue.withdrawn("a");
  equal(catalogue.waiting(), []);
});

test("paging doubles nothing and misses nothing while courses come and go", () => {
  const all = (...names) => names.map((name) => course(name));
  const catalogue = listing(all("a", "b", "c"), { total: 6, pages: 2 });
  equal(catalogue.next_page(3), 2);
  catalogue.withdrawn("b");
  equal(catalogue.next_page(3), 1, "the fourth has moved up to the first page");
  equal(ids(catalogue.append({ hits: all("a", "c", "d"), page: 1, pages: 2 })), ["d"]);
  equal(catalogue.next_page(3), 2);
  equal(ids(catalogue.append({ hits: all("d", "e", "f"), page: 2, pages: 2 })), ["e", "f"]);
  equal(catalogue.next_page(3), null);
});

test("seats and one's own enrolment move, other people's enrolments move seats alone", () => {
  const catalogue = listing([course("a")]);
  const moved = { course: "a", enrolled: 1, seats_left: 2 };
  catalogue.counted("enrollment.enrolled", { ...moved, user: { id: "jun" } }, "me");
  equal([catalogue.get("a").seats_left, catalogue.get("a").viewer.enrolled], [2, false]);
  catalogue.counted("enrollment.enrolled", { ...moved, user: { id: "me" } }, "me");
  equal(catalogue.get("a").viewer.enrolled, true);
  equal(catalogue.counted("course.seats", { course: "x" }, "me"), null);
});

test("what a list says of a course and whether one click enrols go together", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  const said = (rest) => {
    const model = new Course(course("a", rest), null);
    return [model.state_text(now), model.enrollable(now)];
  };
  equal(said({}), ["3 seats left", true]);
  equal(said({ seats_left: 0 }), ["full", false]);
  equal(said({ needs_key: true }), ["needs a key", false]);
  equal(said({ viewer: { enrolled: true } }), ["enrolled", false]);
  equal(said({ viewer: { staff: true } }), ["you teach this", false]);
  equal(said({ opens_at: "2027-01-07T09:00:00Z" }), ["opens 7 Jan 2027", false]);
  equal(said({ closes_at: "2026-11-20T11:00:00Z" }), ["enrolment closed", false]);
  equal(said({ withdrawn: true, viewer: { enrolled: true } }), ["no longer offered", false]);
});

const cases = await (await fetch("/test/seats.json")).json();
for (const { course: rest, text, offered, scarce } of cases) {
  test(`as on the server: ${text} ${JSON.stringify(rest)}`, () => {
    const now = new Date("2026-11-20T12:00:00Z");
    const model = new Course(course("a", { seats_left: null, ...rest }), null);
    const wanted = text.replace("{}", rest.opens_at && short_time(rest.opens_at, now));
    equal([model.state_text(now), model.enrollable(now), model.scarce], [wanted, offered, scarce]);
  });
}
