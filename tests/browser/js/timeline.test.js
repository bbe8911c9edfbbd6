import { Timeline } from "app/models/timeline.js";
import { server } from "test/fakes.js";
import { equal, test } from "test/harness.js";

const ana = { id: "ana", name: "Ana", role: "student" };
const jun = { id: "jun", name: "Jun", role: "student" };
const day_of = (iso) => iso.slice(0, 10);

function message(
  seq,
  { author = jun, at = `2026-11-19T09:${String(seq).padStart(2, "0")}:00.000Z`, ...rest } = {},
) {
  return {
    id: `room:r.${seq}`,
    room: "r",
    seq,
    author,
    body: `m${seq}`,
    html: "",
    reply_to: null,
    created_at: at,
    deleted_at: null,
    ...rest,
  };
}

const seqs = (timeline) => timeline.messages().map(({ seq }) => seq);
const shape = (timeline) =>
  timeline
    .rows(day_of)
    .map((row) => (row.message?.seq ?? row.message?.key ?? row.kind) + (row.grouped ? "+" : ""));

test("messages stand in the order of seq, however they come", () => {
  const timeline = new Timeline({ viewer: ana, server, messages: [message(3)] });
  timeline.apply(message(7));
  timeline.apply(message(5));
  equal(seqs(timeline), [3, 5, 7]);
});

test("a message is there once, and a later version takes its place", () => {
  const timeline = new Timeline({ viewer: ana, server, messages: [message(3)] });
  equal(timeline.apply(message(3, { body: "edited" })), "changed");
  equal(
    timeline.messages().map(({ body }) => body),
    ["edited"],
  );
});

test("one author within five minutes is one group; a day, a reply or another author ends it", () => {
  const timeline = new Timeline({
    viewer: ana, server,
    messages: [
      message(1, { at: "2026-11-18T23:59:00Z" }),
      message(2, { at: "2026-11-19T00:01:00Z" }),
      message(3, { at: "2026-11-19T00:02:00Z" }),
      message(4, { at: "2026-11-19T00:03:00Z", reply_to: { seq: 1 } }),
      message(5, { at: "2026-11-19T00:04:00Z", author: ana }),
      message(6, { at: "2026-11-19T00:09:00Z", author: ana }),
    ],
  });
  equal(shape(timeline), ["day", "1", "day", "2", "3+", "4", "5", "6"]);
});

const cases = await (await fetch("/test/conversations.json")).json();
for (const { name, messages, read_seq, first_seq = 1, more_before, rows } of cases) {
  test(`as on the server: ${name}`, () => {
    const sent = messages.map(({ at, author, reply }, index) =>
      message(first_seq + index, { at, author: { id: author }, reply_to: reply ? { seq: 1 } : null }),
    );
    const page = { viewer: ana, server, messages: sent, read_seq, more_before };
    equal(shape(new Timeline(page)).map(String), rows);
  });
}

test("the new divider stands before the first unread message of others and stays there", () => {
  const messages = [message(1), message(2, { author: ana }), message(3), message(4)];
  const timeline = new Timeline({ viewer: ana, server, messages, read_seq: 1 });
  equal(shape(timeline), ["day", "1", "2", "new", "3", "4+"]);
  timeline.apply(message(5));
  equal(timeline.rows(day_of).filter(({ kind }) => kind === "new").length, 1);
});

test("what was sent shows at once, and its echo or its reply takes its place, whichever is first", () => {
  for (const first of ["echo", "reply"]) {
    const timeline = new Timeline({ viewer: ana, server, messages: [message(1)] });
    timeline.add_pending({ key: "k", body: "hello", created_at: "2026-11-19T10:00:00Z" });
    equal(shape(timeline), ["day", "1", "k"]);
    const stored = message(2, { author: ana, body: "hello", key: "k" });
    if (first === "echo") timeline.apply(stored, "k");
    else timeline.confirm("k", stored);
    timeline.apply(stored, "k");
    timeline.confirm("k", stored);
    equal(shape(timeline), ["day", "1", "2"], first);
  }
});

test("of two equal texts an echo takes only the one whose key it has", () => {
  const timeline = new Timeline({ viewer: ana, server });
  for (const key of ["k1", "k2"])
    timeline.add_pending({ key, body: "same", created_at: "2026-11-19T10:00:00Z" });
  timeline.apply(message(2, { author: ana, body: "same" }), "k2");
  equal(
    timeline.pending().map(({ key }) => key),
    ["k1"],
  );
});

