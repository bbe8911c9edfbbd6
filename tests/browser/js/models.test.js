import { Course, use_seats } from "app/models/course.js";
import { brought_forward, in_shown_order } from "app/models/news.js";
import { Notices } from "app/models/notices.js";
import { Rooms } from "app/models/rooms.js";
import { Stream } from "app/models/stream.js";
import { server } from "test/fakes.js";
import { equal, test } from "test/harness.js";

use_seats(server.seats);

const algebra = { id: "c1", title: "Algebra" };
const room = (id, unread, rest = {}) => ({
  id,
  course: algebra,
  kind: "open",
  name: id,
  unread,
  n: 10,
  ...rest,
});

test("unread is the newest n less the mark", () => {
  const rooms = new Rooms("me", [room("a", 3), room("b", 0)]);
  rooms.posted({ room: "a", author: { id: "jun" }, n: 11 });
  rooms.posted({ room: "a", author: { id: "jun" }, n: 11 });
  rooms.posted({ room: "b", author: { id: "jun" } });
  equal([rooms.unread("a"), rooms.unread("b"), rooms.unread_of_course("c1")], [4, 1, 5]);
});

test("posting moves one's own mark", () => {
  const rooms = new Rooms("me", [room("a", 3)]);
  rooms.posted({ room: "a", author: { id: "me" }, n: 11 });
  equal(rooms.unread("a"), 0);
  rooms.active({ room: "a", messages: 14, by: "jun" });
  equal(rooms.unread("a"), 3);
  rooms.active({ room: "a", messages: 15, by: "me" });
  equal(rooms.unread("a"), 0);
});

test("reading in another tab clears here, also when it was told late", () => {
  const rooms = new Rooms("me", [room("a", 3)]);
  rooms.posted({ room: "a", author: { id: "jun" }, n: 12 });
  rooms.read({ room: "a", n: 11, unread: 0 });
  equal(rooms.unread("a"), 1);
  rooms.read({ room: "a", n: 12, unread: 0 });
  equal(rooms.unread("a"), 0);
  equal(rooms.read({ room: "unknown", n: 1, unread: 0 }), false);
});

test("what got news comes forward, the newest first; what was read stays where it is", () => {
  const rooms = new Rooms("me", [room("a", 0), room("b", 0), room("c", 1, { at: "2026-11-20T08:00:00Z" })]);
  const seen = rooms.news().rooms;
  const news_at = ({ id }) => rooms.news_at(id);
  const all = () => ["c", "a", "b"].map((id) => rooms.get(id));
  const order = (shown) => brought_forward(shown, all(), news_at, seen).map(({ id }) => id);
  equal(order(["c", "a", "b"]), ["c", "a", "b"]);
  rooms.posted({ room: "b", author: { id: "jun" }, at: "2026-11-21T08:00:00.250000Z" });
  rooms.active({ room: "a", messages: 11, by: "jun", last_at: "2026-11-21T08:00:00Z" });
  equal(order(["c", "a", "b"]), ["b", "a", "c"]);
  for (const [id, at] of rooms.news().rooms) seen.set(id, at);
  rooms.read({ room: "b", n: 11, unread: 0 });
  equal(order(["b", "a", "c"]), ["b", "a", "c"]);
  rooms.posted({ room: "c", author: { id: "me" }, at: "2026-11-22T08:00:00Z" });
  equal(order(["b", "a", "c"]), ["b", "a", "c"]);
});

test("a list that is pointed at keeps its order, and what is new comes last", () => {
  const nouns = ["x", "a", "b"].map((id) => ({ id }));
  equal(
    in_shown_order(["b", "a"], nouns).map(({ id }) => id),
    ["b", "a", "x"],
  );
});

test("a whole list replaces what is gone and keeps what came meanwhile out of doubt", () => {
  const rooms = new Rooms("me", [room("a", 1), room("b", 1, { kind: "direct", course: null })]);
  rooms.replace([room("b", 2, { kind: "direct", course: null }), room("d", 4)]);
  equal([rooms.get("a"), rooms.unread("d"), rooms.unread_direct()], [null, 4, 2]);
  equal(rooms.courses(), [algebra]);
});

