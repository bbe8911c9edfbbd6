/** The dialog in which an owner adds people of the course to a room. */
import { find, row, set_hidden, set_text } from "app/helpers/dom.js";
import { Combobox } from "app/helpers/combobox.js";
import { empty } from "app/helpers/editing.js";
import { settled } from "app/helpers/later.js";
import { show_state, sync_rows } from "app/helpers/rows.js";
import { Invitees } from "app/models/invitees.js";

const PAGE = 100;
const SHOWN = 50;
const NEAR_END_PX = 240;
const SPEAK_AFTER_MS = 700;
const LOADING_AFTER_MS = 200;

export default function mount(dialog, app) {
  new Invite(dialog, app);
}

class Invite {
  constructor(dialog, app) {
    Object.assign(this, { dialog, app, people: new Invitees() });
    this.room = dialog.dataset.room;
    this.course = dialog.dataset.course;
    this.staff = JSON.parse(dialog.dataset.staff);
    this.input = find(dialog, "[role=combobox]");
    this.list = find(dialog, "[role=listbox]");
    // The dialog's own Escape leaves it: the list has nothing to close.
    this.input.addEventListener("keydown", (event) => this.#escape(event), { capture: true });
    this.box = new Combobox({
      input: this.input,
      popup: this.list,
      list: this.list,
      pick: (option) => this.#add(option.closest("li").dataset.id),
    });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.#add(option.closest("li").dataset.id);
    });
    this.input.addEventListener("input", () => {
      this.shown = SHOWN;
      this.#draw();
    });
    const scroll = find(dialog, ".invite-people");
    scroll.addEventListener("scroll", () => this.#near_end(scroll), { passive: true });
    this.tell = settled((text) => set_text(dialog, "[data-speech]", text), SPEAK_AFTER_MS);
    find(dialog, "[data-retry]").addEventListener("click", () => this.#read());
    for (const button of document.querySelectorAll("[data-opens=invite]"))
      button.addEventListener("click", () => this.#open());
    this.#follow();
  }

  /** Whoever comes near the end, by wheel or by arrow, finds more people below. */
  #near_end({ scrollHeight, scrollTop, clientHeight }) {
    const left = this.people.matching(this.input.value).length > this.shown;
    if (!left || scrollHeight - scrollTop - clientHeight > NEAR_END_PX) return;
    this.shown += SHOWN;
    this.#draw();
  }

  #open() {
    this.input.value = "";
    this.shown = SHOWN;
    this.dialog.showModal();
    this.#read();
  }

  #follow() {
    const moved = (change) => (data) => {
      if (data.room !== this.room) return;
      this.people[change](data.user.id);
      if (this.dialog.open) this.#draw();
    };
    this.app.heard("room.joined", moved("added"));
    this.app.heard("room.left", moved("removed"));
    this.app.session.on("synced", () => {
      if (find(this.dialog, "[data-error]:not([hidden])")) this.#read();
    });
  }

  async #read() {
    const waiting = setTimeout(
      () => show_state(this.dialog, { loading: true }),
      LOADING_AFTER_MS,
    );
    try {
      const [enrolled, inside] = await Promise.all([this.#enrolled(), this.#members()]);
      this.people.load([...this.staff, ...enrolled], inside);
      this.#draw();
    } catch (error) {
      show_state(this.dialog, { error });
    }
    clearTimeout(waiting);
  }

  async #enrolled() {
    const found = await this.#whole("enrollment.list", { course: this.course }, "enrollments");
    return found.map(({ user }) => user);
  }

  async #members() {
    const found = await this.#whole("room.members", { room: this.room }, "members");
    return found.map(({ user }) => user.id);
  }

  async #whole(cmd, args, name) {
    const found = [];
    let before = null;
    do {
      const page = await this.app.command(cmd, { ...args, limit: PAGE, ...(before && { before }) });
      found.push(...page[name]);
      before = page.next;
    } while (before);
    return found;
  }

  #draw() {
    const found = this.people.matching(this.input.value);
    const chosen = this.box.chosen_id();
    sync_rows(this.list, found.slice(0, this.shown), (person, old) => this.#row(person, old));
    this.box.refresh(chosen);
    const everyone = !this.people.anyone;
    show_state(this.dialog, { empty: found.length === 0 });
    set_text(
      this.dialog,
      "[data-empty]",
      everyone ? "Everyone in the course is in this room." : "Nobody in the course has this name.",
    );
    this.box.show();
    this.list.hidden = found.length === 0;
    this.tell(found.length === 1 ? "One person." : `${found.length} people.`);
  }

  #row(person, old) {
    const element = old ?? row("invitee", person);
    const added = this.people.is_added(person.id);
    find(element, "[role=option]").setAttribute("aria-disabled", String(added));
    set_hidden(element, "[data-added]", !added);
    set_hidden(element, "[data-add]", added);
    return element;
  }

  async #add(id) {
    const person = this.people.get(id);
    if (!person || this.people.is_added(id)) return;
    this.people.added(id);
    this.#draw();
    this.#complain("");
    try {
      await this.app.command("room.invite", { room: this.room, user: id });
      this.tell(`${person.name} is in the room.`);
    } catch (error) {
      if (error.code !== "name_taken") this.people.removed(id);
      this.#draw();
      this.#complain(`${person.name}: ${error.message}`);
    }
  }

  #complain(text) {
    const place = find(this.dialog, "[data-form-error]");
    place.textContent = text;
    place.hidden = !text;
  }

  #escape(event) {
    if (event.key !== "Escape") return;
    event.stopImmediatePropagation();
    if (!this.input.value) return;
    event.preventDefault();
    empty(this.input);
  }
}