test("a message that waits stands below its day, as it does once it is stored", () => {
  const timeline = new Timeline({ viewer: ana, server, messages: [message(1)] });
  timeline.add_pending({ key: "k", body: "x", created_at: "2026-11-20T08:00:00Z" });
  equal(shape(timeline), ["day", "1", "day", "k"]);
  timeline.confirm("k", message(2, { author: ana, at: "2026-11-20T08:00:01Z" }));
  equal(shape(timeline), ["day", "1", "day", "2"]);
});

test("a refused message stays, is sent again or thrown away", () => {
  const timeline = new Timeline({ viewer: ana, server });
  timeline.add_pending({ key: "k", body: "x", created_at: "2026-11-19T10:00:00Z" });
  timeline.fail("k", "The room is closed.");
  equal(
    timeline.pending().map(({ state, error }) => [state, error]),
    [["failed", "The room is closed."]],
  );
  timeline.add_pending({ key: "k" });
  equal(
    timeline.pending().map(({ state, body }) => [state, body]),
    [["sending", "x"]],
  );
  timeline.drop("k");
  equal(timeline.pending(), []);
});

test("pages of history join without a gap in both directions", () => {
  const timeline = new Timeline({
    viewer: ana, server,
    messages: [message(10), message(11)],
    more_before: true,
    more_after: true,
  });
  timeline.extend("before", {
    messages: [message(8), message(9)],
    more_before: false,
    more_after: true,
  });
  timeline.extend("after", { messages: [message(12)], more_before: true, more_after: false });
  equal(seqs(timeline), [8, 9, 10, 11, 12]);
  equal([timeline.more_before, timeline.more_after], [false, false]);
});

test("while an older stretch is shown, new messages are counted and leave no hole", () => {
  const timeline = new Timeline({ viewer: ana, server, messages: [message(3)], more_after: true });
  equal(timeline.apply(message(9)), "newer");
  equal(timeline.apply(message(9)), "newer");
  equal([seqs(timeline), timeline.newer], [[3], 1]);
  timeline.extend("after", { messages: [message(4), message(9)], more_after: false });
  equal([seqs(timeline), timeline.newer], [[3, 4, 9], 0]);
});

test("an older message than the stretch that is shown makes no hole either", () => {
  const timeline = new Timeline({ viewer: ana, server, messages: [message(30)], more_before: true });
  equal(timeline.apply(message(3)), "none");
  equal(seqs(timeline), [30]);
});

test("a long day is trimmed at the far end, which can be read again", () => {
  const timeline = new Timeline({
    viewer: ana, server,
    messages: Array.from({ length: 50 }, (_, at) => message(at + 1)),
  });
  timeline.trim("before", 20);
  equal([timeline.first_seq, timeline.last_seq, timeline.more_before], [31, 50, true]);
  timeline.trim("after", 10);
  equal([timeline.first_seq, timeline.last_seq, timeline.more_after], [31, 40, true]);
});

test("state and events give what a fresh read gives", () => {
  const read = [
    message(1),
    message(2, { author: ana }),
    message(3, { deleted_at: "2026-11-19T10:00:00Z" }),
    message(4),
  ];
  const live = new Timeline({ viewer: ana, server, messages: [message(1)] });
  live.add_pending({ key: "k", body: "m2", created_at: "2026-11-19T09:02:00Z" });
  for (const event of [message(2, { author: ana }), message(3), message(4)]) live.apply(event);
  live.apply(read[2]);
  const fresh = new Timeline({ viewer: ana, server, messages: read });
  equal(live.rows(day_of), fresh.rows(day_of));
});

test("who looks away finds a divider above what came meanwhile", () => {
  const timeline = new Timeline({ viewer: ana, server, messages: [message(1), message(2)] });
  timeline.apply(message(3));
  equal(shape(timeline), ["day", "1", "2+", "3+"]);
  timeline.divide_after(3);
  timeline.apply(message(4));
  timeline.apply(message(5));
  equal(shape(timeline), ["day", "1", "2+", "3+", "new", "4", "5+"]);
});

test("a divider comes into view with the history that it stands in", () => {
  const messages = [message(5), message(6)];
  const timeline = new Timeline({ viewer: ana, server, messages, read_seq: 2, more_before: true });
  equal(shape(timeline), ["day", "5", "6+"]);
  timeline.extend("before", { messages: [1, 2, 3, 4].map((seq) => message(seq)), more_before: false });
  equal(shape(timeline), ["day", "1", "2+", "new", "3", "4+", "5+", "6+"]);
});
