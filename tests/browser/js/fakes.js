/** A clock that moves when told, and a server at the other end of sockets that a test plays. */
import { page_state } from "app/helpers/state.js";
import { memory_storage } from "app/net/env.js";
import { Session } from "app/net/session.js";

export const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

export class FakeSocket {
  sent = [];
  closed = false;

  constructor(url) {
    this.url = url;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  async gives(...frames) {
    for (const frame of frames) this.onmessage({ data: JSON.stringify(frame) });
    await settle();
  }

  hello(topics = {}, epoch = "e1") {
    const data = { protocol: 1, epoch, user: null, topics, heartbeat_s: 25 };
    return this.gives({ push: "server.hello", data });
  }

  asked(cmd) {
    return this.sent.filter((frame) => frame.cmd === cmd);
  }

  async answers(cmd, result) {
    const frame = this.asked(cmd).at(-1);
    await this.gives({ ref: frame.ref, ok: true, result });
  }

  async refuses(cmd, error) {
    const frame = this.asked(cmd).at(-1);
    await this.gives({
      ref: frame.ref,
      ok: false,
      error: { status: 500, message: error.code, ...error },
    });
  }

  async drops(code = 1006) {
    this.onclose({ code });
    await settle();
  }
}

export function fake_env({
  random = () => 0.5,
  storage = memory_storage(),
  signed_out = false,
} = {}) {
  let now = 1_000_000;
  let next = 1;
  const timers = new Map();
  const env = {
    sockets: [],
    storage,
    random,
    wake: () => {},
    get line() {
      return env.sockets.at(-1);
    },
    open: (url) => {
      env.sockets.push(new FakeSocket(url));
      return env.line;
    },
    set_timeout: (run, ms) => {
      timers.set(next, { run, at: now + ms });
      return next++;
    },
    clear_timeout: (id) => timers.delete(id),
    now_ms: () => now,
    visible: () => true,
    watch: (wake) => (env.wake = wake),
    signed_out: async () => signed_out,
    /** Time passes: what falls due runs in its order. */
    passes: async (ms) => {
      const end = now + ms;
      for (;;) {
        const due = [...timers]
          .filter(([, { at }]) => at <= end)
          .sort((a, b) => a[1].at - b[1].at)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].run();
        await settle();
      }
      now = end;
    },
  };
  return env;
}

/** As the server tells every page. */
export const { server } = page_state();

export const viewer = { id: "me", name: "Ana", role: "student" };

/** A page's session whose topics stand at `cursors`, not connected yet. */
export function page(cursors = {}, options = {}) {
  const env = fake_env(options);
  const session = new Session({ epoch: "e1", cursors, viewer, server }, "ws://test/ws", env);
  return { env, session };
}

export async function connected(cursors = {}, options = {}) {
  const { env, session } = page(cursors, options);
  session.start();
  await env.line.hello(cursors);
  const topics = Object.fromEntries(
    Object.entries(cursors).map(([topic, cursor]) => [
      topic,
      { cursor, recovered: true, events: [] },
    ]),
  );
  if (env.line.asked("sync").length) await env.line.answers("sync", { topics });
  return { env, session };
}

export const event = (topic, seq, push = "chat.posted") => ({ push, topic, seq, data: { seq } });
