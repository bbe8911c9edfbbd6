/** The conversation on the screen: its rows, the reader's place among them, and the button that leads
 *  to the newest. */
import { adopt, draw_messages } from "app/components/message_rows.js";
import { attended } from "app/components/read_marks.js";
import { find, set_hidden, set_text } from "app/helpers/dom.js";

const FAR_PX = 400;
const ABOVE_DIVIDER_PX = 8;

export class Conversation {
  #element;
  #list;
  #scroll;
  #timeline;
  #look;
  #offline;
  #drawn;
  /** Messages of others that came while the reader was away from the end. */
  #away = 0;

  /**
   * @param {{element: HTMLElement, list: HTMLElement, scroll: import("app/helpers/scroll.js").Scroll,
   *   timeline: import("app/models/timeline.js").Timeline,
   *   look: {base: string, viewer_id: string, highlight: number|null}, offline: () => boolean,
   *   drawn: () => void}} parts
   */
  constructor({ element, list, scroll, timeline, look, offline, drawn }) {
    this.#element = element;
    this.#list = list;
    this.#scroll = scroll;
    this.#timeline = timeline;
    this.#look = look;
    this.#offline = offline;
    this.#drawn = drawn;
    scroll.source.addEventListener("scroll", () => this.#draw_jump(), { passive: true });
    addEventListener("resize", () => scroll.at_end() && scroll.to_end());
  }

  /** The server's rows become the script's, and the reader is where they were before (`place`),
   *  or where the address or the news is. */
  async begin(place) {
    adopt(this.#list);
    this.draw();
    if (!(await place.restore())) this.#arrive();
    this.#draw_jump();
    this.#scroll.hold_end();
  }

  draw() {
    const timeline = this.#timeline;
    draw_messages(this.#list, timeline, { ...this.#look, offline: this.#offline() });
    const rows = timeline.messages().length + timeline.pending().length;
    set_hidden(this.#element, "[data-empty]", rows > 0);
    set_hidden(this.#element, "[data-history=older]", !timeline.more_before);
    set_hidden(this.#element, "[data-history=newer]", !timeline.more_after);
    this.#draw_jump();
    this.#drawn();
  }

  /** New rows move only a reader who is at the end, and nobody past what they have not seen. */
  draw_in_place() {
    const at_end = this.#at_end();
    this.#scroll.keep(() => this.draw());
    if (!at_end) return;
    if (attended()) this.#scroll.to_end();
    else this.#to_news();
  }

  to_end() {
    this.#scroll.to_end();
    this.#draw_jump();
  }

  /** To where what is new begins, or as near as its end lets it. */
  to_divider() {
    const divider = find(this.#list, ".new-divider");
    if (divider) this.#scroll.place(divider, ABOVE_DIVIDER_PX);
    this.#draw_jump();
  }

  /** A stored message, one's own echo too. `read_to`: up to where all is read.
   *  @returns {boolean} whether it is news to the reader */
  posted(message, key, read_to) {
    const looked_away = !attended() && read_to >= (this.#timeline.last_seq ?? 0);
    if (looked_away) this.#timeline.divide_after(read_to);
    const change = this.#timeline.apply(message, key);
    if (change === "none") return false;
    const news = change !== "changed" && message.author.id !== this.#look.viewer_id;
    if (news) this.#away += 1;
    this.draw_in_place();
    return news;
  }

  /** Without the right to read there is nothing left to show. */
  clear() {
    this.#timeline.reset({ messages: [], more_before: false, more_after: false });
    this.draw();
    set_hidden(this.#element, "[data-empty]", true);
  }

  #at_end() {
    return this.#scroll.at_end() && !this.#timeline.more_after;
  }

  #draw_jump() {
    const there = this.#at_end();
    if (there && attended()) this.#away = 0;
    const button = find(this.#element, "[data-act=latest]");
    const far = this.#scroll.from_end() > FAR_PX || this.#timeline.more_after;
    button.hidden = there || !(this.#away || far);
    set_text(button, "[data-text]", this.#away ? `${this.#away} new` : "Latest");
  }

  #arrive() {
    const { highlight } = this.#look;
    const row = highlight && find(this.#list, `[data-seq="${highlight}"]`);
    if (row) {
      row.scrollIntoView({ block: "center" });
      row.focus({ preventScroll: true });
    } else if (this.#scroll.source !== window) this.#to_news();
  }

  /** To the end, if what is new fits on the screen. */
  #to_news() {
    this.#scroll.to_end();
    const divider = find(this.#list, ".new-divider");
    if (divider && this.#scroll.offset_of(divider) < 0)
      this.#scroll.place(divider, ABOVE_DIVIDER_PX);
  }
}
