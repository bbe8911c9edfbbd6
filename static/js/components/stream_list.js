/** A list that grows at its top: rows of a Stream, its "3 new" pill, older pages at its end. */
import { More } from "app/components/more.js";
import { find, row, set_text } from "app/helpers/dom.js";
import { show_state, sync_rows } from "app/helpers/rows.js";

const NEAR_TOP_PX = 120;

export class StreamList {
  /**
   * @param {{element: HTMLElement, list: HTMLElement, stream: import("app/models/stream.js").Stream,
   *   template: string, read?: (before: unknown) => Promise<{items: object[], next: unknown}>}} parts
   */
  constructor({ element, list, stream, template, read }) {
    Object.assign(this, { element, list, stream, template, read });
    this.more = new More(find(element, "[data-act=more]"), {
      left: () => stream.next,
      read: () => this.#older(),
      failed: (error) => show_state(element, { error }),
    });
    element.addEventListener("click", (event) => this.#click(event));
  }

  draw() {
    this.#draw_rows();
    this.more.draw();
  }

  #draw_rows() {
    const items = this.stream.items();
    sync_rows(this.list, items, (noun, old) => this.#row(noun, old));
    show_state(this.element, { empty: items.length === 0 && !this.stream.next });
    const pill = find(this.element, "[data-act=show-new]");
    if (pill) {
      pill.hidden = this.stream.waiting === 0;
      set_text(pill, "[data-text=text]", `${this.stream.waiting} new`);
    }
  }

  /** @param {boolean} [own] what the reader made shows at once */
  arrived(noun, own = false) {
    const top = this.list.getBoundingClientRect().top;
    this.stream.arrived(noun, own || (top > NEAR_TOP_PX && scrollY < NEAR_TOP_PX));
    this.draw();
  }

  /** The first ones alone. */
  keep(most) {
    this.stream.keep(most);
    this.draw();
  }

  changed(noun) {
    if (this.stream.changed(noun)) this.draw();
  }

  removed(id) {
    if (this.stream.removed(id)) this.draw();
  }

  /** @param {(noun: object) => boolean} gone */
  drop(gone) {
    if (this.stream.drop(gone)) this.draw();
  }

  /** Everything anew, after a gap that could not be filled. */
  async again() {
    const { items, next } = await this.read(null);
    this.stream.reset(items, next);
    this.draw();
  }

  /** Nouns replace each other as wholes: a row is drawn again only for another noun. */
  #row(noun, old) {
    if (old && (this.#drawn.get(old) === noun || !this.#drawn.has(old))) {
      this.#drawn.set(old, noun);
      return old;
    }
    const element = row(this.template, noun);
    this.#drawn.set(element, noun);
    return element;
  }

  #drawn = new WeakMap();

  #click(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "show-new") this.#show_new();
    else if (event.target.closest("[data-retry]")) this.#retry();
  }

  #show_new() {
    this.stream.show_waiting();
    this.draw();
    this.list.firstElementChild?.scrollIntoView({ block: "center" });
  }

  async #older() {
    const last = this.list.lastElementChild;
    const { items, next } = await this.read(this.stream.next);
    this.stream.append(items, next);
    this.#draw_rows();
    return last ? last.nextElementSibling : this.list.firstElementChild;
  }

  async #retry() {
    try {
      await (this.stream.items().length ? this.more.go_on() : this.again());
    } catch (error) {
      show_state(this.element, { error });
    }
  }
}
