/** What one does with a room as a whole, beside it or from its menu: close it, open it again, leave
 *  it, own it, take somebody out of it. */
import { draw_room_name } from "app/components/room_name.js";
import { find, find_all, set_hidden, set_text } from "app/helpers/dom.js";

export default function mount(element, app) {
  const acts = {
    archive: (button) => archive(button, app),
    leave: () => leave(app),
    "ask-leave": () => document.getElementById("leave-room").showModal(),
    "take-over": () => take_over(app),
    "remove-member": (button) => remove(button.closest("li"), app),
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    const act = button && acts[button.dataset.act];
    if (!act) return;
    act(button);
  });
  const changed = ({ room }) => {
    if (room.id !== app.state.room.id) return;
    Object.assign(app.state.room, room);
    draw(room);
  };
  app.heard("room.archived", changed);
  app.heard("room.updated", changed);
}

function draw({ archived, name, description }) {
  for (const button of find_all(document, "[data-act=archive]")) {
    button.dataset.archived = String(archived);
    set_text(button, "[data-text]", archived ? "Reopen the room" : "Close the room");
  }
  set_hidden(document, "[data-closed-tag]", !archived);
  set_text(document, "[data-about]", description);
  set_hidden(document, "[data-about-section]", !description);
  draw_room_name(name);
}

async function archive(button, app) {
  const { id: room, name } = app.state.room;
  const archived = button.dataset.archived !== "true";
  const set = (value) => told(app, app.command("room.archive", { room, archived: value }));
  button.closest("dialog")?.close();
  if (!(await set(archived))) return;
  app.toast({
    text: archived ? `${name} is closed.` : `${name} is open again.`,
    undo: () => set(!archived),
  });
}

async function take_over(app) {
  const { id: room } = app.state.room;
  if (await told(app, app.command("room.take_over", { room }))) location.reload();
}

async function leave(app) {
  const { id, course } = app.state.room;
  if (await told(app, app.command("room.leave", { room: id })))
    location.assign(course ? `/courses/${course.id}/rooms` : "/");
}

/** The row goes at once; the focus goes to the next one, or to what adds people. */
async function remove(row, app) {
  const room = app.state.room.id;
  const user = row.dataset.id;
  const name = find(row, ".name").textContent;
  const next = find(row.nextElementSibling ?? row.previousElementSibling, "button, a.name");
  (next ?? find(document, "[data-opens=invite]"))?.focus();
  row.hidden = true;
  if (!(await told(app, app.command("room.remove", { room, user })))) {
    row.hidden = false;
    return;
  }
  app.toast({
    text: `${name} is no longer in the room.`,
    undo: () => told(app, app.command("room.invite", { room, user })),
    undo_s: app.state.server.undo_s,
  });
}

/** @returns {Promise<boolean>} whether it was done; a refusal is told */
async function told(app, done) {
  try {
    await done;
    return true;
  } catch (error) {
    app.toast({ text: error.message, danger: true });
    return false;
  }
}
