/** The list of Discover: the courses that are shown, what moves in them, and those that came since
 *  and are not shown yet. */
import { count, out_of_time } from "app/models/course.js";
import { course_holds } from "app/models/words.js";

/** Newcomers that are remembered; an import brings thousands. */
const HEARD = 200;

/** @typedef {{q: string, filters: Filters, courses: object[], total: number, page_number: number,
 *    pages: number}} Listing */
/** @typedef {{subject: string[], level: string[], language: string[], teacher: string[],
 *    open: boolean}} Filters */

export class Catalogue {
  /** @type {Map<string, object>} */
  #shown;
  /** @type {Map<string, object>} */
  #heard = new Map();
  #first = 1;
  /** Whether courses further down may have moved up into a page that was read. */
  #moved = false;

  /** @param {Listing} listing what the server drew */
  constructor(listing) {
    this.load(listing);
  }

  /** Another listing: newcomers that were not shown yet wait on, where they belong to it. */
  load({ q, filters, courses, popular = [], total, page_number, pages }) {
    this.request = { q, filters };
    this.total = total;
    this.pages = pages;
    this.loaded = this.#first = page_number;
    this.#moved = false;
    this.#shown = new Map([...courses, ...popular].map((course) => [course.id, course]));
    for (const id of this.#shown.keys()) this.#heard.delete(id);
  }

  get(id) {
    return this.#shown.get(id) ?? null;
  }

  /** Newest first. */
  waiting() {
    const { q, filters } = this.request;
    return [...this.#heard.values()].filter((course) => belongs(course, q, filters)).reverse();
  }

  show_waiting() {
    const fresh = this.waiting().map((course) => ({ ...course, fresh: true }));
    for (const course of fresh) {
      this.#heard.delete(course.id);
      this.#shown.set(course.id, course);
    }
    this.total += fresh.length;
    return fresh;
  }

  /** A course that can be found from now on.
   *  @returns {object|null} the one that is shown already and is offered again */
  created(course) {
    const known = this.#shown.get(course.id);
    if (known) return this.#offered(known, course);
    this.#heard.delete(course.id);
    this.#heard.set(course.id, { ...course, viewer: { enrolled: false, staff: false } });
    if (this.#heard.size > HEARD) this.#heard.delete(this.#heard.keys().next().value);
    return null;
  }

  #offered(known, course) {
    if (known.withdrawn) this.total += 1;
    return Object.assign(known, course, { withdrawn: false });
  }

  updated(course) {
    if (this.#heard.has(course.id)) Object.assign(this.#heard.get(course.id), course);
    const known = this.#shown.get(course.id);
    return known ? Object.assign(known, course) : null;
  }

  /** It stays where it is, greyed: a list that closes up moves what is about to be clicked. */
  withdrawn(id) {
    this.#heard.delete(id);
    const known = this.#shown.get(id);
    if (!known || known.withdrawn) return null;
    this.total -= 1;
    this.#moved ||= !known.fresh;
    return Object.assign(known, { withdrawn: true });
  }

  /** Seats, and the reader's own enrolment. */
  counted(event, data, viewer_id) {
    const known = this.#shown.get(data.course);
    return known ? count(known, event, data, viewer_id) : null;
  }

  /** The page to ask for next. What was withdrawn has let the others move up, so it may be one that
   *  was read already. */
  next_page(size) {
    if (!this.#moved) return this.loaded < this.pages ? this.loaded + 1 : null;
    const held = [...this.#shown.values()].filter((course) => !course.withdrawn && !course.fresh);
    const before = (this.#first - 1) * size;
    return Math.min(this.loaded, Math.floor((before + held.length) / size) + 1);
  }

  /** @returns {object[]} the courses of a page that are not shown yet */
  append({ hits, page, pages }) {
    const fresh = hits.filter((course) => !this.#shown.has(course.id));
    for (const course of fresh) {
      this.#shown.set(course.id, course);
      this.#heard.delete(course.id);
    }
    this.#moved &&= fresh.length > 0 && page < this.loaded;
    this.pages = pages;
    this.loaded = Math.max(this.loaded, page);
    return fresh;
  }

  /** A fresh answer, for what moved unheard. */
  reread(hits) {
    return hits.map((hit) => this.updated(hit)).filter(Boolean);
  }
}

/** Whether a course is one of those that were asked for, as far as its card tells: several values
 *  of one field widen, several fields narrow, and each word begins a word of what names it. */
export function belongs(course, q, filters) {
  if (filters.open && (course.seats_left === 0 || out_of_time(course))) return false;
  const names = course.teachers.map((teacher) => teacher.name);
  const has = { ...course, teacher: names };
  for (const [field, wanted] of Object.entries(filters)) {
    if (field === "open") continue;
    if (wanted.length && ![has[field]].flat().some((value) => wanted.includes(value))) return false;
  }
  return course_holds(q, course);
}