const notice = (id, rest = {}) => ({
  id,
  topic: "user:me",
  seq: Number(id),
  category: "messages",
  actor: { id: "jun" },
  seen: false,
  read: false,
  ...rest,
});

test("a notice on one's own topic brings its counts, one of a course counts itself", () => {
  const notices = new Notices("me", { unseen: 1, unread: 4 });
  notices.created({ notice: notice("1"), unseen: 2, unread: 5 });
  notices.created({ notice: notice("2", { topic: "course:c1" }) });
  notices.created({ notice: notice("2", { topic: "course:c1" }) });
  equal([notices.unseen, notices.unread], [3, 6]);
  equal(
    notices.list().map(({ id }) => id),
    ["2", "1"],
  );
});

test("nobody is told of what they did themselves", () => {
  const notices = new Notices("me");
  equal(
    notices.created({ notice: notice("1", { topic: "course:c1", actor: { id: "me" } }) }),
    false,
  );
  equal([notices.unseen, notices.unread], [0, 0]);
});

test("marking shows at once and can be taken back", () => {
  const notices = new Notices("me", { unseen: 0, unread: 2 });
  notices.load({ notices: [notice("1"), notice("2")], unseen: 0, unread: 2 });
  const undo = notices.mark(["1", "1"], true);
  equal([notices.unread, notices.get("1").read], [1, true]);
  undo();
  equal([notices.unread, notices.get("1").read], [2, false]);
});

test("the state that another tab left decides each dot", () => {
  const notices = new Notices("me");
  notices.load({
    notices: [notice("3"), notice("2"), notice("1"), notice("9", { topic: "course:c1" })],
    unseen: 4,
    unread: 4,
  });
  const topics = { "user:me": { seen: 3, read: 2, unread: [1], extra: [3] } };
  notices.told({ topics, unseen: 1, unread: 2 });
  equal(
    notices.list().map(({ id, read }) => [id, read]),
    [
      ["3", true],
      ["2", true],
      ["1", false],
      ["9", false],
    ],
  );
  equal([notices.unseen, notices.unread], [1, 2]);
});

test("looking at the badge leaves the dots", () => {
  const notices = new Notices("me", { unseen: 2, unread: 2 });
  notices.load({ notices: [notice("1")], unseen: 2, unread: 2 });
  notices.see_all();
  equal([notices.unseen, notices.unread, notices.get("1").read], [0, 2, false]);
});

test("a notice that is withdrawn is gone, with its part of the counts", () => {
  const notices = new Notices("me");
  const page = [
    notice("1"),
    notice("2", { topic: "course:c1", seen: true }),
    notice("3", { topic: "course:c1", seen: true, read: true }),
  ];
  notices.load({ notices: page, unseen: 1, unread: 2 });
  equal(notices.withdrawn({ ids: ["2", "3"] }), true);
  equal([notices.unseen, notices.unread], [1, 1]);
  equal(notices.withdrawn({ ids: ["1"], unseen: 0, unread: 0 }), true);
  equal([notices.unseen, notices.unread, notices.list().length], [0, 0, 0]);
  equal(notices.withdrawn({ ids: ["4"] }), false, "one that is not held here: counts are asked for");
});

test("with a topic go its notices", () => {
  const notices = new Notices("me");
  notices.load({ notices: [notice("1"), notice("2", { topic: "course:c1" })], unseen: 0, unread: 2 });
  notices.lost("course:c1");
  equal(
    notices.list().map(({ id }) => id),
    ["1"],
  );
});

test("what was read in another tab before it was told here is not new", () => {
  const notices = new Notices("me");
  const topics = { "course:c1": { seen: 9, read: 7, unread: [], extra: [] } };
  notices.told({ topics, unseen: 0, unread: 0 });
  notices.created({ notice: notice("7", { topic: "course:c1" }) });
  equal([notices.unseen, notices.unread], [0, 0]);
  notices.created({ notice: notice("8", { topic: "course:c1" }) });
  equal([notices.unseen, notices.unread], [0, 1]);
});

