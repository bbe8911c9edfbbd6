/** Messages that were written and not yet acknowledged, kept over reloads and moves between pages,
 *  per person. Each keeps its key, so that sending it twice stores it once. */

const KEEP_MS = 24 * 3600 * 1000;

export class Unsent {
  #name;
  #env;

  constructor(user_id, env) {
    this.#name = `elearn.unsent.${user_id}`;
    this.#env = env;
  }

  /** @returns {{key: string, args: {room: string, body: string}, at: number, error: string|null}[]} */
  all() {
    try {
      const held = JSON.parse(this.#env.storage.getItem(this.#name) ?? "[]");
      return Array.isArray(held) ? held.map((entry) => this.#aged(entry)) : [];
    } catch {
      return [];
    }
  }

  of_room(room) {
    return this.all().filter((entry) => entry.args.room === room);
  }

  add(key, args) {
    if (this.all().some((entry) => entry.key === key)) this.#change(key, { error: null });
    else this.#write([...this.all(), { key, args, at: this.#env.now_ms(), error: null }]);
  }

  /** Sent nowhere by itself any more: waits for its author's decision. */
  fail(key, error) {
    this.#change(key, { error });
  }

  remove(key) {
    this.#write(this.all().filter((entry) => entry.key !== key));
  }

  #change(key, fields) {
    const at = this.#env.now_ms();
    this.#write(
      this.all().map((entry) => (entry.key === key ? { ...entry, at, ...fields } : entry)),
    );
  }

  /** Nobody expects yesterday's line to appear by itself today. */
  #aged(entry) {
    const old = this.#env.now_ms() - entry.at > KEEP_MS;
    return old && !entry.error ? { ...entry, error: "It was written more than a day ago." } : entry;
  }

  #write(entries) {
    try {
      if (entries.length) this.#env.storage.setItem(this.#name, JSON.stringify(entries));
      else this.#env.storage.removeItem(this.#name);
    } catch (error) {
      console.warn("unsent messages cannot be kept on this machine", error);
    }
  }
}
