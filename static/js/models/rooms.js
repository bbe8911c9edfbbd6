/** The rooms in the sidebar and their unread counts: the newest `n` less the one that was read. */

/** @typedef {{id: string, course: {id: string}|null, name: string, kind: string, url: string, n: number, read_n: number, mentions: number, news_at: number}} Entry */

export class Rooms {
  /** @type {Map<string, Entry>} */
  #rooms = new Map();

  constructor(viewer_id, rooms = []) {
    this.viewer_id = viewer_id;
    for (const room of rooms) this.put(room);
  }

  get(id) {
    return this.#rooms.get(id) ?? null;
  }

  /** A room as a page or a list gave it: its count is right as of now. */
  put(room) {
    const known = this.#rooms.get(room.id);
    const unread = room.unread ?? (known ? this.unread(room.id) : 0);
    const n = Math.max(room.n ?? known?.n ?? unread, unread);
    const news_at = Math.max(moment(room.last_message?.created_at ?? room.at), known?.news_at ?? 0);
    const mentions = room.mentions ?? known?.mentions ?? 0;
    this.#rooms.set(room.id, { ...known, ...room, n, read_n: n - unread, mentions, news_at });
  }

  unread(id) {
    const room = this.#rooms.get(id);
    return room ? Math.max(0, room.n - room.read_n) : 0;
  }

  unread_of_course(course_id) {
    return this.#sum((room) => room.course?.id === course_id);
  }

  unread_direct() {
    return this.#sum((room) => room.kind === "direct");
  }

  /** A whole list from the server: rooms that are not on it are gone. */
  replace(rooms) {
    const kept = new Set(rooms.map((room) => room.id));
    for (const id of this.#rooms.keys()) if (!kept.has(id)) this.#rooms.delete(id);
    for (const room of rooms) this.put(room);
  }

  /** @returns {{id: string, title: string}[]} in the order in which they came */
  courses() {
    const found = new Map();
    for (const { course } of this.#all()) if (course) found.set(course.id, course);
    return [...found.values()];
  }

  /** A stored message. Without `n` it is one more than before. Posting moves its author's mark. */
  posted({ room: id, author, n = null, at = null }) {
    const room = this.#rooms.get(id);
    if (!room) return false;
    const before = room.n;
    room.n = Math.max(before, n ?? before + 1);
    if (author.id === this.viewer_id) room.read_n = room.n;
    room.news_at = Math.max(room.news_at, moment(at));
    return room.n !== before;
  }

  /** What a course says about a room that this page does not listen to: its newest `n`, and when
   *  and by whom that came. */
  active({ room: id, messages, last_at, by }) {
    const room = this.#rooms.get(id);
    if (!room || messages <= room.n) return false;
    room.n = messages;
    if (by === this.viewer_id) room.read_n = messages;
    room.news_at = Math.max(room.news_at, moment(last_at));
    return true;
  }

  /** A read mark moved, here or in another tab: `n` and `unread` are the server's when given. */
  read({ room: id, n = null, unread = null }) {
    const room = this.#rooms.get(id);
    if (!room) return false;
    if (n !== null && unread !== null) room.n = Math.max(room.n, n + unread);
    room.read_n = n ?? room.n - (unread ?? 0);
    room.mentions = this.unread(id) ? room.mentions : 0;
    return true;
  }

  of_course(course_id) {
    return this.#all().filter((room) => room.course?.id === course_id);
  }

  direct() {
    return this.#all().filter((room) => room.kind === "direct");
  }

  /** Those of a course that stand in the side bar. */
  in_side(course_id) {
    return this.of_course(course_id).filter(({ kind, archived }) => kind !== "thread" && !archived);
  }

  /** When its unread messages came; 0 when there are none. */
  news_at(id) {
    return this.unread(id) ? this.#rooms.get(id).news_at : 0;
  }

  news_at_of_course(course_id) {
    return Math.max(0, ...this.of_course(course_id).map(({ id }) => this.news_at(id)));
  }

  /** The news of each room, and of each course, as they are now. */
  news() {
    const rooms = this.#all().map(({ id }) => [id, this.news_at(id)]);
    const courses = this.courses().map(({ id }) => [id, this.news_at_of_course(id)]);
    return { rooms: new Map(rooms), courses: new Map(courses) };
  }

  #all() {
    return [...this.#rooms.values()];
  }

  #sum(wanted) {
    return this.#all()
      .filter(wanted)
      .reduce((sum, room) => sum + this.unread(room.id), 0);
  }
}

const moment = (iso) => Date.parse(iso ?? "") || 0;
