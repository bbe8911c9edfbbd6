/** A list that grows at its top while somebody reads it: feed items, updates. What comes waits
 *  behind "3 new" unless the reader is at the top; nothing is doubled and paging stays where it was. */
export class Stream {
  #shown = new Map();
  #waiting = new Map();

  constructor(items = [], next = null) {
    this.next = next;
    for (const item of items) this.#shown.set(item.id, item);
  }

  items() {
    return [...this.#shown.values()];
  }

  get waiting() {
    return this.#waiting.size;
  }

  has(id) {
    return this.#shown.has(id) || this.#waiting.has(id);
  }

  /** @param {boolean} at_top whether it may be shown at once
   *  @returns {"shown"|"waiting"|"changed"} */
  arrived(item, at_top) {
    if (this.changed(item)) return "changed";
    if (!at_top) {
      this.#waiting.set(item.id, item);
      return "waiting";
    }
    this.#shown = new Map([[item.id, item], ...this.#shown]);
    return "shown";
  }

  changed(item) {
    for (const held of [this.#shown, this.#waiting]) {
      if (!held.has(item.id)) continue;
      held.set(item.id, { ...held.get(item.id), ...item });
      return true;
    }
    return false;
  }

  removed(id) {
    const shown = this.#shown.delete(id);
    return this.#waiting.delete(id) || shown;
  }

  /** @param {(item: object) => boolean} gone  @returns {boolean} whether any was */
  drop(gone) {
    const held = [...this.#shown.values(), ...this.#waiting.values()];
    return held.filter(gone).map((item) => this.removed(item.id)).length > 0;
  }

  show_waiting() {
    this.#shown = new Map([...[...this.#waiting].reverse(), ...this.#shown]);
    this.#waiting = new Map();
  }

  keep(most) {
    this.#shown = new Map([...this.#shown].slice(0, most));
  }

  /** An older page. */
  append(items, next) {
    for (const item of items) if (!this.has(item.id)) this.#shown.set(item.id, item);
    this.next = next;
  }

  /** A fresh read: keeps what is still true, shows it in the server's order. */
  reset(items, next) {
    this.#shown = new Map(items.map((item) => [item.id, item]));
    this.#waiting = new Map();
    this.next = next;
  }
}
