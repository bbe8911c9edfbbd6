/** Who else is typing in a room, and when to say that one is typing oneself. */

/** Without renewal nobody types for longer: the word that they stopped may be lost. */
export const EXPIRES_MS = 6_000;
export const RENEW_MS = 3_000;
export const IDLE_MS = 5_000;

export class Typists {
  #viewer;
  /** @type {Map<string, {name: string, until: number}>} */
  #people = new Map();

  constructor(viewer_id) {
    this.#viewer = viewer_id;
  }

  /** @param {{user: {id: string, name: string}, on: boolean}} data of `chat.typing` */
  apply({ user, on }, now_ms) {
    if (user.id === this.#viewer) return;
    if (on) this.#people.set(user.id, { name: user.name, until: now_ms + EXPIRES_MS });
    else this.#people.delete(user.id);
  }

  /** What they were typing is there. */
  posted(user_id) {
    this.#people.delete(user_id);
  }

  expire(now_ms) {
    for (const [id, { until }] of this.#people) if (until <= now_ms) this.#people.delete(id);
  }

  /** When the next one expires, or null. */
  get next_ms() {
    return this.#people.size ? Math.min(...[...this.#people.values()].map((one) => one.until)) : null;
  }

  get ids() {
    return [...this.#people.keys()];
  }

  get text() {
    const names = short_names([...this.#people.values()].map(({ name }) => name));
    if (names.length > 2) return `${names.length} people are typing`;
    if (names.length === 2) return `${names[0]} and ${names[1]} are typing`;
    return names.length ? `${names[0]} is typing` : "";
  }
}

/** First names, in full where two share one. */
function short_names(names) {
  const first = names.map((name) => name.trim().split(/\s+/)[0]);
  return names.map((name, place) =>
    first.filter((one) => one === first[place]).length > 1 ? name : first[place],
  );
}

/** Says that one is typing at most every three seconds, and once that one stopped. */
export class OwnTyping {
  #say;
  #env;
  #said_at = null;
  #clock = null;

  /** @param {(on: boolean) => void} say  @param {{now_ms: Function, set_timeout: Function, clear_timeout: Function}} env */
  constructor(say, env) {
    this.#say = say;
    this.#env = env;
  }

  /** @param {boolean} on whether something is written; false also when it was sent */
  wrote(on) {
    this.#env.clear_timeout(this.#clock);
    if (!on) return this.#stop();
    const now_ms = this.#env.now_ms();
    if (this.#said_at === null || now_ms - this.#said_at >= RENEW_MS) {
      this.#said_at = now_ms;
      this.#say(true);
    }
    this.#clock = this.#env.set_timeout(() => this.#stop(), IDLE_MS);
  }

  #stop() {
    if (this.#said_at === null) return;
    this.#said_at = null;
    this.#say(false);
  }
}
