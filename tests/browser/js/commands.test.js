import { memory_storage } from "app/net/env.js";
import { connected, page, settle } from "test/fakes.js";
import { equal, ok, rejects, test } from "test/harness.js";

const message = (key) => ({
  id: `room:r.${key}`,
  room: "r",
  seq: 1,
  key,
  author: { id: "me" },
  body: "x",
});

test("replies find their askers by ref, in whatever order they come", async () => {
  const { env, session } = await connected();
  const one = session.command("room.list");
  const two = session.command("chat.history", { room: "r" });
  const [first, second] = env.line.sent.slice(-2);
  await env.line.gives({ ref: second.ref, ok: true, result: { messages: [2] } });
  await env.line.gives({ ref: first.ref, ok: true, result: { rooms: [1] } });
  equal(await one, { rooms: [1] });
  equal(await two, { messages: [2] });
});

test("a refusal carries the server's words, code, field and wait", async () => {
  const { env, session } = await connected();
  const asked = session.command("room.create", { name: "" });
  await env.line.refuses("room.create", {
    code: "invalid_field",
    message: "A name.",
    field: "name",
  });
  const error = await rejects(asked, "invalid_field");
  equal([error.message, error.field, error.status], ["A name.", "name", 500]);
});

test("reading that is not answered ends, changing is asked again with the same key", async () => {
  const { env, session } = await connected();
  const read = session.command("room.list");
  session.command("enrollment.enroll", { course: "c" });
  env.line.gives = env.line.gives.bind(env.line);
  const ended = rejects(read, "timeout");
  await env.passes(12_100);
  await env.line.gives({ ref: "probe", ok: true, result: {} });
  await ended;
  await env.passes(3_000);
  const keys = env.line.asked("enrollment.enroll").map((frame) => frame.key);
  ok(keys.length >= 2, "asked again");
  equal(new Set(keys).size, 1, "keys");
});

test("a message cut before its answer goes out again with the same key, once stored, once resolved", async () => {
  const { env, session } = await connected();
  const posted = session.post({ room: "r", body: "x" }, "k1");
  equal(env.line.asked("chat.post").length, 1);
  await env.line.drops();
  await env.passes(1_000);
  await env.line.hello();
  equal(
    env.line.asked("chat.post").map((frame) => frame.key),
    ["k1"],
  );
  await env.line.answers("chat.post", { message: message("k1") });
  equal((await posted).key, "k1");
  equal(session.unsent.all(), []);
});

test("messages written while offline are sent in their order, one after the other", async () => {
  const { env, session } = page();
  session.start();
  for (const key of ["a", "b", "c"]) session.post({ room: "r", body: key }, key);
  session.post({ room: "other", body: "d" }, "d");
  await env.line.hello();
  equal(
    env.line.asked("chat.post").map((frame) => frame.key),
    ["a", "d"],
  );
  await env.line.gives({
    ref: env.line.asked("chat.post")[0].ref,
    ok: true,
    result: { message: message("a") },
  });
  equal(
    env.line.asked("chat.post").map((frame) => frame.key),
    ["a", "d", "b"],
  );
});

test("a message that has to wait keeps those behind it waiting", async () => {
  const { env, session } = await connected();
  session.post({ room: "r", body: "a" }, "a");
  session.post({ room: "r", body: "b" }, "b");
  await env.line.refuses("chat.post", { code: "rate_limited", status: 429, retry_after_ms: 900 });
  await env.passes(800);
  equal(
    env.line.asked("chat.post").map((frame) => frame.key),
    ["a"],
  );
  await env.passes(2_000);
  equal(
    env.line.asked("chat.post").map((frame) => frame.key),
    ["a", "a"],
  );
  await env.line.answers("chat.post", { message: message("a") });
  equal(
    env.line.asked("chat.post").map((frame) => frame.key),
    ["a", "a", "b"],
  );
});

test("unsent messages outlive the page and are sent by the next one with their keys", async () => {
  const storage = memory_storage();
  const before = page({}, { storage });
  before.session.start();
  before.session.post({ room: "r", body: "first" }, "k1");
  before.session.post({ room: "r", body: "second" }, "k2");
  const after = page({}, { storage });
  equal(
    after.session.unsent.of_room("r").map((entry) => entry.args.body),
    ["first", "second"],
  );
  after.session.start();
  await after.env.line.hello();
  await after.env.line.answers("chat.post", { message: message("k1") });
  await after.env.line.answers("chat.post", { message: message("k2") });
  equal(
    after.env.line.asked("chat.post").map((frame) => frame.key),
    ["k1", "k2"],
  );
  equal(after.session.unsent.all(), []);
});

test("a refused message waits for its author and can be sent again with its key", async () => {
  const { env, session } = await connected();
  const told = [];
  session.on("unsent", ({ key, error }) => told.push([key, error.code]));
  const posted = session.post({ room: "r", body: "x" }, "k1");
  await env.line.refuses("chat.post", { code: "room_closed", status: 403 });
  await rejects(posted, "room_closed");
  equal(told, [["k1", "room_closed"]]);
  equal(
    session.unsent.all().map((entry) => entry.error),
    ["room_closed"],
  );
  session.post({ room: "r", body: "x" }, "k1");
  equal(
    env.line.asked("chat.post").map((frame) => frame.key),
    ["k1", "k1"],
  );
  equal(
    session.unsent.all().map((entry) => entry.error),
    [null],
  );
});

test("a message of the day before does not go out by itself", async () => {
  const { env, session } = page();
  session.unsent.add("old", { room: "r", body: "x" });
  await env.passes(25 * 3600 * 1000);
  ok(session.unsent.all()[0].error, "it asks its author");
  session.start();
  await env.line.hello();
  equal(env.line.asked("chat.post"), []);
});

test("a cancelled question is not asked again and its answer is dropped", async () => {
  const { env, session } = await connected();
  const abort = new AbortController();
  const asked = session.command("search.suggest", { q: "bio" }, { signal: abort.signal });
  const { ref } = env.line.asked("search.suggest")[0];
  abort.abort();
  await rejects(asked, "cancelled");
  await env.line.gives({ ref, ok: true, result: {} });
  await env.line.drops();
  await env.passes(1_000);
  await env.line.hello();
  await settle();
  equal(env.line.asked("search.suggest"), []);
});

test("no more than 24 commands are in flight", async () => {
  const { env, session } = await connected();
  for (let index = 0; index < 40; index += 1)
    session.command("room.list", { course: String(index) });
  equal(env.line.asked("room.list").length, 24);
  await env.line.answers("room.list", { rooms: [] });
  equal(env.line.asked("room.list").length, 25);
});
