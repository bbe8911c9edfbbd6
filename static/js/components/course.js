/** A course's page: enrolling with one click, its seats and counts as they move. */
import { find, find_all, set_hidden, set_text } from "app/helpers/dom.js";
import { on_submit } from "app/helpers/forms.js";
import { open_direct } from "app/components/direct.js";
import { Course } from "app/models/course.js";

const COUNTED = ["course.seats", "enrollment.enrolled", "enrollment.left"];

export default function mount(element, app) {
  const box = document.querySelector("[data-enroll]");
  const model = new Course(app.state.course, app.viewer);
  const draw = () => draw_course(box, model);
  for (const event of COUNTED) {
    app.heard(event, (data) => {
      const before = model.course.viewer.enrolled;
      if (!model.counted(data, event)) return;
      draw();
      if (before !== model.course.viewer.enrolled) rights_changed(app);
    });
  }
  app.heard("course.updated", ({ course }) => {
    if (!model.updated(course)) return;
    set_text(element, ".course-head [data-text=title]", course.title);
    draw();
  });
  app.recovers((topic) => topic === `course:${model.course.id}`, async () => location.reload());
  if (!app.viewer || !box) return;
  act_on(box, "[data-enroll-form]", model, app, draw);
  act_on(box, "[data-leave-form]", model, app, draw);
  for (const button of find_all(document, "[data-act=message][data-course]")) {
    button.addEventListener("click", () => open_direct(app, { course: button.dataset.course }, button));
  }
}

function act_on(box, selector, model, app, draw) {
  const form = find(box, selector);
  if (!form) return;
  const name = selector === "[data-enroll-form]" ? "enroll" : "leave";
  on_submit(form, async ({ enrollment_key }) => {
    if (!model.begin(name)) return;
    draw();
    try {
      const args = { course: model.course.id, ...(enrollment_key && { enrollment_key }) };
      const result = await app.command(`enrollment.${name}`, args);
      model.succeeded();
      if (result.course) model.updated(result.course);
      draw();
      rights_changed(app);
      if (name === "leave") offer_return(model, app, draw);
    } catch (error) {
      model.failed(error);
      draw();
      if (model.error) throw error;
      rights_changed(app);
    }
  });
}

/** Updates, rooms, feed and people open or close with the enrolment: the server draws those tabs. */
function rights_changed(app) {
  if (app.state.tab !== "overview") location.reload();
}

function offer_return(model, app, draw) {
  const { id, title, needs_key } = model.course;
  const back = async () => {
    try {
      await app.command("enrollment.enroll", { course: id });
      model.course.viewer.enrolled = true;
      draw();
    } catch (error) {
      app.toast({ text: error.message, danger: true });
    }
  };
  app.toast({ text: `You left ${title}.`, undo: needs_key ? null : back });
}

function draw_course(box, model) {
  const { enrolled, course } = model;
  for (const count of document.querySelectorAll("[data-enrolled]")) count.textContent = course.enrolled;
  for (const seats of document.querySelectorAll(".facts [data-seats], .enroll > [data-seats]")) {
    seats.textContent = model.seats_text();
    seats.classList.toggle("is-scarce", model.scarce);
  }
  const publish = document.querySelector("[data-publish-count]");
  if (publish) publish.textContent = course.enrolled === 1 ? "1 student" : `${course.enrolled} students`;
  if (!box) return;
  set_hidden(box, "[data-enroll-form]", enrolled);
  set_hidden(box, "[data-leave-form]", !enrolled);
  set_hidden(box, "[data-enroll-state]", !enrolled);
  set_text(box, "[data-enroll-state] strong", model.act ? "Enrolling…" : "You are enrolled");
  const button = find(box, "[data-act=enroll]");
  if (!button) return;
  button.disabled = model.full || Boolean(model.act);
  button.textContent = model.full ? "The course is full" : "Enrol";
}
