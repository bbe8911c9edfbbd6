/** Older and newer pages of a room's conversation, read as the reader comes near them. */
import { set_hidden } from "app/helpers/dom.js";
import { show_state } from "app/helpers/rows.js";

const PAGE = 50;
const KEEP = 400;

export class History {
  #room;
  #busy = null;

  /** @param {object} room the room component: its id, timeline, scroll and `draw` */
  constructor(room) {
    this.#room = room;
    room.scroll.source.addEventListener("scroll", () => this.#near(), { passive: true });
    room.element.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (act !== "older" && act !== "newer") return;
      event.preventDefault();
      this.#read(act === "older" ? "before" : "after");
    });
  }

  /** The newest page in place of an older stretch, or of one that could not be brought up to date. */
  async to_latest() {
    const { timeline, app, id, scroll } = this.#room;
    const page = await app.command("chat.history", { room: id, limit: PAGE });
    timeline.reset(page);
    this.#room.away = 0;
    this.#room.draw();
    scroll.to_end();
    this.#room.draw_jump();
  }

  #near() {
    const { timeline, scroll } = this.#room;
    if (timeline.more_before && scroll.near_start()) this.#read("before");
    else if (timeline.more_after && scroll.from_end() < 500) this.#read("after");
  }

  async #read(direction) {
    const { timeline, app, id, scroll, element } = this.#room;
    if (this.#busy) return;
    this.#busy = direction;
    const seq = direction === "before" ? timeline.first_seq : timeline.last_seq;
    try {
      const page = await app.command("chat.history", { room: id, [direction]: seq, limit: PAGE });
      scroll.keep(() => {
        timeline.extend(direction, page);
        timeline.trim(direction === "before" ? "after" : "before", KEEP);
        this.#room.draw();
        set_hidden(element, "[data-error]", true);
      });
    } catch (error) {
      show_state(element, { error });
    }
    this.#busy = null;
  }
}
