/** Older and newer pages of a room's conversation, read as the reader comes near them. */
import { set_hidden } from "app/helpers/dom.js";
import { show_state } from "app/helpers/rows.js";

const KEEP = 400;
const NEAR_PX = 500;

export class History {
  #element;
  #scroll;
  #timeline;
  #view;
  #ask;
  #busy = false;
  #failed = null;

  /**
   * @param {{element: HTMLElement, scroll: import("app/helpers/scroll.js").Scroll,
   *   timeline: import("app/models/timeline.js").Timeline,
   *   view: import("app/components/conversation.js").Conversation,
   *   read: (page: {before?: number, after?: number}) => Promise<object>}} parts
   */
  constructor({ element, scroll, timeline, view, read }) {
    this.#element = element;
    this.#scroll = scroll;
    this.#timeline = timeline;
    this.#view = view;
    this.#ask = read;
    scroll.source.addEventListener("scroll", () => this.#near(), { passive: true });
    element.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (act !== "older" && act !== "newer") return;
      event.preventDefault();
      this.#read(act === "older" ? "before" : "after");
    });
  }

  /** The newest page in place of an older stretch, or of one that could not be brought up to date. */
  async to_latest() {
    this.#timeline.reset(await this.#ask({}));
    this.#view.draw();
    this.#view.to_end();
  }

  /** To the first message after `seq`, read anew where it is not at hand. */
  async to_unread(seq) {
    this.#timeline.divide_after(seq);
    if (this.#timeline.more_before && this.#timeline.first_seq > seq)
      this.#timeline.reset(await this.#ask({ around: seq }));
    this.#view.draw();
    this.#view.to_divider();
  }

  /** The stretch in which a message stands, in place of the one that is shown. */
  async to_stretch_of(seq) {
    if (this.#timeline.holds(seq)) return;
    this.#timeline.reset(await this.#ask({ around: seq }));
    this.#view.draw();
  }

  /** What could not be read is asked for once more. */
  async retry() {
    if (this.#failed) await this.#read(this.#failed);
    else await this.to_end();
  }

  async to_end() {
    if (this.#timeline.more_after || !this.#timeline.last_seq) await this.to_latest();
    else this.#view.to_end();
  }

  #near() {
    const { more_before, more_after } = this.#timeline;
    if (more_before && this.#scroll.near_start(NEAR_PX)) this.#read("before");
    else if (more_after && this.#scroll.from_end() < NEAR_PX) this.#read("after");
  }

  async #read(direction) {
    if (this.#busy) return;
    this.#busy = true;
    this.#failed = null;
    const { first_seq, last_seq } = this.#timeline;
    try {
      const page = await this.#ask({ [direction]: direction === "before" ? first_seq : last_seq });
      this.#scroll.keep(() => {
        this.#timeline.extend(direction, page);
        this.#timeline.trim(direction === "before" ? "after" : "before", KEEP);
        this.#view.draw();
        set_hidden(this.#element, "[data-error]", true);
      });
    } catch (error) {
      this.#failed = direction;
      show_state(this.#element, { error });
    }
    this.#busy = false;
    if (!this.#failed) this.#near();
  }
}
