/** Commands out, replies in. What was asked with a key is sent again with the same key until it is
 *  answered; what only reads is sent again after a cut, until its time is over. */
import { backoff_ms } from "app/net/backoff.js";
import { Emitter } from "app/net/emitter.js";
import { CommandError, cancelled, cut, timed_out } from "app/net/errors.js";

const TIMEOUT_MS = 12_000;
/** Under the 32 that the server runs for a connection. */
const IN_FLIGHT = 24;
const RETRIES = 5;

export class Commands extends Emitter {
  #env;
  #line;
  #retried;
  #next = 1;
  #open = false;
  /** Waiting entries in the order of asking. @type {Map<string, object>} */
  #entries = new Map();

  /** @param {{send: (frame: object) => boolean, probe: () => void}} line
   *  @param {string[]} [retried] codes of refusals that pass by themselves */
  constructor(line, env, retried = []) {
    super();
    this.#line = line;
    this.#env = env;
    this.#retried = new Set(retried);
  }

  /** Keyed commands that were not answered yet. */
  get waiting() {
    return [...this.#entries.values()].filter((entry) => entry.key).length;
  }

  /**
   * @param {{key?: string, lane?: string, of_line?: boolean,
   *   signal?: AbortSignal, timeout_ms?: number}} options
   *   `lane`: one at a time and in order among those of one lane. `of_line`: goes before all that
   *   waits, is insisted on while this line lasts, and ends with it.
   */
  ask(cmd, args = {}, { key, lane, of_line = false, signal, timeout_ms = TIMEOUT_MS } = {}) {
    return new Promise((resolve, reject) => {
      const ref = String(this.#next++);
      const insist = Boolean(key) || of_line;
      const entry = { ref, cmd, args, key, lane, of_line, insist, timeout_ms, resolve, reject };
      Object.assign(entry, { sent: false, tries: 0, clock: null });
      if (of_line) this.#entries = new Map([[ref, entry], ...this.#entries]);
      else this.#entries.set(ref, entry);
      signal?.addEventListener("abort", () => this.#settle(entry, cancelled()));
      if (!insist) this.#start_clock(entry);
      this.#pump();
      this.#told();
    });
  }

  /** The line is open: everything unanswered goes out again. */
  opened() {
    this.#open = true;
    for (const entry of this.#entries.values()) this.#unsend(entry);
    this.#pump();
  }

  closed() {
    this.#open = false;
    for (const entry of [...this.#entries.values()]) {
      this.#unsend(entry);
      if (entry.of_line) this.#settle(entry, cut());
    }
  }

  #unsend(entry) {
    entry.sent = false;
    if (entry.insist) this.#env.clear_timeout(entry.clock);
  }

  /** @param {{ref: string, ok: boolean, result?: object, error?: object}} reply */
  replied(reply) {
    const entry = this.#entries.get(String(reply.ref));
    if (!entry) return;
    if (reply.ok) this.#settle(entry, null, reply.result);
    else if (this.#may_retry(entry, reply.error))
      this.#again(entry, reply.error.retry_after_ms ?? 0);
    else this.#settle(entry, new CommandError(reply.error));
  }

  #may_retry(entry, error) {
    return entry.insist && this.#retried.has(error.code) && entry.tries < RETRIES;
  }

  /** Keeps its place in its lane while it waits. */
  #again(entry, least_ms) {
    this.#env.clear_timeout(entry.clock);
    entry.sent = true;
    entry.clock = this.#env.set_timeout(
      () => {
        entry.sent = false;
        this.#pump();
      },
      backoff_ms(entry.tries, this.#env.random, least_ms),
    );
  }

  #pump() {
    if (!this.#open) return;
    const busy = new Set();
    let in_flight = 0;
    for (const entry of this.#entries.values()) {
      if (in_flight >= IN_FLIGHT) return;
      const blocked = entry.lane && busy.has(entry.lane);
      if (entry.lane) busy.add(entry.lane);
      if (!entry.sent && !blocked) this.#send(entry);
      if (entry.sent) in_flight += 1;
    }
  }

  #send(entry) {
    const { ref, cmd, args, key } = entry;
    entry.sent = this.#line.send(key ? { ref, cmd, args, key } : { ref, cmd, args });
    if (!entry.sent) return;
    entry.tries += 1;
    if (entry.insist) this.#start_clock(entry);
  }

  #start_clock(entry) {
    entry.clock = this.#env.set_timeout(() => this.#overdue(entry), entry.timeout_ms);
  }

  /** Without an answer a changing act may or may not be stored: only its key can tell, so it is
   *  asked again, and given up after as many tries as a refusal would be. */
  #overdue(entry) {
    this.#line.probe();
    if (!entry.insist || entry.tries >= RETRIES) this.#settle(entry, timed_out());
    else this.#again(entry, 0);
  }

  #settle(entry, error, result) {
    if (!this.#entries.delete(entry.ref)) return;
    this.#env.clear_timeout(entry.clock);
    if (error) entry.reject(error);
    else entry.resolve(result);
    this.#pump();
    this.#told();
  }

  #told() {
    this.emit("waiting", this.waiting);
  }
}
