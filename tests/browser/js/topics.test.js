import { connected, event, page, settle } from "test/fakes.js";
import { equal, test } from "test/harness.js";

const TOPIC = "room:r";

function listen(session) {
  const seqs = [];
  const reloads = [];
  session.topics.on("chat.posted", ({ seq }) => seqs.push(seq));
  session.topics.on("reload", ({ topic }) => reloads.push(topic));
  return { seqs, reloads };
}

const synced = (cursor, events = [], more = undefined) => ({
  topics: { [TOPIC]: { cursor, recovered: true, events, more } },
});

test("the first act of a page is to sync from the positions that it was made at", async () => {
  const { env, session } = page({ [TOPIC]: 4 });
  session.command("room.list");
  session.start();
  await env.line.hello({ [TOPIC]: 4 });
  equal(env.line.sent[0].cmd, "sync");
  equal(env.line.sent[0].args, { epoch: "e1", cursors: { [TOPIC]: 4 } });
});

test("a line that opens while the page still loads is heard when the page begins", async () => {
  const { env, session } = page({ [TOPIC]: 4 });
  const told = [];
  session.open();
  await env.line.hello({ [TOPIC]: 4 });
  await env.line.gives(event("user:me", 1), event(TOPIC, 5));
  equal(env.line.sent, []);
  equal(session.status.line.state, "connecting");
  session.on("hello", () => told.push("hello"));
  const { seqs } = listen(session);
  session.start();
  await settle();
  equal(env.sockets.length, 1);
  equal(session.status.line.state, "live");
  await env.line.answers("sync", synced(5, [event(TOPIC, 5)]));
  equal([told, seqs], [["hello"], [5]]);
});

test("a line that breaks before the page begins is opened again and heard from its hello on", async () => {
  const { env, session } = page({ [TOPIC]: 4 });
  session.open();
  await env.line.hello({ [TOPIC]: 4 });
  await env.line.drops();
  session.start();
  equal(session.status.line.state, "live");
  await env.passes(3_000);
  equal(env.sockets.length, 2);
  equal(session.status.line.state, "offline");
  await env.line.hello({ [TOPIC]: 4 });
  equal(env.line.asked("sync").length, 1);
  equal(session.status.line.state, "live");
});

test("events in order are handed out as they come, repeats are dropped", async () => {
  const { env, session } = await connected({ [TOPIC]: 4 });
  const { seqs } = listen(session);
  await env.line.gives(event(TOPIC, 5), event(TOPIC, 5), event(TOPIC, 4), event(TOPIC, 6));
  equal(seqs, [5, 6]);
});

test("what comes before the backlog waits for it and is not handed out twice", async () => {
  const { env, session } = page({ [TOPIC]: 4 });
  const { seqs } = listen(session);
  session.start();
  await env.line.hello({ [TOPIC]: 6 });
  await env.line.gives(event(TOPIC, 7), event(TOPIC, 6));
  equal(seqs, []);
  await env.line.answers("sync", synced(6, [event(TOPIC, 5), event(TOPIC, 6)]));
  equal(seqs, [5, 6, 7]);
});

test("a jump is filled from the log before anything after it is shown", async () => {
  const { env, session } = await connected({ [TOPIC]: 4 });
  const { seqs } = listen(session);
  await env.line.gives(event(TOPIC, 7), event(TOPIC, 5));
  equal(seqs, []);
  equal(env.line.asked("sync").at(-1).args.cursors, { [TOPIC]: 4 });
  await env.line.answers("sync", synced(6, [event(TOPIC, 5), event(TOPIC, 6)]));
  equal(seqs, [5, 6, 7]);
  await env.line.gives(event(TOPIC, 8));
  equal(seqs, [5, 6, 7, 8]);
});

