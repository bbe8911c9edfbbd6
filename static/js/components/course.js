/** A course's page: enrolling with one click, its seats and counts as they move. */
import { fill, find, find_all, set_count, set_hidden, set_text } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";
import { on_submit } from "app/helpers/forms.js";
import { later } from "app/helpers/later.js";
import { refresh_parts } from "app/helpers/parts.js";
import { server_now } from "app/helpers/time.js";
import { open_direct } from "app/components/direct.js";
import { COUNTED, Course } from "app/models/course.js";

const ENROLL = "[data-enroll-form]";
const LEAVE = "[data-leave-form]";
/** What the server draws for those inside. */
const INSIDE = ["tab", "rooms", "line"];
const DAY_MS = 86_400_000;
const RATED = ["feed.posted", "feed.deleted"];

export default function mount(element, app) {
  const model = new Course(app.state.course, app.viewer);
  const draw = with_time(model, () =>
    keep_focus(
      () => draw_course(model),
      find(document, "[data-enroll-state]"),
      find(element, ".course-head h1"),
    ),
  );
  const rights_changed = follow_rights(model, app);
  for (const event of COUNTED) {
    app.heard(event, (data) => {
      const before = model.course.viewer.enrolled;
      if (!model.counted(data, event)) return;
      draw();
      if (before !== model.course.viewer.enrolled) rights_changed();
    });
  }
  for (const event of RATED) {
    app.heard(event, ({ rating }, { topic }) => {
      if (rating && topic === `course:${model.course.id}`) draw_rating(rating);
    });
  }
  const page = { model, app, draw, rights_changed };
  follow_changes(element, page);
  draw();
  app.on("lost", ({ course, staff }) => {
    if ([course, staff].includes(model.course.id)) redraw(page).catch(() => location.reload());
  });
  app.recovers(
    (topic) => topic === `course:${model.course.id}`,
    async () => location.reload(),
  );
  if (!app.viewer) return;
  act_on_forms(page);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-act=message][data-course]");
    if (button) open_direct(app, { course: button.dataset.course }, button);
  });
}

const taught_by = ({ teachers = [] }) => teachers.map(({ id }) => id).join();

const enroll_act = () => find(document, ".enroll [data-act]:not([hidden])");

/** What the course says of itself is drawn by the server, for whoever looks: not all at once. */
const ABOUT = ["course-meta", "course-about", "course-facts", "course-teachers", "head-act", "enroll", "line"];
const SPREAD_MS = 500;

function follow_changes(element, page) {
  const { model, app, draw } = page;
  const { id } = model.course;
  const spread = (names) =>
    later(
      () => redraw(page, names).catch((error) => console.warn("the course's page", error)),
      Math.random() * SPREAD_MS,
    );
  const about = spread(ABOUT);
  for (const event of ["course.updated", "course.created"]) {
    app.heard(event, ({ course }) => {
      const before = taught_by(model.course);
      if (!model.updated({ ...course, withdrawn: false })) return;
      set_text(element, ".course-head [data-text=title]", course.title);
      draw();
      if (taught_by(model.course) === before) about();
      else redraw(page).catch(() => location.reload());
    });
  }
  app.heard("course.withdrawn", ({ course }) => {
    if (course.id !== id) return;
    if (model.course.viewer.enrolled || model.course.viewer.staff) return about();
    model.updated({ id, withdrawn: true });
    draw();
  });
  follow_rooms(app, id, spread(["rooms"]));
}

/** @param {string[]} [names] of parts; without, all of them: one's rights may be others now */
async function redraw({ model, app, draw, rights_changed }, names) {
  const key = find(document, ".enroll [name=enrollment_key]")?.value;
  await refresh_parts(app, { names, near: enroll_act });
  if (!names) model.course.viewer = app.state.course.viewer;
  const field = find(document, ".enroll [name=enrollment_key]");
  if (key && field) field.value = key;
  if (app.viewer) act_on_forms({ model, app, draw, rights_changed });
  draw();
}

