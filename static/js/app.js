/** What the components of a page share: the session, the models of the shell, and a few voices. */
import { Emitter } from "app/net/emitter.js";
import { Notices } from "app/models/notices.js";
import { Rooms } from "app/models/rooms.js";
import { later } from "app/helpers/later.js";

const RELOAD_MARK = "elearn.reloaded";
const RELOAD_AGAIN_MS = 60_000;

export class App extends Emitter {
  #recoveries = [];
  /** Else those of its side bar alone. */
  knows_all_rooms = false;

  constructor(state, session) {
    super();
    this.state = state;
    this.session = session;
    this.viewer = state.viewer ?? null;
    const shell = state.shell ?? {};
    this.rooms = new Rooms(this.viewer?.id, rooms_of(shell));
    /** What the lists of the page were sorted by when they were drawn. */
    this.drawn_news = this.rooms.news();
    this.notices = new Notices(this.viewer?.id, {
      unseen: shell.unseen,
      unread: shell.unread_notices,
    });
    this.direct_unread = shell.messages_unread ?? 0;
    this.reread_rooms = later(() => this.#reread_rooms(), 150);
    this.reread_notices = later(() => this.read_notices().catch(this.#unread), 150);
    session.topics.on("reload", ({ topic }) => this.#recover(topic));
  }

  command(cmd, args, options) {
    return this.session.command(cmd, args, options);
  }

  /** The browser may know it before the line does. */
  get offline() {
    return this.session.status.line.state === "offline" || !navigator.onLine;
  }

  /** A listener for events of topics. */
  heard(event, listener) {
    return this.session.topics.on(event, listener);
  }

  /** @param {{text: string, danger?: boolean, undo?: () => void, undo_s?: number}} toast
   *    `undo_s`: how long it can be undone, where that ends */
  toast(toast) {
    this.emit("toast", toast);
  }

  speak(text) {
    const region = document.getElementById("speech");
    if (region) region.textContent = text;
  }

  /** Counts moved. A page knows the rooms of its sidebar; direct ones only after the whole list. */
  recount() {
    if (this.knows_all_rooms) this.direct_unread = this.rooms.unread_direct();
    this.emit("rooms");
  }

  /** @param {(topic: string) => boolean} wanted  @param {() => Promise<unknown>} read_again */
  recovers(wanted, read_again) {
    this.#recoveries.push({ wanted, read_again });
  }

  /** The log could not fill a gap: those who show the topic read it again; the page is loaded anew
   *  when that fails too, and not twice in a row. */
  async #recover(topic) {
    const chosen = this.#recoveries.filter(({ wanted }) => wanted(topic));
    try {
      await Promise.all(chosen.map(({ read_again }) => read_again()));
      if (chosen.length) return;
    } catch (error) {
      console.warn(`could not read ${topic} again`, error);
    }
    const last = Number(sessionStorage.getItem(RELOAD_MARK) ?? 0);
    if (Date.now() - last < RELOAD_AGAIN_MS) return;
    sessionStorage.setItem(RELOAD_MARK, String(Date.now()));
    location.reload();
  }

  /** What is there of the notices anew, and their counts. */
  async read_notices() {
    const page = await this.command("notification.list", this.notices.request_again());
    this.notices.load(page);
    this.emit("notices");
  }

  #unread = (error) => console.warn("notices could not be read", error);

  async #whole_list() {
    const found = [];
    let before = null;
    do {
      const { rooms, next } = await this.command("room.list", before ? { before } : {});
      found.push(...rooms);
      before = next;
    } while (before);
    return found;
  }

  async #reread_rooms() {
    try {
      this.rooms.replace(await this.#whole_list());
      this.knows_all_rooms = true;
      this.recount();
    } catch (error) {
      console.warn("rooms could not be read", error);
    }
  }
}

function rooms_of({ courses = [] }) {
  return courses.flatMap(({ id, title, rooms = [] }) =>
    rooms.map((room) => ({ ...room, course: { id, title } })),
  );
}