test("a backlog that does not fit one reply is asked for until it is whole", async () => {
  const { env, session } = page({ [TOPIC]: 0 });
  const { seqs } = listen(session);
  session.start();
  await env.line.hello({ [TOPIC]: 3 });
  await env.line.answers("sync", synced(1, [event(TOPIC, 1)], true));
  equal(env.line.asked("sync").at(-1).args.cursors, { [TOPIC]: 1 });
  await env.line.answers("sync", synced(3, [event(TOPIC, 2), event(TOPIC, 3)]));
  equal(seqs, [1, 2, 3]);
});

test("after a cut each topic goes on from its own cursor", async () => {
  const { env, session } = await connected({ [TOPIC]: 4 });
  const { seqs } = listen(session);
  await env.line.gives(event(TOPIC, 5));
  await env.line.drops();
  await env.passes(1_000);
  await env.line.hello({ [TOPIC]: 7 });
  equal(session.status.line.text, "catching up");
  equal(env.line.asked("sync")[0].args.cursors, { [TOPIC]: 5 });
  await env.line.answers("sync", synced(7, [event(TOPIC, 6), event(TOPIC, 7)]));
  equal(seqs, [5, 6, 7]);
  equal(session.status.line.text, "catching up (2)");
  await env.passes(2_000);
  equal(session.status.line.text, "live");
});

test("the line says how many messages come in, of all rooms, and counts nothing else", async () => {
  const { env, session } = await connected({ [TOPIC]: 4, "room:s": 0, "course:c": 7 });
  const said = [];
  session.status.on("line", ({ text }) => said.push(text));
  await env.line.drops();
  await env.passes(1_000);
  // The rooms that a page shows are not among the topics of a hello.
  await env.line.hello({ "course:c": 8 });
  const message = (topic, ...seqs) => seqs.map((seq) => event(topic, seq));
  await env.line.answers("sync", {
    topics: {
      [TOPIC]: { cursor: 7, recovered: true, events: message(TOPIC, 5, 6, 7) },
      "room:s": { cursor: 2, recovered: true, events: message("room:s", 1, 2), more: true },
      "course:c": { cursor: 8, recovered: true, events: [event("course:c", 8, "feed.posted")] },
    },
  });
  await env.line.answers("sync", {
    topics: { "room:s": { cursor: 3, recovered: true, events: message("room:s", 3) } },
  });
  await env.passes(2_000);
  equal(said, ["catching up", "catching up (5+)", "catching up (1)", "live"]);
});

test("a line with nothing to catch up is live at once, and a gap of it is no catching up", async () => {
  const { env, session } = await connected({ [TOPIC]: 4 });
  const said = [];
  session.status.on("line", ({ text }) => said.push(text));
  await env.line.drops();
  await env.passes(1_000);
  await env.line.hello();
  await env.line.answers("sync", synced(4));
  await env.line.gives(event(TOPIC, 6));
  await env.line.answers("sync", synced(6, [event(TOPIC, 5), event(TOPIC, 6)]));
  equal(said, []);
});

test("a cut in the middle of catching up loses nothing and repeats nothing", async () => {
  const { env, session } = await connected({ [TOPIC]: 4 });
  const { seqs } = listen(session);
  await env.line.gives(event(TOPIC, 6));
  await env.line.drops();
  await env.passes(1_000);
  await env.line.hello({ [TOPIC]: 6 });
  await env.line.answers("sync", synced(6, [event(TOPIC, 5), event(TOPIC, 6)]));
  equal(seqs, [5, 6]);
});

test("what cannot be recovered is said and the topic goes on from its top", async () => {
  const { env, session } = page({ [TOPIC]: 4 });
  const { seqs, reloads } = listen(session);
  session.start();
  await env.line.hello({ [TOPIC]: 900 });
  await env.line.answers("sync", {
    topics: { [TOPIC]: { cursor: 900, recovered: false, events: [] } },
  });
  equal([seqs, reloads], [[], [TOPIC]]);
  await env.line.gives(event(TOPIC, 901));
  equal(seqs, [901]);
});

