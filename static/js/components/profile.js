/** A profile: the button that opens a conversation, and what of it goes with a right to see it. */
import { open_direct } from "app/components/direct.js";
import { later } from "app/helpers/later.js";
import { refresh_parts } from "app/helpers/parts.js";

export default function mount(element, app) {
  const button = element.querySelector("[data-act=message]");
  button?.addEventListener("click", () => open_direct(app, { user: button.dataset.user }, button));
  const refresh = later(() => refresh_parts(app).catch(() => location.reload()), 100);
  app.on("lost", refresh);
  app.heard("notification.withdrawn", refresh);
  app.heard("course.withdrawn", refresh);
}
