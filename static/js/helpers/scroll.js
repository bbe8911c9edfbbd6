/** Where the reader is in a scrolling list, and how it stays there to the pixel while rows come and
 *  go. The browser's own anchoring is turned off: two who correct would correct twice. */

const AT_END_PX = 48;

export class Scroll {
  /** @param {HTMLElement} element what scrolls, or the page's root */
  constructor(element, list) {
    this.element = element;
    this.list = list;
    element.style.overflowAnchor = "none";
    const page = element === document.scrollingElement;
    this.source = page ? window : element;
  }

  from_end() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight;
  }

  at_end() {
    return this.from_end() <= AT_END_PX;
  }

  near_start(px = 500) {
    return this.element.scrollTop <= px;
  }

  to_end() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** Who is at the end stays there when what is below the list takes some of its height. */
  hold_end() {
    if (this.source === window) return;
    let held = this.at_end();
    this.element.addEventListener("scroll", () => (held = this.at_end()), { passive: true });
    new ResizeObserver(() => held && this.to_end()).observe(this.element);
  }

  /** Changes rows under a reader whose first visible message does not move. Dividers are no hold:
   *  that of a day goes up when an earlier message of the day comes. */
  keep(change) {
    const seen = this.#on_screen(".message").map((row) => [row, this.offset_of(row)]);
    change();
    const hold = seen.find(([row]) => row.isConnected);
    if (hold) this.place(...hold);
  }

  /** What of the page is the reader's view: not what stands under the bar or the composer. */
  bounds() {
    if (this.source !== window) return this.element.getBoundingClientRect();
    const edge = (selector) => document.querySelector(selector)?.getBoundingClientRect();
    const bottom = Math.min(innerHeight, edge(".thread-foot")?.top ?? innerHeight);
    return { top: edge(".bar")?.bottom ?? 0, bottom };
  }

  /** Rows whose end can be seen: who is there has come to the end of them. */
  ended_on_screen(selector) {
    const { top, bottom } = this.bounds();
    const ends = (row) => row.getBoundingClientRect().bottom;
    return this.#on_screen(selector).filter((row) => ends(row) > top + 8 && ends(row) <= bottom + 8);
  }

  first_on_screen(selector) {
    return this.#on_screen(selector)[0] ?? null;
  }

  /** Puts a row where its upper edge is `offset` below the view's. */
  place(row, offset = 0) {
    const moved = this.offset_of(row) - offset;
    if (moved) this.element.scrollTop += moved;
  }

  offset_of(row) {
    return row.getBoundingClientRect().top - this.bounds().top;
  }

  #on_screen(selector) {
    const { top, bottom } = this.bounds();
    return [...this.list.querySelectorAll(selector)].filter((row) => {
      const box = row.getBoundingClientRect();
      return box.height > 0 && box.bottom > top + 1 && box.top < bottom;
    });
  }
}