test("another epoch is asked with the old one and taken over with the answer", async () => {
  const { env, session } = page({ [TOPIC]: 4 });
  const { reloads } = listen(session);
  session.start();
  await env.line.hello({ [TOPIC]: 2 }, "e2");
  equal(env.line.asked("sync")[0].args.epoch, "e1");
  await env.line.answers("sync", {
    topics: { [TOPIC]: { cursor: 2, recovered: false, events: [] } },
  });
  equal(reloads, [TOPIC]);
  await env.line.drops();
  await env.passes(1_000);
  await env.line.hello({ [TOPIC]: 2 }, "e2");
  equal(env.line.asked("sync")[0].args, { epoch: "e2", cursors: { [TOPIC]: 2 } });
});

test("a hole that the log itself has is not asked for without end", async () => {
  const { env, session } = await connected({ [TOPIC]: 4 });
  const { seqs, reloads } = listen(session);
  await env.line.gives(event(TOPIC, 8));
  for (let tries = 0; tries < 3; tries += 1) await env.line.answers("sync", synced(4));
  equal([seqs, reloads], [[8], [TOPIC]]);
});

test("a subscription from now on starts at the server's position and survives a cut before its reply", async () => {
  const { env, session } = await connected();
  const { seqs } = listen(session);
  session.topics.subscribe(TOPIC);
  equal(env.line.asked("subscribe")[0].args, { topic: TOPIC });
  await env.line.drops();
  await env.passes(1_000);
  await env.line.hello();
  await env.line.gives(event(TOPIC, 10));
  await env.line.answers("subscribe", { cursor: 9, recovered: true, events: [] });
  equal(seqs, [10]);
});

test("a subscription with a cursor names the epoch and gets what it missed", async () => {
  const { env, session } = await connected();
  const { seqs } = listen(session);
  session.topics.subscribe(TOPIC, 3);
  equal(env.line.asked("subscribe")[0].args, { topic: TOPIC, cursor: 3, epoch: "e1" });
  await env.line.answers("subscribe", {
    cursor: 5,
    recovered: true,
    events: [event(TOPIC, 4), event(TOPIC, 5)],
  });
  equal(seqs, [4, 5]);
});

test("the server adds and takes topics when rights change", async () => {
  const { env, session } = await connected();
  const { seqs } = listen(session);
  const lost = [];
  session.topics.on("server.unsubscribed", ({ topic, error }) => lost.push([topic, error.code]));
  await env.line.gives(
    { push: "server.subscribed", data: { topic: TOPIC, cursor: 7 } },
    event(TOPIC, 8),
  );
  await env.line.gives({
    push: "server.unsubscribed",
    data: { topic: TOPIC, error: { code: "forbidden" } },
  });
  await env.line.gives(event(TOPIC, 9));
  equal([seqs, lost], [[8], [[TOPIC, "forbidden"]]]);
});

test("a topic that may not be had is told, the others go on", async () => {
  const { env, session } = page({ [TOPIC]: 4, "room:no": 2 });
  const { seqs } = listen(session);
  const lost = [];
  session.topics.on("server.unsubscribed", ({ topic }) => lost.push(topic));
  session.start();
  await env.line.hello({ [TOPIC]: 4 });
  const topics = { "room:no": { error: { code: "not_found" } }, ...synced(4).topics };
  await env.line.answers("sync", { topics });
  await env.line.gives(event(TOPIC, 5));
  equal([seqs, lost], [[5], ["room:no"]]);
});

test("what is not stored passes without a position", async () => {
  const { env, session } = await connected();
  const seats = [];
  session.topics.on("course.seats", ({ enrolled }) => seats.push(enrolled));
  await env.line.gives({
    push: "course.seats",
    topic: "catalog",
    data: { course: "c", enrolled: 3 },
  });
  equal(seats, [3]);
});
