/** The words about a course's seats in rows: the same as the server's. */
import { find, set_hidden, set_text } from "app/helpers/dom.js";
import { Course } from "app/models/course.js";

/** @param {object} course a course or hit with `viewer: {enrolled, staff}` */
export function draw_seats(row, course) {
  const { enrolled = false, staff = false } = course.viewer ?? {};
  const model = new Course(course, null);
  const seats = find(row, "[data-seats]");
  if (seats) {
    const own = staff ? "you teach this" : enrolled ? "enrolled" : "";
    const words = own || (course.needs_key ? "needs a key" : model.seats_text());
    seats.textContent = course.withdrawn ? "no longer offered" : words;
    seats.classList.toggle("is-scarce", !course.withdrawn && !own && model.scarce && !model.full);
  }
  set_text(row, "[data-enrolled]", String(course.enrolled));
  return row;
}

/** Which of a course row's acts is offered. */
export function draw_acts(row, course) {
  const { enrolled = false, staff = false } = course.viewer ?? {};
  const inside = enrolled || staff;
  const closed = course.needs_key || course.seats_left === 0;
  set_hidden(row, "[data-open]", !inside);
  set_hidden(row, "[data-enroll-form]", inside || closed);
  set_hidden(row, "[data-details]", inside || !closed);
  return row;
}
