/** The sidebar: courses and their rooms with live counts; they come and go with one's rights. */
import { draw_counts, follow_counts } from "app/components/counts.js";
import { find, find_all, row, set_count, set_text } from "app/helpers/dom.js";
import { sync_rows } from "app/helpers/rows.js";

export default function mount(element, app) {
  const list = find(element, "[data-list=courses]");
  for (const item of find_all(element, "[data-course], [data-room]")) {
    item.dataset.row = item.dataset.course ?? item.dataset.room;
  }
  follow_counts(element, app);
  app.on("rooms", () => {
    draw_courses(list, app);
    const empty = find(element, "[data-empty]");
    if (empty) empty.hidden = list.childElementCount > 0;
    draw_counts(element, app);
  });
}

/** What stands there keeps its place: a list that sorts itself under the pointer is worse than one
 *  that is out of order until the next page. */
function draw_courses(list, app) {
  const courses = in_shown_order(list, app.rooms.courses());
  sync_rows(list, courses, (course, old) => draw_course(course, old, app));
}

function draw_course(course, old, app) {
  const element = old ?? row("side-course", course);
  element.dataset.course = course.id;
  const line = find(element, "[data-course-line]");
  const unread = app.rooms.unread_of_course(course.id);
  set_text(line, "[data-text=title]", course.title);
  set_count(find(line, ".count"), unread);
  line.classList.toggle("is-unread", unread > 0);
  const rooms = find(element, "[data-list=rooms]");
  const shown = in_shown_order(rooms, app.rooms.of_course(course.id).filter(in_side));
  sync_rows(rooms, shown, (room, before) => draw_room(room, before, app));
  return element;
}

function draw_room(room, old, app) {
  const unread = app.rooms.unread(room.id);
  const element = old ?? row("side-room", room);
  element.dataset.room = room.id;
  set_text(element, "[data-text=name]", room.name);
  const badge = find(element, ".count");
  const mentioned = badge.dataset.count === "mentions" && unread > 0;
  if (!mentioned) {
    badge.dataset.count = "unread";
    badge.classList.remove("is-accent");
    set_count(badge, unread);
  }
  element.classList.toggle("is-unread", unread > 0);
  const here = location.pathname.startsWith(room.url);
  find(element, "a").toggleAttribute("aria-current", false);
  if (here) find(element, "a").setAttribute("aria-current", "page");
  return element;
}

const in_side = (room) => room.kind !== "thread" && room.kind !== "direct" && !room.archived;

function in_shown_order(list, nouns) {
  const shown = [...list.children].map((child) => child.dataset.row);
  const place = (noun) => {
    const index = shown.indexOf(noun.id);
    return index < 0 ? shown.length : index;
  };
  return [...nouns].sort((one, other) => place(one) - place(other));
}
