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

  /** Changes rows under a reader whose first visible row does not move. */
  keep(change) {
    const anchor = this.#first_visible();
    const top = anchor?.getBoundingClientRect().top;
    change();
    if (!anchor?.isConnected) return;
    const moved = anchor.getBoundingClientRect().top - top;
    if (moved) this.element.scrollTop += moved;
  }

  bounds() {
    if (this.source === window) return { top: 0, bottom: innerHeight };
    return this.element.getBoundingClientRect();
  }

  /** The last row that can be seen; its lower edge may still be below. */
  last_visible(selector) {
    const { top, bottom } = this.bounds();
    return [...this.list.querySelectorAll(selector)].findLast((row) => {
      const box = row.getBoundingClientRect();
      return box.height > 0 && box.top < bottom - 8 && box.bottom > top;
    });
  }

  #first_visible() {
    const { top } = this.bounds();
    return [...this.list.children].find((row) => row.getBoundingClientRect().bottom > top + 1);
  }
}
