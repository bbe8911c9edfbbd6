/** The line where no WebSocket gets through: long polls in, a request for each command out. It has
 *  the face of a WebSocket, so that nothing above it differs. */

/** The server takes 200 calls a minute from a person: so many polls at once, then one in a while.
 *  Between two polls nobody hears who is typing, so there is a pause only where it is needed. */
const AT_ONCE = 20;
const PACE_MS = 600;
/** A browser opens six requests to a server at a time: a tab in the background must not hold one. */
const HIDDEN_MS = 15_000;
/** What a page subscribes to at its start goes into one poll. */
const GATHER_MS = 30;
const RETRIES = 3;

export class PollLine {
  onmessage = () => {};
  onclose = () => {};
  /** Called when the server answered, also with nothing. */
  onheard = () => {};
  #env;
  #epoch = null;
  /** @type {Record<string, number>} */
  #cursors = {};
  #closed = false;
  #running = null;
  #clock = null;
  #paced_at = 0;
  #refused = 0;

  constructor(env) {
    this.#env = env;
    this.#greet();
  }

  /** @param {string} text a command frame */
  send(text) {
    const frame = JSON.parse(text);
    if (frame.cmd === "unsubscribe") {
      delete this.#cursors[frame.args.topic];
      queueMicrotask(() => this.#give({ ref: frame.ref, ok: true, result: {} }));
      return;
    }
    if (frame.cmd === "ping" && !this.#running) this.#poll_in(0);
    this.#command(frame);
  }

  close() {
    this.#closed = true;
    this.#env.clear_timeout(this.#clock);
    this.#running?.abort();
  }

  async #greet() {
    const hello = await this.#ask("/api/poll");
    if (!hello) return;
    // Where the public is served a bad cookie is none; the page of a person has to know.
    const signed_out = !hello.user && (await this.#env.signed_out().catch(() => false));
    if (signed_out) return this.#signed_out();
    this.#epoch = hello.epoch;
    this.#cursors = { ...hello.cursors };
    const { protocol, epoch, user, connection, wait_s, cursors } = hello;
    const data = { protocol, epoch, user, connection, heartbeat_s: wait_s, topics: cursors };
    this.#poll_in(GATHER_MS);
    this.#give({ push: "server.hello", data: { ...data, slow: true } });
  }

  async #command(frame) {
    let answer;
    try {
      answer = await this.#env.http("POST", "/api/commands", frame);
    } catch {
      this.#end(1006);
      return;
    }
    if (answer.status === 401) return this.#signed_out();
    const { body } = answer;
    if (body?.ok) this.#follow(frame, body.result);
    const error = body?.error ?? { code: "internal", status: answer.status };
    this.#give(body?.ok ? body : { ref: frame.ref, ok: false, error });
  }

  /** What was read up to a position is polled from there. */
  #follow({ cmd, args }, result) {
    if (cmd !== "subscribe" && cmd !== "sync") return;
    const parts = cmd === "sync" ? result.topics : { [args.topic]: result };
    for (const [topic, { cursor, error }] of Object.entries(parts)) {
      if (error) delete this.#cursors[topic];
      else this.#cursors[topic] = Math.max(this.#cursors[topic] ?? 0, cursor);
    }
    this.#running?.abort();
    this.#running = null;
    this.#poll_in(GATHER_MS);
  }

  #poll_in(ms) {
    this.#env.clear_timeout(this.#clock);
    if (!this.#closed) this.#clock = this.#env.set_timeout(() => this.#poll(), ms);
  }

  async #poll() {
    // A visitor's page may show nothing that moves: until it asks for a topic nothing is waited for.
    if (!Object.keys(this.#cursors).length) return;
    const running = new AbortController();
    this.#running = running;
    const asked = { ...this.#cursors };
    const visible = this.#env.visible();
    const query = new URLSearchParams({ epoch: this.#epoch, cursors: JSON.stringify(asked) });
    if (!visible) query.set("wait", "0");
    const answer = await this.#ask(`/api/poll?${query}`, running);
    if (!answer || this.#running !== running || this.#closed) return;
    this.#running = null;
    this.#take(answer, asked);
    this.#poll_in(visible ? this.#pause_ms() : HIDDEN_MS);
  }

  #pause_ms() {
    const now_ms = this.#env.now_ms();
    this.#paced_at = Math.max(this.#paced_at, now_ms - AT_ONCE * PACE_MS) + PACE_MS;
    return Math.max(0, this.#paced_at - now_ms);
  }

  #take({ epoch, events, cursors, topics }, asked) {
    if (epoch !== this.#epoch) return this.#end(1006);
    for (const topic of Object.keys(asked)) if (!(topic in cursors)) delete this.#cursors[topic];
    for (const [topic, cursor] of Object.entries(cursors)) {
      // Not what was given up meanwhile; but what the server added.
      if (topic in this.#cursors || !(topic in asked)) this.#cursors[topic] = cursor;
    }
    this.onheard();
    for (const event of events) this.#give(event);
    for (const [topic, { error, recovered }] of Object.entries(topics)) {
      if (error) this.#give({ push: "server.unsubscribed", data: { topic, error } });
      else if (recovered === false) this.#added(topic, cursors[topic]);
    }
    for (const topic of Object.keys(cursors)) if (!(topic in asked)) this.#added(topic, cursors[topic]);
  }

  /** Above it hears that there is more than it knows, and catches up as after any gap. */
  #added(topic, cursor) {
    this.#give({ push: "server.subscribed", data: { topic, cursor } });
  }

  /** The answer, or nothing when this poll or the line is over. */
  async #ask(path, running = null) {
    let answer;
    try {
      answer = await this.#env.http("GET", path, null, running?.signal);
    } catch {
      if (!running?.signal.aborted) this.#end(1006);
      return null;
    }
    if (this.#closed) return null;
    if (answer.status === 200) {
      this.#refused = 0;
      return answer.body;
    }
    if (answer.status === 401) this.#signed_out();
    else this.#later(running, answer.body?.error?.retry_after_ms ?? 1_000);
    return null;
  }

  /** A refusal for a while is waited for; one that goes on ends the line. */
  #later(running, ms) {
    this.#refused += 1;
    if (!running || this.#refused > RETRIES) return this.#end(1013);
    if (this.#running !== running) return;
    this.#running = null;
    this.#poll_in(ms);
  }

  #signed_out() {
    this.#give({ push: "server.closing", data: { code: 4410, reconnect: "after_login" } });
    this.#end(4410);
  }

  #give(frame) {
    if (!this.#closed) this.onmessage({ data: JSON.stringify(frame) });
  }

  #end(code) {
    if (this.#closed) return;
    this.close();
    this.onclose({ code });
  }
}