test("a state without a topic takes back what was read of it", () => {
  const notices = new Notices("me");
  notices.load({ notices: [notice("1")], unseen: 0, unread: 1 });
  notices.mark_all();
  notices.told({ topics: {}, unseen: 1, unread: 1 });
  equal([notices.get("1").read, notices.unread], [false, 1]);
});

test("what is there is asked for anew, and no more than one answer takes", () => {
  const notices = new Notices("me");
  equal(notices.request_again(), { limit: 20 });
  const many = (count) => Array.from({ length: count }, (_, index) => notice(String(index)));
  notices.load({ notices: many(43) });
  equal(notices.request_again(), { limit: 43 });
  notices.load({ notices: many(143) });
  equal(notices.request_again(), { limit: 100 });
});

test("what is asked for is what was chosen to be shown", () => {
  const notices = new Notices("me");
  equal(notices.request(), {});
  notices.choose({ category: "messages", unread_only: true });
  const other = notice("2", { category: "rooms" });
  notices.load({ notices: [notice("3"), other, notice("1", { read: true })], next: "7/1" });
  equal(notices.request(true), { category: "messages", unread: true, before: "7/1" });
  equal(
    notices.list().map(({ id }) => id),
    ["3"],
  );
  notices.choose({ category: "" });
  equal([notices.request(), notices.list().length], [{}, 3]);
});

test("what comes while one reads below waits, in order and without doubles", () => {
  const stream = new Stream([{ id: "a" }], "next");
  equal(stream.arrived({ id: "b" }, false), "waiting");
  equal(stream.arrived({ id: "c" }, false), "waiting");
  equal(stream.arrived({ id: "b" }, false), "changed");
  equal([stream.waiting, stream.items().length], [2, 1]);
  stream.show_waiting();
  equal(
    stream.items().map(({ id }) => id),
    ["c", "b", "a"],
  );
});

test("an older page joins at the end and knows what is there", () => {
  const stream = new Stream([{ id: "b" }, { id: "a" }], 5);
  stream.append([{ id: "a" }, { id: "z" }], null);
  equal(
    stream.items().map(({ id }) => id),
    ["b", "a", "z"],
  );
  equal(stream.next, null);
});

const course = {
  id: "c1",
  title: "Algebra",
  enrolled: 9,
  seats_left: 1,
  viewer: { enrolled: false, staff: false },
};

test("the second click of two does nothing", () => {
  const model = new Course(course, { id: "me" });
  equal([model.begin("enroll"), model.begin("enroll")], [true, false]);
  equal(model.enrolled, true, "shown before it is confirmed");
});

test("one is enrolled whether the event or the reply comes first", () => {
  const model = new Course(course, { id: "me" });
  const event = { course: "c1", user: { id: "me" }, enrolled: 10, seats_left: 0 };
  model.begin("enroll");
  model.counted(event, "enrollment.enrolled");
  model.succeeded();
  equal(model.enrolled, true);
  model.begin("leave");
  model.succeeded();
  equal(model.enrolled, false);
});

test("the lost race for the last seat takes the state back and says why", () => {
  const model = new Course(course, { id: "me" });
  model.begin("enroll");
  model.failed({ code: "course_full", message: "All seats are taken." });
  equal(
    [model.enrolled, model.full, model.error.message, model.seats_text()],
    [false, true, "All seats are taken.", "full"],
  );
});

test("being enrolled already is what was asked for", () => {
  const model = new Course(course, { id: "me" });
  model.begin("enroll");
  model.failed({ code: "already_enrolled", message: "You are enrolled." });
  equal([model.enrolled, model.error], [true, null]);
});

test("seats and counts follow events of this course alone", () => {
  const model = new Course({ ...course }, { id: "me" });
  model.counted({ course: "c2", enrolled: 1, seats_left: 0 });
  model.counted({ course: "c1", enrolled: 12, seats_left: 3 });
  equal([model.course.enrolled, model.seats_text(), model.scarce], [12, "3 seats left", true]);
  model.counted(
    { course: "c1", user: { id: "me" }, enrolled: 13, seats_left: 2 },
    "enrollment.enrolled",
  );
  equal(model.enrolled, true);
});
