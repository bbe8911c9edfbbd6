/** The list of people under the "@name" that somebody writes in a field, and whom they chose of it. */
import { type_over } from "app/helpers/editing.js";
import { settled } from "app/helpers/later.js";
import { Completion } from "app/models/completion.js";

const ASK_AFTER_MS = 100;
const MOST_CHOSEN = 20;
const TYPED = /(?:^|\s)@([\p{L}\p{M}\p{N}.'-]{0,30})$/u;

export class Mentions {
  #field;
  #completion;
  #list = document.createElement("ul");
  #at = 0;
  /** @type {Map<string, string>} the names taken from the list, by id */
  #taken = new Map();

  /** @param {{known: object[], ask: (q: string, signal: AbortSignal) => Promise<object[]>}} people */
  constructor(field, { known, ask }) {
    this.#field = field;
    this.#completion = new Completion(known, ask, () => this.#draw());
    Object.assign(this.#list, {
      className: "mention-list",
      hidden: true,
      id: `${field.id}-people`,
    });
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", "People to mention");
    field.before(this.#list);
    this.#follow(settled(() => this.#completion.ask(), ASK_AFTER_MS));
  }

  /** Those chosen so far, whether or not the text still names them. */
  get chosen() {
    return [...this.#taken].map(([id, name]) => ({ id, name }));
  }

  set chosen(people) {
    this.#taken = new Map(people.map(({ id, name }) => [id, name]));
    this.#close();
  }

  /** @returns {boolean} whether the key was meant for the list */
  key(event) {
    this.#leave();
    if (this.#list.hidden) return false;
    const options = [...this.#list.children];
    if (event.key === "ArrowDown") this.#choose((this.#at + 1) % options.length);
    else if (event.key === "ArrowUp") this.#choose((this.#at || options.length) - 1);
    else if (event.key === "Enter" || event.key === "Tab") this.#take(options[this.#at]);
    else if (event.key === "Escape") this.#close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** The ids of the people chosen whom the text still names; the next text begins without. */
  take_chosen(body) {
    const named = [...this.#taken].filter(([, name]) => body.includes(`@${name}`));
    this.#taken.clear();
    return named.map(([id]) => id).slice(0, MOST_CHOSEN);
  }

  #follow(ask) {
    this.#field.addEventListener("input", () => {
      this.#completion.type(this.#typed());
      this.#draw();
      ask();
    });
    this.#field.addEventListener("blur", () => this.#close());
    document.addEventListener("selectionchange", () => this.#leave());
    this.#list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.#take(option);
    });
  }

  /** The beginning of a name before the caret, or null. */
  #typed() {
    const { value, selectionStart, selectionEnd } = this.#field;
    if (selectionStart !== selectionEnd) return null;
    return TYPED.exec(value.slice(0, selectionStart))?.[1] ?? null;
  }

  /** The list belongs to the word at whose end the caret stands, and to no other place. */
  #leave() {
    if (this.#completion.typed !== this.#typed()) this.#close();
  }

  #draw() {
    const { people } = this.#completion;
    if (!people.length) return this.#hide();
    const chosen = this.#list.hidden ? null : this.#list.children[this.#at].dataset.user;
    this.#list.replaceChildren(...people.map((person, index) => this.#option(person, index)));
    this.#list.hidden = false;
    this.#field.setAttribute("aria-controls", this.#list.id);
    this.#choose(Math.max(0, people.findIndex(({ id }) => id === chosen)));
  }

  #option({ id, name }, index) {
    const option = document.createElement("li");
    Object.assign(option, {
      id: `${this.#list.id}-${index}`,
      textContent: name,
      className: "option",
    });
    option.setAttribute("role", "option");
    Object.assign(option.dataset, { user: id, name });
    return option;
  }

  #choose(index) {
    this.#at = index;
    [...this.#list.children].forEach((option, at) =>
      option.setAttribute("aria-selected", String(at === index)),
    );
    this.#field.setAttribute("aria-activedescendant", this.#list.children[index].id);
  }

  #take({ dataset: { user, name } }) {
    const end = this.#field.selectionStart;
    const start = end - this.#completion.typed.length;
    this.#taken.set(user, name);
    this.#close();
    type_over(this.#field, start, end, `${name} `);
  }

  #close() {
    this.#completion.type(null);
    this.#hide();
  }

  #hide() {
    this.#list.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
    this.#field.removeAttribute("aria-controls");
  }
}
