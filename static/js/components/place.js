/** Where the reader is in a room, kept with the page's entry in the browser's history: back and
 *  forward lead there, and a reload does where there is no news. At the end there is nothing to keep. */
import { find } from "app/helpers/dom.js";
import { settled } from "app/helpers/later.js";

const KEEP_AFTER_MS = 100;

export class Place {
  #scroll;
  #timeline;
  #history;
  #news;

  /** @param {{scroll: import("app/helpers/scroll.js").Scroll,
   *    timeline: import("app/models/timeline.js").Timeline,
   *    history: import("app/components/history.js").History, news: boolean}} parts
   *    `news`: whether something is unread */
  constructor({ scroll, timeline, history, news }) {
    this.#scroll = scroll;
    this.#timeline = timeline;
    this.#history = history;
    this.#news = news;
  }

  /** From now on: before, the page is not yet where the reader was. */
  begin() {
    const keep = settled(() => this.#keep(), KEEP_AFTER_MS);
    this.#scroll.source.addEventListener("scroll", keep, { passive: true });
    addEventListener("hashchange", keep);
    addEventListener("pagehide", () => this.#keep());
  }

  /** @returns {Promise<boolean>} whether there was a place to go back to */
  async restore() {
    const place = history.state?.room_place;
    if (!place || (this.#news && !came_back())) return false;
    const { list } = this.#scroll;
    list.style.visibility = "hidden";
    try {
      await this.#history.to_stretch_of(place.seq);
    } catch (error) {
      console.warn("the place could not be read", error);
    }
    list.style.visibility = "";
    const row = find(list, `[data-seq="${place.seq}"]`);
    if (row) this.#scroll.place(row, place.offset);
    return Boolean(row);
  }

  #keep() {
    const room_place = this.#now();
    if (same(room_place, history.state?.room_place ?? null)) return;
    history.scrollRestoration = room_place ? "manual" : "auto";
    history.replaceState({ ...history.state, room_place }, "");
  }

  #now() {
    if (this.#scroll.at_end() && !this.#timeline.more_after) return null;
    if (this.#scroll.source === window && !scrollY) return null;
    const row = this.#scroll.first_on_screen(".message[data-seq]");
    return row && { seq: Number(row.dataset.seq), offset: this.#scroll.offset_of(row) };
  }
}

/** Scrolling comes to rest at whole pixels: a place that is gone back to often must not creep. */
const same = (one, other) =>
  one?.seq === other?.seq && !(Math.abs(one?.offset - other?.offset) >= 1);

const came_back = () => performance.getEntriesByType("navigation")[0]?.type === "back_forward";
