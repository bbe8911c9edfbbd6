/** What a person wrote in a room and did not send: one draft for all tabs of a browser. The store
 *  holds the words that were typed last, wherever; a tab stores only what was typed in it, the moment
 *  it is, so that one that is closed later takes nothing with it. What was sent is gone for all. */

/** @typedef {{id: string, name: string}} Person */
/** @typedef {{body: string, people: Person[]}} Words `people`: whom their author chose by name */

export class Draft {
  #name;
  #storage;
  /** What the storage did not take: it lives as long as its tab. @type {Words|null} */
  #unkept = null;

  constructor(storage, viewer_id, room) {
    this.#storage = storage;
    this.#name = `elearn.draft.${viewer_id}.${room}`;
  }

  /** @returns {Words} */
  read() {
    if (this.#unkept) return this.#unkept;
    const kept = this.#storage.getItem(this.#name) ?? "";
    return read_words(kept) ?? { body: kept, people: [] };
  }

  /** @param {Words} words without a body there is no draft */
  write({ body, people }) {
    this.#unkept = null;
    try {
      if (body) this.#storage.setItem(this.#name, JSON.stringify({ body, people }));
      else this.#storage.removeItem(this.#name);
    } catch (error) {
      console.warn("drafts cannot be kept on this machine", error);
      this.#unkept = { body, people };
    }
  }

  /** @param {string|null} name of what another tab changed in the storage */
  is_about(name) {
    return name === this.#name;
  }
}

/** Null for what a version before stored: the bare text. */
function read_words(kept) {
  try {
    const { body, people } = JSON.parse(kept);
    return typeof body === "string" && Array.isArray(people) ? { body, people } : null;
  } catch {
    return null;
  }
}
