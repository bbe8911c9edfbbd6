/** A list that grows at its top: rows of a Stream, its "3 new" pill, older pages at its end. */
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
    element.addEventListener("click", (event) => this.#click(event));
  }

  draw() {
    sync_rows(this.list, this.stream.items(), (noun, old) => this.#row(noun, old));
    show_state(this.element, { empty: this.stream.items().length === 0 });
    const pill = find(this.element, "[data-act=show-new]");
    if (pill) {
      pill.hidden = this.stream.waiting === 0;
      set_text(pill, "[data-text=text]", `${this.stream.waiting} new`);
    }
    const more = find(this.element, "[data-act=more]");
    if (more) more.hidden = !this.stream.next;
  }

  /** @param {boolean} [own] what the reader made shows at once */
  arrived(noun, own = false) {
    const top = this.list.getBoundingClientRect().top;
    this.stream.arrived(noun, own || (top > NEAR_TOP_PX && scrollY < NEAR_TOP_PX));
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
    else if (act === "more") this.#older(event.target.closest("button"));
    else if (event.target.closest("[data-retry]")) this.#retry();
  }

  #show_new() {
    this.stream.show_waiting();
    this.draw();
    this.list.firstElementChild?.scrollIntoView({ block: "center" });
  }

  async #older(button) {
    button.disabled = true;
    try {
      const { items, next } = await this.read(this.stream.next);
      this.stream.append(items, next);
      this.draw();
    } catch (error) {
      show_state(this.element, { error });
    }
    button.disabled = false;
  }

  async #retry() {
    try {
      await (this.stream.items().length
        ? this.#older(find(this.element, "[data-act=more]"))
        : this.again());
    } catch (error) {
      show_state(this.element, { error });
    }
  }
}