/** The rooms beside the overview. */
function follow_rooms(app, id, redraw) {
  const place = find(document, "[data-part=rooms]");
  if (!app.viewer || app.state.tab !== "overview" || !place) return;
  for (const event of ["room.created", "room.updated", "room.archived"])
    app.heard(event, (_, { topic }) => topic === `course:${id}` && redraw());
  app.on("rooms", () => {
    for (const line of find_all(document, "[data-part=rooms] [data-room]"))
      set_count(find(line, "[data-count]"), app.rooms.unread(line.dataset.room));
  });
}

/** The button opens and closes at its time, as the server's clock has it.
 *  @returns {() => void} draws, and again when time alone changes what is said */
function with_time(model, draw) {
  let clock = null;
  const drawn = () => {
    draw();
    clearTimeout(clock);
    const turn = model.next_turn(server_now());
    if (turn !== null) clock = setTimeout(drawn, Math.min(turn - server_now() + 50, DAY_MS));
  };
  return drawn;
}

function act_on_forms(page) {
  for (const [name, forms] of [["enroll", ENROLL], ["leave", LEAVE]]) {
    for (const form of find_all(document, `${forms}:not([data-acts])`)) {
      form.dataset.acts = "";
      act_on(form, name, page);
    }
  }
}

/** @param {"enroll"|"leave"} name */
function act_on(form, name, { model, app, draw, rights_changed }) {
  on_submit(form, async ({ enrollment_key }) => {
    if (!model.begin(name)) return;
    draw();
    try {
      const args = { course: model.course.id, ...(enrollment_key && { enrollment_key }) };
      const result = await app.command(`enrollment.${name}`, args);
      model.succeeded();
      if (result.course) model.updated(result.course);
      draw();
      rights_changed();
      if (name === "leave") offer_return(model, app, draw);
    } catch (error) {
      model.failed(error);
      draw();
      if (model.error && !find(form, "[data-form-error]"))
        app.toast({ text: error.message, danger: true });
      if (model.error) throw error;
      rights_changed();
    }
  });
}

/** What only people in the course see opens or closes with the enrolment: the server draws it. */
function follow_rights(model, app) {
  let drawn = model.course.viewer.enrolled;
  return later(async () => {
    const { enrolled } = model.course.viewer;
    if (model.act || drawn === enrolled) return;
    drawn = enrolled;
    await refresh_parts(app, { names: INSIDE }).catch(() => location.reload());
  }, 50);
}

function offer_return(model, app, draw) {
  const { id, title } = model.course;
  const back = async () => {
    try {
      await app.command("enrollment.enroll", { course: id });
      model.course.viewer.enrolled = true;
      draw();
    } catch (error) {
      app.toast({ text: error.message, danger: true });
    }
  };
  app.toast({ text: `You left ${title}.`, undo: back, undo_s: app.state.server.undo_s });
}

/** Wherever the page shows it: above what people say and among the facts. */
function draw_rating(rating) {
  for (const place of find_all(document, "[data-rating]")) fill(place, rating);
}

function draw_course(model) {
  const { enrolled, course } = model;
  for (const count of find_all(document, "[data-enrolled]")) count.textContent = course.enrolled;
  for (const seats of find_all(document, ".facts [data-seats], .enroll [data-seats]")) {
    seats.textContent = model.seats_text();
    seats.classList.toggle("is-scarce", model.scarce);
  }
  const publish = find(document, "[data-publish-count]");
  if (publish)
    publish.textContent = course.enrolled === 1 ? "1 student" : `${course.enrolled} students`;
  set_hidden(document, ENROLL, enrolled);
  const offered = model.may_enroll(server_now());
  set_hidden(document, "[data-key-link]", enrolled || !offered);
  set_hidden(document, LEAVE, !enrolled);
  set_hidden(document, "[data-enroll-state]", !enrolled);
  set_text(document, "[data-enroll-state] strong", model.act ? "Enrolling…" : "You are enrolled");
  for (const button of find_all(document, `${ENROLL} [data-act=enroll]`)) {
    button.disabled = !offered || Boolean(model.act);
    button.textContent = model.enroll_text(server_now());
  }
}
