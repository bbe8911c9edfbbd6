/** The words about a course's seats in rows: the same as the server's. */
import { find, set_hidden, set_text } from "app/helpers/dom.js";
import { Course } from "app/models/course.js";

/** @param {object} course a course or hit with `viewer: {enrolled, staff}` */
export function draw_seats(row, course) {
  const model = new Course(course, null);
  const seats = find(row, "[data-seats]");
  if (seats) {
    seats.textContent = model.state_text();
    seats.classList.toggle("is-scarce", model.scarce && model.enrollable());
  }
  set_text(row, "[data-enrolled]", String(course.enrolled));
  row.classList.toggle("is-gone", Boolean(course.withdrawn));
  return row;
}

/** Which of a course row's acts is offered. */
export function draw_acts(row, course) {
  const model = new Course(course, null);
  const { enrolled, staff } = model.course.viewer;
  const inside = enrolled || staff;
  const open = model.enrollable();
  set_hidden(row, "[data-open]", !inside);
  set_hidden(row, "[data-enroll-form]", !open);
  set_hidden(row, "[data-details]", inside || open || Boolean(course.withdrawn));
  return row;
}
