/** Reading: a message is read when it was really on screen, in a visible page that has the focus. */
import { later } from "app/helpers/later.js";

const LOOK_MS = 400;

export class ReadMarks {
  #scroll;
  #tell;
  #told;
  #look;

  /** @param {{scroll: import("app/helpers/scroll.js").Scroll, read_seq: number|null,
   *    tell: (seq: number) => Promise<unknown>}} parts */
  constructor({ scroll, read_seq, tell }) {
    this.#scroll = scroll;
    this.#tell = tell;
    this.#told = read_seq ?? 0;
    this.#look = later(() => this.#read(), LOOK_MS);
    scroll.source.addEventListener("scroll", () => this.look(), { passive: true });
    addEventListener("focus", () => this.look());
    document.addEventListener("visibilitychange", () => this.look());
  }

  look() {
    this.#look();
  }

  /** Another tab of the same person read further. */
  moved(seq) {
    this.#told = Math.max(this.#told, seq);
  }

  async #read() {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    const row = this.#scroll.last_visible(".message[data-seq]");
    const seq = Number(row?.dataset.seq);
    if (!seq || seq <= this.#told) return;
    const before = this.#told;
    this.#told = seq;
    try {
      await this.#tell(seq);
    } catch {
      this.#told = Math.min(this.#told, before);
    }
  }
}
