/** The notices of a page, in the panel or as its list, with their two counts: unseen (the badge) and
 *  unread (the dots). */

const PAGE = 20;
const MOST = 100;

export class Notices {
  /** @type {Map<string, object>} newest first */
  #notices = new Map();
  /** The person's state by topic, once it was told. */
  #state = {};
  loaded = false;
  next = null;
  category = "";
  unread_only = false;

  constructor(viewer_id, { unseen = 0, unread = 0 } = {}) {
    this.viewer_id = viewer_id;
    this.unseen = unseen;
    this.unread = unread;
  }

  /** Which of them are shown, until another choice. */
  choose({ category, unread_only = false }) {
    this.category = category ?? "";
    this.unread_only = unread_only;
  }

  /** What to ask the server for: the first page of those that are shown, or the `older` ones. */
  request(older = false) {
    return {
      ...(this.category && { category: this.category }),
      ...(this.unread_only && { unread: true }),
      ...(older && { before: this.next }),
    };
  }

  /** What to ask for to have what is there anew, as much of it as one answer takes. */
  request_again() {
    return { ...this.request(), limit: Math.max(PAGE, Math.min(this.#notices.size, MOST)) };
  }

  list() {
    return [...this.#notices.values()].filter((notice) => this.#shown(notice));
  }

  get(id) {
    return this.#notices.get(id) ?? null;
  }

  /** The first page of a list: replaces what was there. */
  load({ notices, unseen, unread, next = null }) {
    this.#notices = new Map(notices.map((notice) => [notice.id, notice]));
    this.loaded = true;
    this.next = next;
    this.count({ unseen, unread });
  }

  append({ notices, next = null }) {
    for (const notice of notices)
      if (!this.#notices.has(notice.id)) this.#notices.set(notice.id, notice);
    this.next = next;
  }

  /** Replies and events may tell one count, both or none. */
  count({ unseen = this.unseen, unread = this.unread }) {
    this.unseen = unseen ?? this.unseen;
    this.unread = unread ?? this.unread;
  }

  /** A notice of a course comes to everyone there without counts: each counts for itself, and
   *  nobody is told of what they did themselves. @returns {boolean} whether it is new here */
  created({ notice, unseen, unread }) {
    const counted = unseen !== undefined || unread !== undefined;
    if (!counted && notice.actor?.id === this.viewer_id) return false;
    if (this.#notices.has(notice.id)) return false;
    // What was missed may have been read in another tab meanwhile.
    const marks = marks_of(notice.seq, this.#state[notice.topic] ?? {});
    this.#notices = new Map([[notice.id, { ...notice, ...marks }], ...this.#notices]);
    const more = { unseen: this.unseen + !marks.seen, unread: this.unread + !marks.read };
    this.count(counted ? { unseen, unread } : more);
    return true;
  }

  /** These are gone. @returns {boolean} whether the counts are right then: on a topic of many they
   *  come without, and what is not held here may have been new or not */
  withdrawn({ ids, unseen, unread }) {
    const held = ids.filter((id) => this.#notices.has(id));
    const gone = held.map((id) => this.#notices.get(id));
    for (const id of held) this.#notices.delete(id);
    if (unseen !== undefined) {
      this.count({ unseen, unread });
      return true;
    }
    const less = (field) => gone.filter((notice) => !notice[field]).length;
    this.count({
      unseen: Math.max(0, this.unseen - less("seen")),
      unread: Math.max(0, this.unread - less("read")),
    });
    return held.length === ids.length;
  }

  /** The reader may not hear this topic any more. */
  lost(topic) {
    for (const [id, notice] of this.#notices) if (notice.topic === topic) this.#notices.delete(id);
  }

  see_all() {
    this.unseen = 0;
    this.#each(() => true, { seen: true });
  }

  /** Marks at once; the returned function takes it back. */
  mark(ids, read) {
    const before = { unread: this.unread, read: new Map() };
    for (const id of ids) {
      const notice = this.#notices.get(id);
      if (!notice || notice.read === read) continue;
      before.read.set(id, notice.read);
      notice.read = read;
      this.unread = Math.max(0, this.unread + (read ? -1 : 1));
    }
    return () => this.#take_back(before);
  }

  mark_all(category = "") {
    const wanted = (notice) => !category || notice.category === category;
    const ids = [...this.#notices.values()].filter(wanted).map((notice) => notice.id);
    const undo = this.mark(ids, true);
    if (!category) this.unread = 0;
    return undo;
  }

  /** `notification.read`, here or in another tab: the person's whole state after it. */
  told({ topics = {}, unseen, unread }) {
    this.#state = topics;
    for (const notice of this.#notices.values())
      Object.assign(notice, marks_of(notice.seq, topics[notice.topic] ?? {}));
    this.count({ unseen, unread });
  }

  #each(wanted, fields) {
    for (const notice of this.#notices.values()) if (wanted(notice)) Object.assign(notice, fields);
  }

  #take_back({ unread, read }) {
    for (const [id, value] of read) {
      const notice = this.#notices.get(id);
      if (notice) notice.read = value;
    }
    this.unread = unread;
  }

  #shown(notice) {
    if (this.unread_only && notice.read) return false;
    return !this.category || notice.category === this.category;
  }
}

/** Notices at or below `read` are read but for the exceptions; above it only the extra ones are. */
export function marks_of(seq, { seen = 0, read = 0, unread = [], extra = [] }) {
  return { seen: seq <= seen, read: seq <= read ? !unread.includes(seq) : extra.includes(seq) };
}
