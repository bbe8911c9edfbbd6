/** The search box of the bar: recent searches while it is empty, then courses, rooms and people of
 *  the newest keystroke; what moves in them moves while the list is open. */
import { draw_suggestions, redraw_course } from "app/components/suggestions.js";
import { Combobox } from "app/helpers/combobox.js";
import { find } from "app/helpers/dom.js";
import { settled } from "app/helpers/later.js";
import { Recent } from "app/models/recent.js";
import { Search } from "app/models/search.js";
import { safe_storage } from "app/net/env.js";

const SUGGESTIONS = 6;
const SPEAK_AFTER_MS = 700;
const SLOW_MS = 200;
const TIMEOUT_MS = 6_000;
const OFFLINE = "You are offline. Search goes on when the line is back.";
const TOO_SLOW = "Search took too long to answer.";
const CATALOG = "catalog";
const MOVES = "course.seats course.withdrawn enrollment.enrolled enrollment.left".split(" ");

export default function mount(element, app) {
  const input = find(element, "[role=combobox]");
  const list = find(element, "[role=listbox]");
  const recent = new Recent(app.viewer?.id, safe_storage());
  const speak = settled(() => {
    find(element, "[data-count-speech]").textContent = trouble() || search.spoken();
  }, SPEAK_AFTER_MS);
  const search = new Search(
    (q, signal) =>
      app.command("search.suggest", { q, limit: SUGGESTIONS }, { signal, timeout_ms: TIMEOUT_MS }),
    () => {
      draw();
      speak();
    },
  );
  const box = new Combobox({
    input,
    popup: find(element, "#search-popup"),
    list,
    pick: (option) => option.click(),
    open_changed: (open) => (find(element, "[data-key]").textContent = open ? "Esc" : "/"),
  });
  const draw = () => {
    const something = draw_suggestions(element, list, search, recent, trouble());
    box.refresh();
    if (something && document.activeElement === input) box.show();
    else box.hide();
  };
  const draw_if_slow = settled(() => search.busy && draw(), SLOW_MS);
  const trouble = () => {
    if (!search.busy && !search.error) return "";
    if (app.offline) return OFFLINE;
    return search.error?.code === "timeout" ? TOO_SLOW : (search.error?.message ?? "");
  };
  app.session.status.on("line", () => {
    if (!search.busy && !search.error) return;
    draw();
    speak();
  });

  input.addEventListener("input", () => {
    search.type(input.value);
    draw_if_slow();
  });
  const open = () => {
    if (input.value.trim()) search.type(input.value);
    if (search.busy) draw_if_slow();
    else draw();
  };
  input.addEventListener("click", () => box.open || open());
  input.addEventListener("keydown", (event) => {
    const chosen = find(list, "[data-recent][aria-selected=true]");
    if (event.key !== "Delete" || !chosen) return;
    event.preventDefault();
    forget(chosen);
  });
  const forget = (option) => {
    recent.remove(option.textContent);
    draw();
    app.speak("Forgotten.");
  };
  find(element, "[data-retry]").addEventListener("click", () => {
    input.focus();
    search.retry();
  });
  app.session.on("synced", () => search.error && search.retry());
  follow_focus(element, app, { came: open, went: () => box.hide() });
  // A press would take the focus from the field, and the list with it, before the click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-forget]");
    if (button) return forget(find(button.parentElement, "[data-recent]"));
    if (event.target.closest("[role=option]")) recent.add(search.q);
  });
  element.addEventListener("submit", () => recent.add(input.value));
  app.on("search-focus", () => {
    input.focus();
    input.select();
  });
  for (const event of MOVES) {
    app.heard(event, (data) => {
      const course = search.moved(event, data, app.viewer?.id);
      if (course && box.open) redraw_course(list, course);
    });
  }
}

/** While the field is in use the page listens to the catalogue: before the first question, so that
 *  nothing between an answer and the listening is missed. */
function follow_focus(element, app, { came, went }) {
  let inside = false;
  element.addEventListener("focusin", () => {
    if (inside) return;
    inside = true;
    app.session.topics.subscribe(CATALOG);
    came();
  });
  element.addEventListener("focusout", (event) => {
    if (element.contains(event.relatedTarget)) return;
    inside = false;
    app.session.topics.unsubscribe(CATALOG);
    went();
  });
}
