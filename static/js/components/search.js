/** The search box of the bar: recent searches while it is empty, then courses, rooms and people of
 *  the newest keystroke; what moves in them moves while the list is open. */
import { draw_suggestions, redraw_course } from "app/components/suggestions.js";
import { Combobox } from "app/helpers/combobox.js";
import { find } from "app/helpers/dom.js";
import { empty } from "app/helpers/editing.js";
import { settled } from "app/helpers/later.js";
import { Recent } from "app/models/recent.js";
import { MOVES, Search } from "app/models/search.js";
import { safe_storage } from "app/net/env.js";

const SUGGESTIONS = 6;
const SPEAK_AFTER_MS = 700;
const SLOW_MS = 200;
const TIMEOUT_MS = 6_000;
const OFFLINE = "You are offline. Search goes on when the line is back.";
const TOO_SLOW = "Search took too long to answer.";
const CATALOG = "catalog";

export default function mount(element, app) {
  const box = new SearchBox(element, app);
  follow_keys(box);
  follow_pointer(box);
  follow_focus(box);
  follow_line(box);
  app.on("search-focus", () => {
    box.input.focus();
    box.input.select();
  });
}

class SearchBox {
  #closed = true;
  #slow = false;
  #draw_if_slow;

  constructor(element, app) {
    Object.assign(this, { element, app });
    this.input = find(element, "[role=combobox]");
    this.list = find(element, "[role=listbox]");
    this.popup = find(element, "#search-popup");
    this.speech = find(element, "[data-count-speech]");
    this.recent = new Recent(app.viewer?.id, safe_storage());
    this.search = new Search(
      (q, signal) => this.#ask(q, signal),
      () => this.#answered(),
    );
    this.combobox = new Combobox({
      input: this.input,
      popup: this.popup,
      list: this.list,
      pick: (option) => option.click(),
      open_changed: (open) => this.#open_changed(open),
    });
    this.speak = settled(() => this.#say(), SPEAK_AFTER_MS);
    this.#draw_if_slow = settled(() => this.#still_waiting(), SLOW_MS);
  }

  type() {
    this.search.type(this.input.value);
    this.speech.textContent = ""; // the same sentence is heard again only when it comes anew
    this.#closed = false;
    this.draw(null);
    this.#draw_if_slow();
  }

  open() {
    this.#closed = false;
    if (this.input.value.trim()) this.search.type(this.input.value);
    if (this.search.busy) this.#draw_if_slow();
    else this.draw();
  }

  /** @param {string|null} kept the row that stays chosen */
  draw(kept = this.combobox.chosen_id()) {
    const { search, popup, combobox } = this;
    const trouble = this.#trouble();
    keep_height(popup, search.busy && combobox.open && !trouble);
    const how = { trouble, slow: this.#slow };
    const something = draw_suggestions(this.element, this.list, search, this.recent, how);
    combobox.refresh(kept);
    if (this.#closed || document.activeElement !== this.input) combobox.hide();
    else if (something) combobox.show();
    else if (!search.busy) combobox.hide();
  }

  forget(option) {
    this.recent.remove(option.textContent);
    this.draw();
    this.app.speak("Forgotten.");
  }

  #ask(q, signal) {
    const how = { signal, timeout_ms: TIMEOUT_MS };
    return this.app.command("search.suggest", { q, limit: SUGGESTIONS }, how);
  }

  #answered() {
    this.#slow = false;
    this.draw();
    this.speak();
  }

  #still_waiting() {
    this.#slow = this.search.busy;
    if (this.#slow) this.draw();
  }

  /** An answer does not open again what was closed meanwhile. */
  #open_changed(open) {
    this.#closed = !open;
    find(this.element, "[data-key]").textContent = open ? "Esc" : "/";
  }

  #trouble() {
    const { busy, error } = this.search;
    if (!busy && !error) return "";
    if (this.app.offline) return OFFLINE;
    return error?.code === "timeout" ? TOO_SLOW : (error?.message ?? "");
  }

  #say() {
    this.speech.textContent = this.#trouble() || this.search.spoken();
  }
}

function follow_keys(box) {
  const { input, list, recent } = box;
  input.addEventListener("input", () => box.type());
  input.addEventListener("keydown", (event) => {
    const chosen = find(list, "[data-recent][aria-selected=true]");
    if (event.key !== "Delete" || !chosen) return;
    event.preventDefault();
    box.forget(chosen);
  });
  box.element.addEventListener("submit", () => {
    recent.add(input.value);
    box.combobox.hide(); // the page may stay, and show what was found
  });
}

function follow_pointer(box) {
  const { element, input, list, recent, search } = box;
  input.addEventListener("click", () => box.combobox.open || box.open());
  // A press would take the focus from the field, and the list with it, before the click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-forget]");
    if (button) return box.forget(find(button.parentElement, "[data-recent]"));
    if (event.target.closest("[role=option]")) recent.add(search.q);
  });
  find(element, "[data-clear]").addEventListener("click", () => {
    empty(input);
  });
  find(element, "[data-retry]").addEventListener("click", () => {
    input.focus();
    search.retry();
    box.draw();
  });
}

/** The line itself, and what it tells of the courses that are shown. */
function follow_line(box) {
  const { app, search } = box;
  app.session.status.on("line", () => {
    if (!search.busy && !search.error) return;
    box.draw();
    box.speak();
  });
  app.session.on("synced", () => search.error && search.retry());
  for (const event of MOVES) {
    app.heard(event, (data) => {
      const course = search.moved(event, data, app.viewer?.id);
      if (course && box.combobox.open) redraw_course(box.list, course);
    });
  }
}

/** Between a key and its answer the list has gaps, and is as tall as it was. */
function keep_height(popup, keep) {
  if (!keep) popup.style.height = "";
  else popup.style.height ||= `${popup.offsetHeight}px`;
  popup.classList.toggle("is-waiting", keep);
}

/** While the field is in use the page listens to the catalogue: before the first question, so that
 *  nothing between an answer and the listening is missed. */
function follow_focus(box) {
  const { element, app } = box;
  let inside = false;
  element.addEventListener("focusin", () => {
    if (inside) return;
    inside = true;
    app.session.topics.subscribe(CATALOG);
    box.open();
  });
  element.addEventListener("focusout", (event) => {
    if (element.contains(event.relatedTarget)) return;
    inside = false;
    app.session.topics.unsubscribe(CATALOG);
    box.combobox.hide();
  });
}
