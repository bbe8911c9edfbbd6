/** The keyboard of the whole page. What a field or an open dialog understands itself is left to it. */
import { find_all } from "app/helpers/dom.js";

const DRAWERS = new Set(["#side", "#context"]);
const PAIR_MS = 1_200;
const ROWS = "[data-list] > li[data-id]";

export function mount_shortcuts(app) {
  let went_at = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      app.emit("search-focus");
    }
    if (event.ctrlKey || event.metaKey || open_dialog()) return;
    if (event.key === "Escape" && DRAWERS.has(location.hash)) {
      event.preventDefault();
      return close_drawer();
    }
    if (is_writing(event.target)) return;
    const place = Date.now() - went_at < PAIR_MS && place_of(event.key);
    if (place) return location.assign(place);
    went_at = event.key === "g" ? Date.now() : 0;
    act(event, app);
  });
  // A drawer is not always visible when the browser would give it the focus. Where it was, the
  // reader may have walked on in it by now.
  addEventListener("hashchange", () => {
    const drawer = DRAWERS.has(location.hash) && document.querySelector(location.hash);
    if (drawer && !drawer.contains(document.activeElement)) drawer.focus();
  });
}

/** Where "g" and a key lead stands in the list of keys. */
function place_of(key) {
  const line = find_all(document, "#shortcuts [data-after-g]").find(
    ({ dataset }) => dataset.afterG === key,
  );
  return line?.dataset.place;
}

function act(event, app) {
  if (event.key === "/") app.emit("search-focus");
  else if (event.key === "?") document.getElementById("shortcuts")?.showModal();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "Enter" && document.activeElement?.matches(ROWS))
    open_row(document.activeElement);
  else return;
  event.preventDefault();
}

/** Drawers are open while the address names them; the focus goes back to what opened it. */
function close_drawer() {
  const opener = find_all(document, `a[href="${location.hash}"]`).find((link) => link.offsetParent);
  location.hash = "#main";
  opener?.focus();
}

/** Rows take the focus while one walks over them, so that Enter and a screen reader know them. */
function move(step) {
  const rows = find_all(document.querySelector("main"), ROWS).filter((row) => row.offsetParent);
  if (!rows.length) return;
  const now = rows.indexOf(document.activeElement?.closest(ROWS));
  const start = step > 0 ? 0 : rows.length - 1;
  const next = now < 0 ? rows[start] : rows[Math.min(rows.length - 1, Math.max(0, now + step))];
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function open_row(row) {
  row.querySelector("a.row-link, h3 a, .notice-link, a[href]")?.click();
}

const is_writing = (target) =>
  target instanceof Element &&
  target.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

const open_dialog = () => document.querySelector("dialog[open]");
