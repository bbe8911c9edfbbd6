/** The messages of one room as this page holds them: an unbroken stretch ordered by `seq`, what the
 *  reader has written and is not stored yet, and the rows that these make on the screen. */

/** @typedef {{id: string, seq: number, author: {id: string, name: string, role: string}, body: string, html: string, created_at: string, deleted_at: string|null}} Message */
/** @typedef {{key: string, body: string, reply_to: object|null, created_at: string, state: "sending"|"failed", error: string|null}} Pending */

export class Timeline {
  /** @type {Map<number, Message>} */
  #messages = new Map();
  /** @type {Pending[]} */
  #pending = [];
  #highest = 0;
  #grouped_ms;
  #read_seq;
  /** Messages that came while the page shows an older stretch. */
  newer = 0;

  /** @param {{viewer: object, server: {grouped_ms: number}, messages?: Message[],
   *    more_before?: boolean, more_after?: boolean, read_seq?: number|null}} page
   *    `grouped_ms`: how long messages of one author stand under one name; `read_seq`: how far the
   *    reader had come, where there was anything new */
  constructor({
    viewer,
    server,
    messages = [],
    more_before = false,
    more_after = false,
    read_seq = null,
  }) {
    this.viewer = viewer;
    this.#grouped_ms = server.grouped_ms;
    this.reset({ messages, more_before, more_after });
    this.#read_seq = read_seq;
  }

  /** Another stretch takes the place of this one; what is still to be sent stays. */
  reset({ messages, more_before, more_after }) {
    this.#messages = new Map(messages.map((message) => [message.seq, message]));
    this.more_before = more_before;
    this.more_after = more_after;
    this.newer = 0;
    this.#order();
  }

  get first_seq() {
    return this.messages()[0]?.seq ?? null;
  }

  get last_seq() {
    return this.messages().at(-1)?.seq ?? null;
  }

  holds(seq) {
    return this.#messages.has(seq);
  }

  messages() {
    return [...this.#messages.values()];
  }

  pending() {
    return this.#pending;
  }

  by_id(id) {
    return this.messages().find((message) => message.id === id) ?? null;
  }

  /** @returns {"added"|"changed"|"newer"|"none"} what a stored message did to the page */
  apply(message, key = null) {
    if (this.#messages.has(message.seq)) {
      this.#messages.set(message.seq, message);
      return "changed";
    }
    this.#take_echo(message, key);
    if (message.seq < (this.first_seq ?? 0)) return "none";
    if (this.more_after) {
      if (message.seq > this.#highest) this.newer += 1;
      this.#highest = Math.max(this.#highest, message.seq);
      return "newer";
    }
    this.#messages.set(message.seq, message);
    this.#order();
    return "added";
  }

  add_pending({ key, body, reply_to = null, created_at, error = null }) {
    const state = error ? "failed" : "sending";
    const known = this.#pending.find((entry) => entry.key === key);
    if (known) Object.assign(known, { state, error });
    else this.#pending.push({ key, body, reply_to, created_at, state, error });
  }

  fail(key, error) {
    const entry = this.#pending.find((waiting) => waiting.key === key);
    if (entry) Object.assign(entry, { state: "failed", error });
  }

  drop(key) {
    this.#pending = this.#pending.filter((entry) => entry.key !== key);
  }

  /** The server's answer to what was sent here. */
  confirm(key, message) {
    this.drop(key);
    return this.apply(message, key);
  }

  /** Adds a page of history next to what is there. */
  extend(direction, { messages, more_before, more_after }) {
    for (const message of messages) this.#messages.set(message.seq, message);
    if (direction === "before") this.more_before = more_before;
    else this.more_after = more_after;
    if (!this.more_after) this.newer = 0;
    this.#order();
  }

  /** Lets go of the far end, so that a long day costs no more than a short one. */
  trim(direction, keep) {
    const all = this.messages();
    if (all.length <= keep) return;
    if (direction === "before") this.more_before = true;
    else this.more_after = true;
    const kept = direction === "before" ? all.slice(-keep) : all.slice(0, keep);
    this.#messages = new Map(kept.map((message) => [message.seq, message]));
  }

  /** From here on all is new to the reader, who looked away. */
  divide_after(seq) {
    this.#read_seq = seq;
  }

  /** @param {(iso: string) => string} day_of the reader's day of a time
   *  @returns {{kind: "day"|"new"|"message"|"pending", id: string, message?: object, day?: string, grouped?: boolean}[]} */
  rows(day_of) {
    const rows = [];
    let before = null;
    let head = null;
    const begins_day = (message) => {
      const day = day_of(message.created_at);
      const new_day = !before || day_of(before.created_at) !== day;
      if (new_day) rows.push({ kind: "day", id: `day-${day}`, day: message.created_at });
      before = message;
      return new_day;
    };
    const first_unread = this.#first_unread();
    for (const message of this.messages()) {
      const new_day = begins_day(message);
      const divided = message.seq === first_unread;
      if (divided) rows.push({ kind: "new", id: "new" });
      const grouped = !new_day && !divided && this.#continues(head, message);
      rows.push({ kind: "message", id: message.id, message, grouped });
      if (!grouped) head = message;
    }
    if (this.more_after) return rows;
    for (const entry of this.#pending) {
      const message = { ...entry, author: this.viewer, id: `pending-${entry.key}` };
      const grouped = !begins_day(message) && this.#continues(head, message);
      rows.push({ kind: "pending", id: message.id, message, grouped });
      if (!grouped) head = message;
    }
    return rows;
  }

  /** Its own echo can come before the reply. Without a key in it, the oldest message with the same
   *  text is taken: the reply names the right one a moment later. */
  #take_echo(message, key) {
    if (message.author.id !== this.viewer?.id) return;
    const match = (entry) => (key ? entry.key === key : entry.body.trim() === message.body.trim());
    const index = this.#pending.findIndex((entry) => entry.state === "sending" && match(entry));
    if (index >= 0) this.#pending.splice(index, 1);
  }

  #first_unread() {
    const read_seq = this.#read_seq;
    const above = this.more_before && this.first_seq > read_seq;
    if (read_seq === null || above) return null;
    const unread = (m) => m.seq > read_seq && m.author.id !== this.viewer?.id;
    return this.messages().find(unread)?.seq ?? null;
  }

  /** Whether a message stands under the name of the group's first one. */
  #continues(head, message) {
    if (head.author.id !== message.author.id || message.reply_to) return false;
    return Date.parse(message.created_at) - Date.parse(head.created_at) < this.#grouped_ms;
  }

  #order() {
    const seqs = [...this.#messages.keys()].sort((one, other) => one - other);
    this.#messages = new Map(seqs.map((seq) => [seq, this.#messages.get(seq)]));
    this.#highest = Math.max(this.#highest, seqs.at(-1) ?? 0);
  }
}
