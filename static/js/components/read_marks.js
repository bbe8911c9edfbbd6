/** Reading: a message is read when its end was really on screen, in a visible page that has the
 *  focus. What is read of it goes to the server a moment later. */
import { set_hidden } from "app/helpers/dom.js";
import { later } from "app/helpers/later.js";
import { Reading } from "app/models/reading.js";

const TELL_MS = 400;

/** Whether somebody can be looking at this page. */
export const attended = () => document.visibilityState === "visible" && document.hasFocus();

export class ReadMarks {
  #element;
  #scroll;
  #timeline;
  #reading;
  #tell;
  #told;
  #began = false;
  #looking = false;
  #tell_later = later(() => this.#tell_reached(), TELL_MS);

  /** @param {{element: HTMLElement, scroll: import("app/helpers/scroll.js").Scroll,
   *    timeline: import("app/models/timeline.js").Timeline, mark: number,
   *    tell: (seq: number) => Promise<unknown>}} parts */
  constructor({ element, scroll, timeline, mark, tell }) {
    this.#element = element;
    this.#scroll = scroll;
    this.#timeline = timeline;
    this.#reading = new Reading(timeline.viewer.id, mark);
    this.#tell = tell;
    this.#told = mark;
    scroll.source.addEventListener("scroll", () => this.look(), { passive: true });
    addEventListener("focus", () => this.look());
    document.addEventListener("visibilitychange", () => this.look());
  }

  /** The reader is where the page leads them: from now on what they see is read. */
  begin() {
    this.#began = true;
    this.look();
  }

  /** Looks once the rows stand where they will be seen. */
  look() {
    if (this.#looking || !this.#began) return;
    this.#looking = true;
    requestAnimationFrame(() => {
      this.#looking = false;
      if (attended()) this.#see();
    });
  }

  /** The reader says so, of all that came up to here. */
  async mark_all(seq) {
    await this.#tell(seq);
    this.moved(seq);
  }

  /** Another tab of the same person read further, or they wrote. */
  moved(seq) {
    this.#reading.moved(seq);
    this.#told = Math.max(this.#told, seq);
    this.#draw_skipped();
  }

  /** Up to where all is read. */
  get reached() {
    return this.#reading.reached(this.#timeline);
  }

  #see() {
    const rows = this.#scroll.ended_on_screen(".message[data-seq]");
    this.#reading.saw(rows.map((row) => Number(row.dataset.seq)));
    this.#draw_skipped();
    if (this.reached > this.#told) this.#tell_later();
  }

  /** What stands unread above the screen: by a jump, or since the reader looked away. */
  #draw_skipped() {
    const first = this.#scroll.first_on_screen(".message[data-seq]");
    const skipped = first && this.#reading.skipped(this.#timeline, Number(first.dataset.seq));
    set_hidden(this.#element, "[data-skipped]", !skipped);
  }

  async #tell_reached() {
    const seq = this.reached;
    if (seq <= this.#told) return;
    const before = this.#told;
    this.#told = seq;
    try {
      await this.#tell(seq);
    } catch {
      this.#told = Math.min(this.#told, before);
    }
  }
}
