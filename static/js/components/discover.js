/** Discover: the list stays true while one looks; enrolling happens in the row. */
import { draw_acts, draw_seats } from "app/components/seats.js";
import { find, find_all } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";

const COUNTED = ["course.seats", "enrollment.enrolled", "enrollment.left"];

export default function mount(element, app) {
  const list = find(element, "[data-list=courses]");
  const courses = new Map((app.state.courses ?? []).map((course) => [course.id, course]));
  const draw = (course) => {
    const row = find(list, `[data-id="${course.id}"]`);
    if (!row) return;
    const acts = find_all(row, ".course-row-side a, .course-row-side button");
    keep_focus(() => draw_acts(draw_seats(row, course), course), ...acts);
  };
  for (const event of COUNTED) {
    app.heard(event, ({ course: id, user, enrolled, seats_left }) => {
      const course = courses.get(id);
      if (!course) return;
      Object.assign(course, { enrolled, seats_left });
      if (user && user.id === app.viewer?.id)
        course.viewer.enrolled = event === "enrollment.enrolled";
      draw(course);
    });
  }
  app.heard("course.updated", ({ course }) => {
    const known = courses.get(course.id);
    if (known) draw(Object.assign(known, course, { viewer: known.viewer }));
  });
  app.heard("course.withdrawn", ({ course }) =>
    find(list, `[data-id="${course.id ?? course}"]`)?.remove(),
  );
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    enroll(courses.get(event.target.closest("[data-course]").dataset.course), draw, app);
  });
  apply_filters_at_once(element);
}

async function enroll(course, draw, app) {
  if (course.viewer.enrolled) return;
  course.viewer.enrolled = true;
  draw(course);
  try {
    const result = await app.command("enrollment.enroll", { course: course.id });
    if (result.course) draw(Object.assign(course, result.course, { viewer: course.viewer }));
    app.toast({
      text: `You are enrolled in ${course.title}.`,
      undo: () => leave(course, draw, app),
    });
  } catch (error) {
    if (error.code === "already_enrolled") return;
    course.viewer.enrolled = false;
    if (error.code === "course_full") course.seats_left = 0;
    draw(course);
    app.toast({ text: `${course.title}: ${error.message}`, danger: true });
  }
}

async function leave(course, draw, app) {
  try {
    await app.command("enrollment.leave", { course: course.id });
    course.viewer.enrolled = false;
    draw(course);
  } catch (error) {
    app.toast({ text: error.message, danger: true });
  }
}

/** With a script a choice needs no button. */
function apply_filters_at_once(element) {
  const form = find(element, "[data-filters]");
  for (const button of find_all(document, "[data-apply]")) button.hidden = true;
  document.addEventListener("change", (event) => {
    if (event.target.form === form && event.target.name !== "q") form.requestSubmit();
  });
}
