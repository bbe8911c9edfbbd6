/** A profile: what its person says of themselves, as they change it, the button that opens a
 *  conversation, and parts that the server draws anew: one's own notifications as they come and are
 *  read, and what goes with a right to see it. */
import { fill, find, set_hidden, set_title } from "app/helpers/dom.js";
import { open_direct } from "app/components/direct.js";
import { later } from "app/helpers/later.js";
import { refresh_parts } from "app/helpers/parts.js";

const TOLD = ["course.withdrawn"];
const NOTICES = ["notification.created", "notification.read", "notification.withdrawn"];

export default function mount(element, app) {
  const { user: id } = element.dataset;
  app.heard("user.updated", ({ user }, { topic }) => {
    if (topic !== `person:${id}`) return;
    fill(find(element, ".person-head"), user);
    fill(find(element, ".about"), user);
    set_hidden(element, "[data-closed]", !user.closed);
    set_hidden(element, "[data-act=message]", user.closed);
    set_title(user.name);
  });
  const button = element.querySelector("[data-act=message]");
  button?.addEventListener("click", () => open_direct(app, { user: button.dataset.user }, button));
  const refresh = later(() => refresh_parts(app).catch(() => location.reload()), 200);
  const own = element.dataset.user === app.viewer?.id;
  for (const event of own ? [...TOLD, ...NOTICES] : TOLD) app.heard(event, refresh);
  app.on("lost", refresh);
  element.addEventListener("click", (event) => {
    const dot = event.target.closest("[data-act=toggle-read]");
    if (dot) turn(dot.closest("li"), app);
  });
}

/** The push that comes with it draws the dot. */
async function turn(row, app) {
  const act = row.classList.contains("is-unread") ? "read" : "unread";
  try {
    app.notices.count(await app.command(`notification.${act}`, { ids: [row.dataset.id] }));
    app.emit("notices");
  } catch (error) {
    app.toast({ text: error.message, danger: true });
  }
}
