import { Session } from "app/net/session.js";
import { PollLine } from "app/net/polling.js";
import { event, fake_env, settle, viewer } from "test/fakes.js";
import { equal, ok, test } from "test/harness.js";

/** A page where no WebSocket gets through, and the server's side of its requests. */
function blocked(options) {
  const env = fake_env(options);
  env.calls = [];
  env.http = (method, path, body, signal) =>
    new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new Error("aborted")));
      const url = new URL(path, "http://test");
      const cursors = JSON.parse(url.searchParams.get("cursors") ?? "null");
      const call = { method, url, cursors, body, signal, reject };
      call.answers = async (answer, status = 200) => {
        resolve({ status, body: answer });
        await settle();
      };
      env.calls.push(call);
    });
  env.poll = () => new PollLine(env);
  const session = new Session({ epoch: "e1", cursors: { "room:r": 3 }, viewer }, "ws://x", env);
  return { env, session };
}

const hello = { protocol: 1, epoch: "e1", wait_s: 25, cursors: { "user:me": 1 } };
const answer = (cursors, events = [], topics = {}) => ({ epoch: "e1", cursors, events, topics });
const polls = (env) => env.calls.filter(({ url }) => url.pathname === "/api/poll");
const asked = (env, cmd) => env.calls.filter(({ body }) => body?.cmd === cmd);

/** Two handshakes fail; the page greets the slow line and syncs over it. */
async function polling(options) {
  const { env, session } = blocked(options);
  session.start();
  for (let refused = 0; refused < 2; refused += 1) {
    await env.line.drops();
    await env.passes(2_000);
  }
  await polls(env)[0].answers(hello);
  const sync = asked(env, "sync")[0];
  const part = (cursor) => ({ cursor, recovered: true, events: [] });
  const topics = { "user:me": part(1), "room:r": part(3) };
  await sync.answers({ ref: sync.body.ref, ok: true, result: { topics } });
  await env.passes(100);
  return { env, session };
}

test("after the second refused handshake the page polls, and says that the line is slow", async () => {
  const { env, session } = await polling();
  equal(env.sockets.length, 2);
  equal(session.status.line, { state: "live", text: "live (slow line)" });
  equal(polls(env).at(-1).cursors, { "user:me": 1, "room:r": 3 });
});

test("a greeting for nobody ends the line of a page whose person was signed out", async () => {
  const { env, session } = blocked({ signed_out: true });
  const halts = [];
  session.on("halt", ({ reaction }) => halts.push(reaction));
  session.start();
  for (let refused = 0; refused < 2; refused += 1) {
    await env.line.drops();
    await env.passes(2_000);
  }
  await polls(env)[0].answers({ ...hello, user: null, cursors: {} });
  equal(halts, ["login"]);
});

test("one refused handshake is no reason to poll", async () => {
  const { env, session } = blocked();
  session.start();
  await env.line.drops();
  await env.passes(2_000);
  await env.line.hello();
  equal([env.calls.length, session.status.line.text], [0, "live"]);
});

test("events come in order over polls, and the next one asks from where the last ended", async () => {
  const { env, session } = await polling();
  const heard = [];
  session.topics.on("chat.posted", ({ seq }) => heard.push(seq));
  const events = [event("room:r", 4), event("room:r", 5)];
  await polls(env).at(-1).answers(answer({ "user:me": 1, "room:r": 5 }, events));
  equal(heard, [4, 5]);
  await env.passes(0);
  equal(polls(env).at(-1).cursors, { "user:me": 1, "room:r": 5 });
});

test("polls follow each other at once, until there are too many of them", async () => {
  const { env } = await polling();
  const before = polls(env).length;
  for (let second = 0; second < 60; second += 1) {
    for (let round = 0; round < 5; round += 1) {
      await polls(env).at(-1).answers(answer({ "user:me": 1, "room:r": 3 }));
      await env.passes(200);
    }
    if (second === 1) equal(polls(env).length - before, 10, "at first");
  }
  const count = polls(env).length - before;
  ok(count > 100 && count <= 125, `${count} polls in a minute`);
});

test("commands go out with their key, and a refusal is told", async () => {
  const { env, session } = await polling();
  const posted = session.post({ room: "r", body: "hello" }, "k1");
  const [call] = asked(env, "chat.post");
  equal([call.method, call.url.pathname, call.body.key], ["POST", "/api/commands", "k1"]);
  await call.answers({ ref: call.body.ref, ok: true, result: { message: { id: "m" } } });
  equal(await posted, { id: "m" });
  const read = session.command("chat.history", { room: "r" }).catch((error) => error.code);
  await asked(env, "chat.history")[0].answers({ error: { code: "limit_exceeded" } }, 429);
  equal(await read, "limit_exceeded");
});

