/** The keyboard and the attributes of a combobox with a listbox popup, after the W3C's pattern:
 *  focus stays in the field, the chosen option is named by `aria-activedescendant`. */
import { empty } from "app/helpers/editing.js";

export class Combobox {
  #input;
  #popup;
  #list;
  #chosen = -1;

  /** @param {{input: HTMLInputElement, popup: HTMLElement, list: HTMLElement, pick: (option: HTMLElement, event: Event) => void, open_changed?: (open: boolean) => void}} parts */
  constructor({ input, popup, list, pick, open_changed = () => {} }) {
    this.#input = input;
    this.#popup = popup;
    this.#list = list;
    this.pick = pick;
    this.open_changed = open_changed;
    input.addEventListener("keydown", (event) => this.#key(event));
    list.addEventListener("pointermove", (event) => this.#point(event.target));
  }

  get open() {
    return !this.#popup.hidden;
  }

  options() {
    return [...this.#list.querySelectorAll("[role=option]")];
  }

  show() {
    if (!this.open) this.#set_open(true);
  }

  hide() {
    this.choose(-1);
    if (this.open) this.#set_open(false);
  }

  /** The row of the chosen option, to find it again after the options changed. */
  chosen_id() {
    return this.options()[this.#chosen]?.closest("[data-id]")?.dataset.id ?? null;
  }

  /** New options: each gets an id; the one of row `kept` stays chosen. */
  refresh(kept = null) {
    const options = this.options();
    options.forEach((option, index) => (option.id = `${this.#list.id}-${index}`));
    const again = (option) => kept !== null && option.closest("[data-id]")?.dataset.id === kept;
    this.choose(options.findIndex(again));
  }

  choose(index) {
    const options = this.options();
    this.#chosen = options.length && index >= 0 ? index : -1;
    options.forEach((option, at) =>
      option.setAttribute("aria-selected", String(at === this.#chosen)),
    );
    const option = options[this.#chosen];
    if (option) {
      this.#input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.#input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const count = this.options().length;
    const moves = {
      ArrowDown: () => this.choose((this.#chosen + 1) % count),
      ArrowUp: () => this.choose((this.#chosen <= 0 ? count : this.#chosen) - 1),
      Home: () => this.choose(0),
      End: () => this.choose(count - 1),
    };
    const edits = (event.key === "Home" || event.key === "End") && this.#chosen < 0;
    if (moves[event.key] && count && !event.shiftKey && !edits) {
      event.preventDefault();
      this.show();
      moves[event.key]();
    } else if (event.key === "Enter" && this.open && this.#chosen >= 0) {
      event.preventDefault();
      this.pick(this.options()[this.#chosen], event);
    } else if (event.key === "Escape") this.#escape(event);
    else if (event.key === "Tab") this.hide();
  }

  /** The first Escape closes, the next one clears. */
  #escape(event) {
    if (!this.open && !this.#input.value) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.open) return this.hide();
    empty(this.#input);
  }

  #point(target) {
    const index = this.options().indexOf(target.closest("[role=option]"));
    if (index >= 0 && index !== this.#chosen) this.choose(index);
  }

  #set_open(open) {
    this.#popup.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
    this.open_changed(open);
  }
}
