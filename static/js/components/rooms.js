/** The rooms of a course: browsing, joining, and what changes in them while one looks. */
import { More } from "app/components/more.js";
import { NewsOrder } from "app/components/news_order.js";
import { find, find_all, row, set_count, set_hidden, set_text } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";
import { later } from "app/helpers/later.js";
import { show_state, sync_rows } from "app/helpers/rows.js";

const LEAST = 50;
const STRUCTURE = [
  "room.created",
  "room.updated",
  "room.archived",
  "room.joined",
  "room.left",
  "room.moderated",
];

export default function mount(element, app) {
  const { course } = element.dataset;
  const list = find(element, "[data-list=rooms]");
  if (list) {
    const rooms = new RoomList(element, list, course, app);
    const again = later(() => rooms.read(), 100);
    for (const event of STRUCTURE) app.heard(event, again);
    app.heard("notification.created", ({ notice }) => notice.category === "rooms" && again());
    app.on("rooms", () => rooms.draw());
    app.recovers(
      (topic) => topic === `course:${course}`,
      () => rooms.read(),
    );
  }
  for (const button of find_all(element, "[data-opens]")) {
    button.addEventListener("click", () =>
      document.getElementById(button.dataset.opens)?.showModal(),
    );
  }
}

class RoomList {
  constructor(element, list, course, app) {
    Object.assign(this, { element, list, course, app });
    this.rooms = app.state.rooms ?? [];
    const news_at = ({ id }) => app.rooms.news_at(id);
    this.order = new NewsOrder(list, () => this.draw(), news_at, new Map(app.drawn_news.rooms));
    this.next = app.state.next ?? null;
    this.more = new More(find(element, "[data-act=more]"), {
      left: () => this.next,
      read: () => this.#read_more(),
      failed: (error) => show_state(element, { error }),
    });
    element.addEventListener("click", (event) => this.#click(event));
  }

  async read() {
    try {
      const limit = Math.min(1000, Math.max(LEAST, this.rooms.length + 1));
      const { rooms, next } = await this.app.command("room.list", { course: this.course, limit });
      this.rooms = rooms;
      this.next = next;
      this.draw();
      this.more.draw();
    } catch (error) {
      show_state(this.element, { error });
    }
  }

  async #read_more() {
    const known = new Set(this.rooms.map((room) => room.id));
    const asked = { course: this.course, before: this.next, limit: LEAST };
    const { rooms, next } = await this.app.command("room.list", asked);
    const fresh = rooms.filter((room) => !known.has(room.id));
    this.rooms = [...this.rooms, ...fresh];
    this.next = next;
    this.draw();
    return fresh.length ? find(this.list, `[data-id="${fresh[0].id}"]`) : null;
  }

  draw() {
    const rooms = this.order.arrange(this.rooms);
    sync_rows(this.list, rooms, (room, old) => this.#row(room, old));
    show_state(this.element, { empty: this.rooms.length === 0 });
  }

  #row(room, old) {
    const element = old ?? row("room", room);
    element.dataset.room = room.id;
    const unread = this.app.rooms.get(room.id)
      ? this.app.rooms.unread(room.id)
      : (room.unread ?? 0);
    for (const name of find_all(element, "[data-text=name]")) name.textContent = room.name;
    set_text(element, "[data-text=description]", room.description);
    set_text(element, "[data-text=members]", String(room.members));
    set_hidden(element, "[data-show=description]", !room.description);
    set_hidden(element, "[data-show=archived]", !room.archived);
    set_count(find(element, "[data-count=unread]"), room.joined ? unread : 0);
    element.classList.toggle("is-unread", room.joined && unread > 0);
    element.classList.toggle("is-archived", room.archived);
    const joinable = this.app.state.server.joinable.includes(room.kind);
    const closed = room.joined || room.archived || !joinable;
    const button = find(element, "[data-act=join]");
    for (const act of find_all(element, "[data-act]")) act.dataset.room = room.id;
    keep_focus(
      () => {
        button.hidden = closed;
        set_hidden(element, "[data-show=take_over]", !room.take_over);
        set_hidden(element, "[data-open]", !room.joined);
      },
      find(element, "[data-open]"),
      button,
    );
    return element;
  }

  async #click(event) {
    if (event.target.closest("[data-retry]")) return this.read();
    const taking = event.target.closest("[data-act=take-over]");
    if (taking) return this.#take_over(taking.dataset.room);
    const button = event.target.closest("[data-act=join]");
    if (!button) return;
    const room = this.rooms.find((one) => one.id === button.dataset.room);
    this.#joined(room, true);
    try {
      await this.app.command("room.join", { room: room.id });
      this.app.reread_rooms();
    } catch (error) {
      this.#joined(room, false);
      this.app.toast({ text: error.message, danger: true });
    }
  }

  async #take_over(room) {
    try {
      await this.app.command("room.take_over", { room });
      this.app.reread_rooms();
    } catch (error) {
      this.app.toast({ text: error.message, danger: true });
    }
    await this.read();
  }

  #joined(room, joined) {
    room.joined = joined;
    room.members += joined ? 1 : -1;
    this.draw();
  }
}
