/** Who of a course may still be added to a room: people by name, without those who are in it. */

/** @typedef {{id: string, name: string, role: string}} User */

/** "Núñez" -> "nunez": a keyboard may lack the accent. */
export const plain = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .trim();

export class Invitees {
  /** @type {Map<string, User>} */
  #people = new Map();
  #inside = new Set();
  /** Added while one looks: they stay in sight, marked. */
  #added = new Set();

  /** @param {User[]} people  @param {Iterable<string>} inside */
  load(people, inside) {
    this.#inside = new Set(inside);
    this.#added = new Set();
    this.#people = new Map(people.map((person) => [person.id, person]));
  }

  get(id) {
    return this.#people.get(id) ?? null;
  }

  is_added(id) {
    return this.#added.has(id);
  }

  get anyone() {
    return [...this.#people.keys()].some((id) => !this.#inside.has(id));
  }

  added(id) {
    if (!this.#people.has(id)) return;
    if (!this.#inside.has(id)) this.#added.add(id);
    this.#inside.add(id);
  }

  removed(id) {
    this.#inside.delete(id);
    this.#added.delete(id);
  }

  /** @returns {User[]} every word typed begins a word of the name; by name */
  matching(typed) {
    const wanted = plain(typed).split(/\s+/).filter(Boolean);
    const fits = ({ name }) => {
      const words = plain(name).split(/[\s-]+/);
      return wanted.every((part) => words.some((word) => word.startsWith(part)));
    };
    return [...this.#people.values()]
      .filter(({ id }) => !this.#inside.has(id) || this.#added.has(id))
      .filter(fits)
      .sort((one, other) => one.name.localeCompare(other.name));
  }
}
