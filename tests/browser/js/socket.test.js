import { CAP_MS, backoff_ms, wave_ms } from "app/net/backoff.js";
import { reaction_to } from "app/net/closes.js";
import { connected, page, server } from "test/fakes.js";
import { equal, ok, test } from "test/harness.js";

test("back-off grows, never passes its cap, and spreads from zero", () => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    equal(
      backoff_ms(attempt, () => 0),
      0,
    );
    ok(backoff_ms(attempt, () => 0.999) <= CAP_MS, "the cap");
    ok(
      backoff_ms(attempt, () => 0.999) >= Math.min(CAP_MS, 500 * 2 ** attempt) * 0.99,
      "the growth",
    );
  }
  equal(
    backoff_ms(0, () => 0, 3_000),
    3_000,
    "the server's least wait",
  );
  ok(wave_ms(() => 0.999) <= 5_000, "the wave");
});

test("each close code has the reaction that the table of the wire gives it", () => {
  const table = {
    1000: "backoff",
    1003: "stop",
    1006: "backoff",
    1009: "stop",
    1011: "backoff",
    1012: "wave",
    1013: "backoff",
    4400: "stop",
    4401: "login",
    4403: "stop",
    4408: "backoff",
    4409: "stop",
    4410: "login",
    4412: "now",
    4426: "reload",
    4429: "backoff",
    4440: "now",
    4441: "now",
  };
  for (const [code, reaction] of Object.entries(table))
    equal(reaction_to(Number(code), undefined, server.reconnect).reaction, reaction, code);
});

test("what was announced before the close goes before a code that a proxy made of it", () => {
  equal(reaction_to(1006, { code: 4410, reconnect: "after_login" }).reaction, "login");
  equal(reaction_to(1006, { code: 4999, reconnect: "no" }).reaction, "stop");
  equal(reaction_to(1006, { code: 4429, reconnect: "backoff", retry_after_ms: 700 }).least_ms, 700);
});

test("a broken line comes back after its wait and not before", async () => {
  const { env } = await connected();
  await env.passes(20_000);
  await env.line.drops();
  await env.passes(249);
  equal(env.sockets.length, 1);
  await env.passes(2);
  equal(env.sockets.length, 2);
});

test("a slow consumer comes back at once, and backs off when that fails too", async () => {
  const { env } = await connected();
  await env.passes(20_000);
  await env.line.drops(4440);
  await env.passes(0);
  equal(env.sockets.length, 2);
  await env.line.hello();
  await env.line.drops(4440);
  await env.passes(0);
  equal(env.sockets.length, 2, "sockets while it waits");
  await env.passes(2_000);
  equal(env.sockets.length, 3);
});

test("a restart spreads the clients over five seconds", async () => {
  const { env } = await connected({}, { random: () => 0.8 });
  await env.line.drops(1012);
  await env.passes(3_999);
  equal(env.sockets.length, 1);
  await env.passes(1);
  equal(env.sockets.length, 2);
});

test("a replaced tab stops and says why, until it is asked to go on", async () => {
  const { env, session } = await connected();
  await env.line.drops(4409);
  await env.passes(120_000);
  equal(env.sockets.length, 1);
  equal(session.status.line.state, "stopped");
  session.socket.resume();
  equal(env.sockets.length, 2);
});

test("an ended session halts with the way to the sign-in page", async () => {
  const { env, session } = await connected();
  const halts = [];
  session.on("halt", ({ reaction }) => halts.push(reaction));
  await env.line.gives({ push: "server.closing", data: { code: 4410, reconnect: "after_login" } });
  await env.line.drops(1006);
  equal(halts, ["login"]);
});

test("three refused handshakes ask over HTTP whether the session still lives", async () => {
  const { env, session } = page({}, { signed_out: true });
  const halts = [];
  session.on("halt", ({ reaction }) => halts.push(reaction));
  session.start();
  for (let refused = 0; refused < 3; refused += 1) {
    await env.line.drops();
    await env.passes(refused < 2 ? 20_000 : 0);
  }
  equal(halts, ["login"]);
});

test("a silent line is asked, and given up when it stays silent", async () => {
  const { env } = await connected();
  await env.passes(31_000);
  equal(env.line.asked("ping").length, 1);
  await env.passes(8_000);
  ok(env.sockets[0].closed, "the dead line is closed");
  equal(env.sockets.length, 2);
});

test("an answer to the question keeps the line", async () => {
  const { env } = await connected();
  await env.passes(31_000);
  await env.line.gives({ ref: "probe", ok: true, result: {} });
  await env.passes(10_000);
  equal(env.sockets.length, 1);
});

test("waking up doubts an open line and hurries a waiting one", async () => {
  const { env } = await connected();
  env.wake();
  equal(env.line.asked("ping").length, 1);
  await env.line.drops();
  env.wake();
  equal(env.sockets.length, 2);
});

test("a break under two seconds is no alarm, a longer one is", async () => {
  const { env, session } = await connected({}, { random: () => 0.999 });
  equal(session.status.line, { state: "live", text: "live" });
  await env.line.drops();
  await env.passes(1_900);
  equal(session.status.line.state, "live");
  session.post({ room: "r", body: "one" });
  session.post({ room: "r", body: "two" });
  await env.passes(200);
  equal(session.status.line.text, "offline, 2 waiting to send");
});
