/** A profile: the button that opens a conversation, and parts that the server draws anew: one's own
 *  notifications as they come and are read, and what goes with a right to see it. */
import { open_direct } from "app/components/direct.js";
import { later } from "app/helpers/later.js";
import { refresh_parts } from "app/helpers/parts.js";

const TOLD = ["course.withdrawn"];
const NOTICES = ["notification.created", "notification.read", "notification.withdrawn"];

export default function mount(element, app) {
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
