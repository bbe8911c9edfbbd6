/** Completion of "@name" in a composer from the people whom the page knows, and whom it chose. */

const AT_MOST = 5;
const MOST_CHOSEN = 20;
const TYPED = /(?:^|\s)@([\p{L}\p{M}\p{N}.'-]{0,30})$/u;

export class Mentions {
  #field;
  #people;
  #list = document.createElement("ul");
  #chosen = 0;
  /** @type {Map<string, string>} the names taken from the list, by id */
  #taken = new Map();

  /** @param {() => {id: string, name: string}[]} people */
  constructor(field, people) {
    this.#field = field;
    this.#people = people;
    Object.assign(this.#list, {
      className: "mention-list",
      hidden: true,
      id: `${field.id}-people`,
    });
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", "People to mention");
    field.before(this.#list);
    field.addEventListener("input", () => this.#draw());
    field.addEventListener("blur", () => this.#hide());
    this.#list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.#take(option);
    });
  }

  /** @returns {boolean} whether the key was meant for the list */
  key(event) {
    if (this.#list.hidden) return false;
    const options = [...this.#list.children];
    if (event.key === "ArrowDown") this.#choose((this.#chosen + 1) % options.length);
    else if (event.key === "ArrowUp") this.#choose((this.#chosen || options.length) - 1);
    else if (event.key === "Enter" || event.key === "Tab")
      this.#take(options[this.#chosen]);
    else if (event.key === "Escape") this.#hide();
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

  #typed() {
    const { value, selectionStart } = this.#field;
    return TYPED.exec(value.slice(0, selectionStart))?.[1] ?? null;
  }

  #draw() {
    const typed = this.#typed()?.toLowerCase();
    const fits = ({ name }) =>
      name
        .toLowerCase()
        .split(/\s+/)
        .some((word) => word.startsWith(typed));
    const people = typed === undefined ? [] : this.#people().filter(fits).slice(0, AT_MOST);
    if (!people.length) return this.#hide();
    this.#list.replaceChildren(...people.map((person, index) => this.#option(person, index)));
    this.#list.hidden = false;
    this.#field.setAttribute("aria-controls", this.#list.id);
    this.#choose(0);
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
    this.#chosen = index;
    [...this.#list.children].forEach((option, at) =>
      option.setAttribute("aria-selected", String(at === index)),
    );
    this.#field.setAttribute("aria-activedescendant", this.#list.children[index].id);
  }

  #take({ dataset: { user, name } }) {
    this.#taken.set(user, name);
    const { selectionStart } = this.#field;
    const start = selectionStart - this.#typed().length;
    this.#field.setRangeText(`${name} `, start, selectionStart, "end");
    this.#hide();
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #hide() {
    this.#list.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
    this.#field.removeAttribute("aria-controls");
  }
}
