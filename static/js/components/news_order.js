/** Sorts a list by its news, but not under the pointer or the focus: what came meanwhile comes
 *  forward when they have left. */
import { brought_forward, in_shown_order } from "app/models/news.js";

const can_hover = matchMedia("(hover: hover)");

export class NewsOrder {
  #list;
  #news_at;
  #seen;

  /**
   * @param {HTMLElement} list  @param {() => void} redraw
   * @param {(noun: object) => number} news_at when its unread news came, 0 without any
   * @param {Map<string, number>} seen the news as the server drew them
   */
  constructor(list, redraw, news_at, seen) {
    this.#list = list;
    this.#news_at = news_at;
    this.#seen = seen;
    // What has the focus next is known when the event is over.
    for (const left of ["pointerleave", "focusout"])
      list.addEventListener(left, () => setTimeout(redraw));
  }

  arrange(nouns) {
    const shown = [...this.#list.children].map(({ dataset }) => dataset.row ?? dataset.id);
    if (this.#held()) return in_shown_order(shown, nouns);
    const arranged = brought_forward(shown, nouns, this.#news_at, this.#seen);
    for (const noun of nouns) this.#seen.set(noun.id, this.#news_at(noun));
    return arranged;
  }

  #held() {
    const pointed = can_hover.matches && this.#list.matches(":hover");
    return pointed || this.#list.contains(document.activeElement);
  }
}
