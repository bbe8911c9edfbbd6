/** Rows of a conversation: messages, day dividers and the "new" divider. */
import { fill, find, row, set_text } from "app/helpers/dom.js";
import { sync_rows } from "app/helpers/rows.js";
import { day_key, day_name } from "app/helpers/time.js";

/** What each row shows, so that an unchanged one is left alone. */
const shown = new WeakMap();

/** @param {import("app/models/timeline.js").Timeline} timeline
 *  @param {{base: string, viewer_id: string, highlight: number|null, offline: boolean}} look */
export function draw_messages(list, timeline, look) {
  sync_rows(list, timeline.rows(day_key), (wanted, old) => draw(wanted, old, look));
}

/** The server's dividers carry no ids: they are drawn anew in place. */
export function adopt(list) {
  for (const divider of list.querySelectorAll(".day, .new-divider")) divider.remove();
}

function draw(wanted, old, look) {
  if (wanted.kind === "day") {
    const element = old ?? row("day", {});
    set_text(element, "[data-text=label]", day_name(wanted.day));
    element.dataset.day = wanted.day.slice(0, 10);
    return element;
  }
  if (wanted.kind === "new") return old ?? row("new", {});
  return draw_message(wanted, old, look);
}

function draw_message({ kind, message, grouped }, old, look) {
  const element = old ?? row("message", {});
  const before = shown.get(element);
  const same =
    before?.message === message && before.grouped === grouped && before.state === message.state;
  if (same) return element;
  shown.set(element, { message, grouped, state: message.state });
  if (kind === "pending") return draw_pending(element, message, grouped, look.offline);
  const { id, seq, author } = message;
  fill(element, message);
  element.id = `m${seq}`;
  Object.assign(element.dataset, { id, seq, state: "sent" });
  element.classList.toggle("is-grouped", grouped);
  element.classList.toggle("is-mine", author.id === look.viewer_id);
  element.classList.toggle("is-deleted", Boolean(message.deleted_at));
  element.classList.toggle("is-highlighted", seq === look.highlight);
  find(element, ".permalink").href = `${look.base}/${seq}`;
  if (message.reply_to)
    find(element, "[data-permalink-reply]").href = `${look.base}/${message.reply_to.seq}`;
  set_text(element, "[data-state-text]", "");
  return element;
}

/** What is not stored yet has no rendering: it shows as it was typed. */
function draw_pending(element, message, grouped, offline) {
  fill(element, { ...message, html: "", deleted_at: null, edited_at: null });
  find(element, ".message-text").textContent = message.body;
  Object.assign(element.dataset, { key: message.key, state: message.state });
  element.classList.add("is-mine");
  element.classList.toggle("is-grouped", grouped);
  set_text(element, "[data-state-text]", words_of(message, offline));
  return element;
}

function words_of({ state, error }, offline) {
  if (state === "failed") return `not sent: ${error}`;
  return offline ? "waiting; it is sent when the line is back" : "sending…";
}
