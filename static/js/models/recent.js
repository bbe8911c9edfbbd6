/** What a person searched for lately, in this browser alone: kept until they sign out. */

const PLACE = "elearn.recent";
const MOST = 6;

export class Recent {
  #user;
  #storage;

  /** @param {string|undefined} user a visitor has none, and nothing is kept */
  constructor(user, storage) {
    this.#user = user;
    this.#storage = storage;
  }

  /** @returns {string[]} the newest first */
  all() {
    try {
      const kept = JSON.parse(this.#storage.getItem(PLACE) ?? "{}");
      return this.#user && kept.user === this.#user ? kept.searches : [];
    } catch {
      return [];
    }
  }

  add(text) {
    const q = text.trim();
    if (q) this.#keep([q, ...this.#without(q)].slice(0, MOST));
  }

  remove(q) {
    this.#keep(this.#without(q));
  }

  #without(q) {
    const same = q.toLowerCase();
    return this.all().filter((one) => one.toLowerCase() !== same);
  }

  #keep(searches) {
    if (this.#user) this.#storage.setItem(PLACE, JSON.stringify({ user: this.#user, searches }));
  }
}

/** Whoever sits down here next does not see what the last one looked for. */
export function forget_recent(storage) {
  storage.removeItem(PLACE);
}
