/** Whom "@" and the beginning of a name offer: at once those whom the page knows, then whom the room
 *  answers. What is offered always belongs to what is typed now. */
import { holds } from "app/models/words.js";

const AT_MOST = 5;

/** @typedef {{id: string, name: string}} Person */

export class Completion {
  /** The beginning of a name, or null. @type {string|null} */
  typed = null;
  /** @type {Person[]} */
  people = [];
  /** @type {Map<string, Person>} */
  #known;
  #ask;
  #changed;
  #asked = null;

  /** @param {Person[]} known  @param {(q: string, signal: AbortSignal) => Promise<Person[]>} ask */
  constructor(known, ask, changed = () => {}) {
    this.#known = by_id(known);
    this.#ask = ask;
    this.#changed = changed;
  }

  type(typed) {
    this.#asked?.abort();
    this.typed = typed;
    this.people = typed === null ? [] : best([...this.#known.values()], typed);
  }

  /** Asks the room; without an answer those stay who are known. */
  async ask() {
    if (!this.typed) return;
    const { signal } = (this.#asked = new AbortController());
    try {
      const found = await this.#ask(this.typed, signal);
      if (signal.aborted) return;
      this.#known = new Map([...this.#known, ...by_id(found)]);
      this.people = found.slice(0, AT_MOST);
    } catch (error) {
      if (!signal.aborted) console.warn("people could not be looked up", error);
      return;
    }
    this.#changed();
  }
}

/** In the order of the room's answer: names that begin so before others. */
function best(people, typed) {
  const later = ({ name }) => !holds(typed, name.split(/\s+/).slice(0, 1));
  return people
    .filter(({ name }) => holds(typed, [name]))
    .sort((one, other) => later(one) - later(other) || one.name.localeCompare(other.name))
    .slice(0, AT_MOST);
}

const by_id = (people) => new Map(people.map((person) => [person.id, person]));
