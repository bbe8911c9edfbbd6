/** The notices of a page, in the panel or as its list, with their two counts: unseen (the badge) and
 *  unread (the dots). */

export class Notices {
  /** @type {Map<string, object>} newest first */
  #notices = new Map();
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
    this.#notices = new Map([
      [notice.id, { seen: false, read: false, ...notice }],
      ...this.#notices,
    ]);
    this.count(counted ? { unseen, unread } : { unseen: this.unseen + 1, unread: this.unread + 1 });
    return true;
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
    return { ids, undo };
  }

  /** `notification.read`, here or in another tab: the person's whole state after it. */
  told({ topics = {}, unseen, unread }) {
    for (const notice of this.#notices.values()) {
      const state = topics[notice.topic];
      if (state) Object.assign(notice, marks_of(notice.seq, state));
    }
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
function marks_of(seq, { seen = 0, read = 0, unread = [], extra = [] }) {
  return { seen: seq <= seen, read: seq <= read ? !unread.includes(seq) : extra.includes(seq) };
}