test("a topic that is shown later is polled too, and no longer when it is left", async () => {
  const { env, session } = await polling();
  session.topics.subscribe("room:s");
  const [call] = asked(env, "subscribe");
  const before = polls(env).at(-1);
  const result = { cursor: 8, recovered: true, events: [] };
  await call.answers({ ref: call.body.ref, ok: true, result });
  await env.passes(100);
  ok(before.signal.aborted, "the poll without it is given up");
  equal(polls(env).at(-1).cursors, { "user:me": 1, "room:r": 3, "room:s": 8 });
  session.topics.unsubscribe("room:s");
  await polls(env).at(-1).answers(answer({ "user:me": 1, "room:r": 3, "room:s": 8 }));
  await env.passes(700);
  equal(polls(env).at(-1).cursors, { "user:me": 1, "room:r": 3 });
});

test("a lost topic, a new one and an unfit cursor reach the page as on a socket", async () => {
  const { env, session } = await polling();
  const heard = [];
  for (const name of ["server.subscribed", "server.unsubscribed"])
    session.topics.on(name, ({ topic }) => heard.push([name, topic]));
  const said = { "room:r": { error: { code: "not_a_member" } }, "user:me": { recovered: false } };
  await polls(env).at(-1).answers(answer({ "user:me": 400, "course:c": 7 }, [], said));
  equal(heard[0], ["server.unsubscribed", "room:r"]);
  ok(heard.some(([name, topic]) => name === "server.subscribed" && topic === "course:c"));
  equal(asked(env, "sync").at(-1).body.args.cursors, { "user:me": 1 }, "what is caught up");
});

test("the socket is tried again, later each time, and taken when it says hello", async () => {
  const { env, session } = await polling();
  await env.passes(5_000);
  equal(env.sockets.length, 3);
  await env.line.drops();
  await env.passes(5_000);
  equal(env.sockets.length, 3, "sockets while it waits for longer");
  await env.passes(5_000);
  equal(env.sockets.length, 4);
  equal(session.status.line.text, "live (slow line)");
  await env.line.hello({ "user:me": 1 });
  equal(session.status.line.text, "live");
  ok(polls(env).at(-1).signal.aborted, "the polls end");
  const count = env.calls.length;
  await env.passes(20_000);
  equal(env.calls.length, count);
});

test("the next page begins with the slow line, and no longer once a socket came through", async () => {
  const { env } = await polling();
  const next = blocked({ storage: env.storage });
  next.session.start();
  equal([next.env.sockets.length, polls(next.env).length], [0, 1]);
  await env.passes(5_000);
  await env.line.hello();
  const after = blocked({ storage: env.storage });
  after.session.start();
  equal([after.env.sockets.length, polls(after.env).length], [1, 0]);
});

test("a poll that breaks is a break of the line, and the line comes back", async () => {
  const { env } = await polling();
  const count = polls(env).length;
  polls(env).at(-1).reject(new Error("network"));
  await settle();
  await env.passes(3_000);
  equal(polls(env).length, count + 1);
  equal(polls(env).at(-1).cursors, null, "it begins anew");
});

test("a busy server is given time", async () => {
  const { env, session } = await polling();
  const count = polls(env).length;
  const refusal = { error: { code: "limit_exceeded", retry_after_ms: 3_000 } };
  await polls(env).at(-1).answers(refusal, 429);
  await env.passes(2_900);
  equal(polls(env).length, count);
  await env.passes(200);
  equal(polls(env).length, count + 1);
  equal(session.status.line.state, "live");
});

test("an ended session leads to the sign-in page", async () => {
  const { env, session } = await polling();
  const halts = [];
  session.on("halt", ({ reaction }) => halts.push(reaction));
  await polls(env).at(-1).answers({ error: { code: "invalid_token" } }, 401);
  equal(halts, ["login"]);
});

test("a tab in the background holds no request open", async () => {
  const { env } = await polling();
  await polls(env).at(-1).answers(answer({ "user:me": 1, "room:r": 3 }));
  env.visible = () => false;
  await env.passes(700);
  equal(polls(env).at(-1).url.searchParams.get("wait"), "0");
  const count = polls(env).length;
  await polls(env).at(-1).answers(answer({ "user:me": 1, "room:r": 3 }));
  await env.passes(10_000);
  equal(polls(env).length, count);
  env.wake();
  await env.passes(0);
  equal(polls(env).length, count + 1, "polls when it is looked at again");
});

test("a page that listens to nothing does not ask over and over", async () => {
  const { env, session } = blocked();
  session.start();
  for (let refused = 0; refused < 2; refused += 1) {
    await env.line.drops();
    await env.passes(2_000);
  }
  await polls(env)[0].answers({ ...hello, cursors: {} });
  const sync = asked(env, "sync")[0];
  const part = { error: { code: "not_found" } };
  await sync.answers({ ref: sync.body.ref, ok: true, result: { topics: { "room:r": part } } });
  await env.passes(20_000);
  equal(polls(env).length, 1, "the greeting alone");
});
