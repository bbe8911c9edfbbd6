/** Reading: a message is read when it was really on screen, in a visible page that has the focus. */
import { later } from "app/helpers/later.js";

const LOOK_MS = 400;

export class ReadMarks {
  #app;
  #room;
  #scroll;
  #told;
  #look;

  /** @param {import("app/helpers/scroll.js").Scroll} scroll  @param {number} read_seq */
  constructor(app, room, scroll, read_seq) {
    this.#app = app;
    this.#room = room;
    this.#scroll = scroll;
    this.#told = read_seq ?? 0;
    this.#look = later(() => this.#tell(), LOOK_MS);
    for (const name of ["scroll", "focus"]) {
      (name === "focus" ? window : scroll.source).addEventListener(name, () => this.look(), {
        passive: true,
      });
    }
    document.addEventListener("visibilitychange", () => this.look());
  }

  look() {
    this.#look();
  }

  /** Another tab of the same person read further. */
  moved(seq) {
    this.#told = Math.max(this.#told, seq);
  }

  async #tell() {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    const row = this.#scroll.last_visible(".message[data-seq]");
    const seq = Number(row?.dataset.seq);
    if (!seq || seq <= this.#told) return;
    const before = this.#told;
    this.#told = seq;
    try {
      await this.#app.command("chat.read", { room: this.#room, seq });
    } catch {
      this.#told = Math.min(this.#told, before);
    }
  }
}
