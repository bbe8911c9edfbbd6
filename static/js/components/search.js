/** The search box of the bar: suggestions of the newest keystroke, and one's own rooms by name. */
import { Combobox } from "app/helpers/combobox.js";
import { find, row, set_hidden } from "app/helpers/dom.js";
import { settled } from "app/helpers/later.js";
import { Search } from "app/models/search.js";
import { draw_seats } from "app/components/seats.js";

const SUGGESTIONS = 6;
const ROOMS = 3;
const SPEAK_AFTER_MS = 700;
const TIMEOUT_MS = 6_000;

export default function mount(element, app) {
  const input = find(element, "[role=combobox]");
  const list = find(element, "[role=listbox]");
  const speak = settled(() => {
    find(element, "[data-count-speech]").textContent = search.spoken();
  }, SPEAK_AFTER_MS);
  const search = new Search(
    (q, signal) =>
      app.command("search.suggest", { q, limit: SUGGESTIONS }, { signal, timeout_ms: TIMEOUT_MS }),
    () => {
      draw(element, list, search, box, app);
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
  input.addEventListener("input", () => search.type(input.value));
  input.addEventListener("focus", () => search.answer && box.show());
  find(element, "[data-retry]").addEventListener("click", () => search.retry());
  app.session.on("synced", () => search.error && search.retry());
  element.addEventListener("focusout", (event) => {
    if (!element.contains(event.relatedTarget)) box.hide();
  });
  // A press would take the focus from the field, and the list with it, before the click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  app.on("search-focus", () => {
    input.focus();
    input.select();
  });
  app.heard("course.seats", (seats) => update_seats(list, search, seats));
}

function draw(element, list, search, box, app) {
  const { answer, error, q } = search;
  if (!answer && !error) {
    list.replaceChildren();
    return box.hide();
  }
  const hits = answer?.hits ?? [];
  const rooms = q ? rooms_named(app, q) : [];
  list.replaceChildren(
    ...hits.map((hit) =>
      draw_seats(row("hit", hit), { ...hit, viewer: { enrolled: hit.viewer_enrolled } }),
    ),
    ...(rooms.length ? [row("hit-head", {})] : []),
    ...rooms.map((room) => row("hit-room", room)),
  );
  set_hidden(element, "[data-error]", !error);
  set_hidden(element, "[data-empty]", Boolean(error) || hits.length + rooms.length > 0);
  set_hidden(element, "[data-reduced]", !answer?.reduced);
  if (error) find(element, "[data-error-text]").textContent = error.message;
  draw_all_link(find(element, "[data-all]"), answer, q);
  box.refresh();
  if (document.activeElement === find(element, "input")) box.show();
}

function draw_all_link(link, answer, q) {
  link.hidden = !answer?.total;
  if (!answer) return;
  link.href = `/courses?q=${encodeURIComponent(q)}`;
  const courses = answer.total === 1 ? "The one course" : `All ${answer.total} courses`;
  link.textContent = `${courses} for “${q}”`;
}

function rooms_named(app, q) {
  const wanted = q.toLowerCase();
  return app.rooms
    .with_news_first()
    .filter((room) => room.name?.toLowerCase().includes(wanted))
    .slice(0, ROOMS);
}

function update_seats(list, search, { course, enrolled, seats_left }) {
  const hit = search.answer?.hits.find((one) => one.id === course);
  if (!hit) return;
  Object.assign(hit, { enrolled, seats_left });
  const option = find(list, `[data-id="${course}"]`);
  if (option) draw_seats(option, { ...hit, viewer: { enrolled: hit.viewer_enrolled } });
}
