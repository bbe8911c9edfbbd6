/** What is new by course: updates that were not read, people who came, unread rooms. The server
 *  draws the same lines in templates/rows/catchup.html. */
import { marks_of } from "app/models/notices.js";

const LINES = 3;
const count_text = (count) => (count > 99 ? "99+" : String(count));

export class CatchUp {
  /** @type {{id: string, course: string, update: object|null, read: boolean}[]} newest first */
  #told = [];
  #kinds = new Map();

  /** @param {Record<string, {updates: object[], enrolled: string[]}>} news by course */
  constructor(viewer_id, news = {}) {
    this.viewer_id = viewer_id;
    for (const [course, { updates, enrolled }] of Object.entries(news)) {
      for (const update of updates) this.#told.push(said(update.notice, course, update));
      for (const notice of enrolled) this.#told.push(said(notice, course, null));
    }
  }

  /** An update came; the notice of it does not say of which kind it is. */
  published({ url, kind }) {
    this.#kinds.set(url, kind);
  }

  /** A notice came. @returns {boolean} whether it is news of a course */
  told({ id, topic, course, url, title, at, actor }) {
    if (!course || actor?.id === this.viewer_id) return false;
    if (this.#told.some((one) => one.id === id)) return false;
    const ident = update_of({ url });
    const came = topic.startsWith("staff:") && url.endsWith("/people");
    if (!ident && !came) return false;
    const kind = this.#kinds.get(url) ?? "announcement";
    const update = ident && { id: ident, url, kind, title, published_at: at };
    this.#told.unshift(said(id, course.id, update));
    return true;
  }

  /** What notices told of is gone, or is not for this reader any more. */
  withdrawn(ids) {
    this.#told = this.#told.filter(({ id }) => !ids.includes(id));
  }

  /** `notification.read`: the person's whole state after it, also where something is unread again. */
  read({ topics = {} }) {
    for (const one of this.#told) {
      const [topic, seq] = one.id.split(/\.(?=\d+$)/);
      if (topics[topic]) one.read = marks_of(Number(seq), topics[topic]).read;
    }
  }

  /** @param {import("app/models/rooms.js").Rooms} rooms
   *  @returns {{id: string, title: string, unread: number, lines: object[]}[]} */
  entries(rooms) {
    const all = rooms.courses().map((course) => this.#entry(course, rooms));
    const with_news = all.filter(({ lines }) => lines.length);
    return with_news.sort((one, other) => Number(other.updated) - Number(one.updated));
  }

  #entry({ id, title }, rooms) {
    const told = this.#told.filter((one) => one.course === id && !one.read);
    const updates = told.filter(({ update }) => update).map(({ update }) => update);
    const unread = rooms.in_side(id).filter((room) => rooms.unread(room.id));
    unread.sort((one, other) => rooms.news_at(other.id) - rooms.news_at(one.id));
    const messages = unread.reduce((sum, room) => sum + rooms.unread(room.id), 0);
    const lines = [
      ...update_lines(id, updates),
      ...room_lines(id, unread, rooms),
      ...people_lines(id, told.length - updates.length),
    ];
    return { id, title, unread: messages + updates.length, updated: updates.length > 0, lines };
  }
}

/** The id of the update that a notice tells of as a whole. */
export const update_of = ({ url }) => /^\/updates\/([0-9a-f]+)$/.exec(url)?.[1] ?? null;

const said = (id, course, update) => ({ id, course, update, read: false });

function update_lines(course, updates) {
  const lines = updates
    .slice(0, LINES)
    .map(({ id, url, kind, title, published_at }) => ({ id, url, kind, text: title, at: published_at }));
  const more = updates.length - LINES;
  const url = `/courses/${course}/updates`;
  const rest = { id: "updates", url, kind: "announcement", text: `${more} more updates` };
  return more > 0 ? [...lines, rest] : lines;
}

function room_lines(course, unread, rooms) {
  const lines = unread.slice(0, LINES).map(({ id, url, name }) => {
    const text = `${count_text(rooms.unread(id))} new in # ${name}`;
    const at = rooms.news_at(id);
    return { id, url, kind: "room", text, at: at ? new Date(at).toISOString() : null };
  });
  const more = unread.length - LINES;
  const url = `/courses/${course}/rooms`;
  const rest = { id: "rooms", url, kind: "room", text: `${more} more rooms with news` };
  return more > 0 ? [...lines, rest] : lines;
}

function people_lines(course, count) {
  const text = `${count_text(count)} ${count === 1 ? "person" : "people"} enrolled`;
  return count ? [{ id: "people", url: `/courses/${course}/people`, kind: "people", text }] : [];
}
