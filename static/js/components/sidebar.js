/** The sidebar: courses and their rooms with live counts; they come and go with one's rights. */
import { draw_counts, follow_counts } from "app/components/counts.js";
import { NewsOrder } from "app/components/news_order.js";
import { find, find_all, row, set_count, set_text } from "app/helpers/dom.js";
import { sync_rows } from "app/helpers/rows.js";

export default function mount(element, app) {
  const list = find(element, "[data-list=courses]");
  for (const item of find_all(element, "[data-course], [data-room]")) {
    item.dataset.row = item.dataset.course ?? item.dataset.room;
  }
  follow_counts(element, app);
  const side = new Side(element, list, app);
  app.on("rooms", () => side.draw());
}

class Side {
  #orders = new WeakMap();

  constructor(element, list, app) {
    Object.assign(this, { element, list, app });
    const news_at = ({ id }) => app.rooms.news_at_of_course(id);
    this.order = new NewsOrder(list, () => this.draw(), news_at, app.drawn_news.courses);
  }

  draw() {
    const { element, list, app } = this;
    const courses = this.order.arrange(app.rooms.courses());
    sync_rows(list, courses, (course, old) => this.#draw_course(course, old));
    const empty = find(element, "[data-empty]");
    if (empty) empty.hidden = list.childElementCount > 0;
    draw_counts(element, app);
  }

  #draw_course(course, old) {
    const { app } = this;
    const element = old ?? row("side-course", course);
    element.dataset.course = course.id;
    const line = find(element, "[data-course-line]");
    const unread = app.rooms.unread_of_course(course.id);
    set_text(line, "[data-text=title]", course.title);
    set_count(find(line, ".count"), unread);
    line.classList.toggle("is-unread", unread > 0);
    const rooms = find(element, "[data-list=rooms]");
    const shown = this.#order_of(rooms).arrange(app.rooms.in_side(course.id));
    sync_rows(rooms, shown, (room, before) => draw_room(room, before, app));
    return element;
  }

  #order_of(rooms) {
    const news_at = ({ id }) => this.app.rooms.news_at(id);
    const seen = this.app.drawn_news.rooms;
    if (!this.#orders.has(rooms))
      this.#orders.set(rooms, new NewsOrder(rooms, () => this.draw(), news_at, seen));
    return this.#orders.get(rooms);
  }
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
