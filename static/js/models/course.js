/** Seats, counts and the reader's own state in one course, as events and the reader's acts move
 *  them. The reader's own act shows before it is confirmed. */

import { short_time } from "app/helpers/time.js";

/** What lists say of seats, and how few are scarce. */
let seats = { words: {}, scarce: 0 };

export function use_seats(told) {
  seats = told ?? seats;
}

/** The events that move a course's counts. */
export const COUNTED = ["course.seats", "enrollment.enrolled", "enrollment.left"];

/** What such an event says of a course that is shown: its counts, and the reader's own state. */
export function count(course, event, { user, enrolled, seats_left }, viewer_id) {
  Object.assign(course, { enrolled, seats_left });
  if (user && user.id === viewer_id)
    course.viewer = { ...course.viewer, enrolled: event === "enrollment.enrolled" };
  return course;
}

export class Course {
  /** @type {"enroll"|"leave"|null} */
  act = null;
  error = null;

  constructor(course, viewer) {
    this.course = { ...course, viewer: { enrolled: false, staff: false, ...course.viewer } };
    this.viewer = viewer;
  }

  get enrolled() {
    return this.act ? this.act === "enroll" : this.course.viewer.enrolled;
  }

  get scarce() {
    return this.course.seats_left > 0 && this.course.seats_left <= seats.scarce;
  }

  get full() {
    return this.course.seats_left === 0;
  }

  /** @returns {boolean} false when an act is already under way: the second click of two */
  begin(act) {
    if (this.act) return false;
    this.act = act;
    this.error = null;
    return true;
  }

  /** The reply; the event about it may have come before. */
  succeeded() {
    if (this.act) this.course.viewer.enrolled = this.act === "enroll";
    this.act = null;
  }

  /** Being enrolled already is what was asked for. */
  failed(error) {
    if (error.code === "already_enrolled") this.course.viewer.enrolled = true;
    else this.error = error;
    if (error.code === "course_full") this.course.seats_left = 0;
    this.act = null;
  }

  /** An event of `COUNTED`. @returns {boolean} whether it is about this course */
  counted(data, event = "") {
    if (data.course !== this.course.id) return false;
    count(this.course, event, data, this.viewer?.id);
    if (data.user && data.user.id === this.viewer?.id) this.act = null;
    return true;
  }

  updated(course) {
    if (course.id !== this.course.id) return false;
    this.course = { ...this.course, ...course, viewer: this.course.viewer };
    return true;
  }

  /** Whether one may enrol from the course's page now; there a key can be given. */
  may_enroll(now = new Date()) {
    const { withdrawn } = this.course;
    return !withdrawn && !this.full && !out_of_time(this.course, now);
  }

  /** What the button says. */
  enroll_text(now = new Date()) {
    const { withdrawn, opens_at } = this.course;
    const time = out_of_time(this.course, now);
    if (withdrawn) return "No longer offered";
    if (time === "early") return `Enrolment opens ${short_time(opens_at, now)}`;
    if (time === "late") return "Enrolment is closed";
    return this.full ? "The course is full" : "Enrol";
  }

  /** When the button changes by time alone; null when it does not. */
  next_turn(now = new Date()) {
    const { opens_at, closes_at } = this.course;
    const turns = [opens_at, closes_at].map((at) => Date.parse(at ?? "")).filter((at) => at > now);
    return turns.length ? Math.min(...turns) : null;
  }

  /** What a list says of the course to its reader. */
  state_text(now = new Date()) {
    return this.#text(this.#said(now), now);
  }

  /** Whether one click in a list enrols. */
  enrollable(now = new Date()) {
    return ["open", "one", "some"].includes(this.#said(now));
  }

  seats_text() {
    return this.#text(this.#said_of_seats());
  }

  /** A word, in the order of what matters most. */
  #said(now) {
    const { viewer, needs_key, withdrawn } = this.course;
    if (withdrawn) return "gone";
    if (viewer.staff) return "taught";
    if (viewer.enrolled) return "enrolled";
    return out_of_time(this.course, now) ?? (needs_key ? "key" : this.#said_of_seats());
  }

  #said_of_seats() {
    const left = this.course.seats_left ?? null;
    if (left === null) return "open";
    if (left <= 0) return "full";
    return left === 1 ? "one" : "some";
  }

  #text(said, now) {
    const { opens_at, seats_left } = this.course;
    return seats.words[said].replace("{}", said === "early" ? short_time(opens_at, now) : seats_left);
  }
}

/** Before its time or after it: nobody gets in, whatever the seats. */
export function out_of_time({ opens_at, closes_at }, now = new Date()) {
  if (opens_at && new Date(opens_at) > now) return "early";
  return closes_at && new Date(closes_at) <= now ? "late" : null;
}
