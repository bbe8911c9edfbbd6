/** What a search box shows belongs to the newest keystroke: older questions are cancelled, an
 *  answer that comes late is dropped, and of what is shown already only that stays at once which
 *  holds the words as they are now; misspelt ones where nothing else does. */
import { COUNTED, count } from "app/models/course.js";
import { course_holds, exactly, holds, nearly } from "app/models/words.js";

/** @typedef {{q: string, hits: object[], total: number, rooms?: object[], people?: object[],
 *    popular?: object[], nearest?: boolean, suggestion?: string|null, reduced?: boolean}} Answer */

/** The events that move what is found. */
export const MOVES = [...COUNTED, "course.withdrawn"];

export class Search {
  q = "";
  /** @type {Answer|null} */
  answer = null;
  error = null;
  busy = false;
  #ask;
  #abort = null;

  /** @param {(q: string, signal: AbortSignal) => Promise<object>} ask */
  constructor(ask, changed = () => {}) {
    this.#ask = ask;
    this.changed = changed;
  }

  async type(text) {
    const q = text.trim();
    if (q === this.q && !this.error) return;
    this.#abort?.abort();
    this.q = q;
    this.error = null;
    if (!q) return this.clear();
    const abort = (this.#abort = new AbortController());
    this.answer &&= still_found(this.answer, q);
    this.busy = true;
    try {
      const answer = await this.#ask(q, abort.signal);
      if (abort.signal.aborted) return;
      this.answer = { ...answer, q: answer.q ?? q };
    } catch (error) {
      if (abort.signal.aborted) return;
      this.answer = null;
      this.error = error;
    }
    this.busy = false;
    this.changed();
  }

  retry() {
    const q = this.q;
    this.q = "";
    return this.type(q);
  }

  clear() {
    this.#abort?.abort();
    this.q = "";
    this.answer = null;
    this.error = null;
    this.busy = false;
    this.changed();
  }

  /** Courses that are shown: the hits, or what others attend when there are none. */
  courses() {
    const { hits = [], popular = [] } = this.answer ?? {};
    return hits.length ? hits : popular;
  }

  /** An event of `MOVES`, perhaps about a course that is shown.
   *  @returns {object|null} the course as it is now, null when nothing of it moved */
  moved(event, data, viewer_id) {
    const id = data.course?.id ?? data.course;
    const course = this.courses().find((one) => one.id === id);
    if (!course) return null;
    if (event === "course.withdrawn") return Object.assign(course, { withdrawn: true });
    return count(course, event, data, viewer_id);
  }

  /** @returns {string} the sentence for those who hear the list */
  spoken() {
    if (this.error) return this.error.message;
    if (!this.answer || this.busy) return "";
    const { total, hits, rooms = [], people = [], popular = [] } = this.answer;
    const others = [counted(rooms.length, "room"), counted(people.length, "person", "people")];
    const found = [hits.length ? counted(total, "course") : "", ...others].filter(Boolean);
    const meant = this.answer.suggestion ? ` Did you mean ${this.answer.suggestion}?` : "";
    if (!found.length) {
      const attended = counted(popular.length, "well-attended course");
      return `Nothing found for ${this.q}.${attended ? ` ${capital(attended)} shown instead.` : ""}`;
    }
    if (this.answer.nearest) return `Nothing is quite like ${this.q}. ${sentence(found)}${meant}`;
    return sentence(found) + meant;
  }
}

/** Of an older answer: what the newest text finds too, and nothing that was said of the older one. */
function still_found({ hits, rooms = [], people = [], reduced }, q) {
  const named = ({ name }) => holds(q, [name]);
  const found = (begins) => hits.filter((course) => course_holds(q, course, begins));
  const as_typed = found(exactly);
  return {
    q,
    hits: as_typed.length ? as_typed : found(nearly),
    total: 0,
    rooms: rooms.filter(named),
    people: people.filter(named),
    reduced,
  };
}

function counted(count, one, many = `${one}s`) {
  if (!count) return "";
  return count === 1 ? `one ${one}` : `${count} ${many}`;
}

/** ["One course", "2 rooms"] -> "One course and 2 rooms found." */
function sentence(parts) {
  const last = parts.at(-1);
  const all = parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${last}` : last;
  return `${capital(all)} found.`;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
