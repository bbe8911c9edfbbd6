/** The bell: a link to the notifications that opens the panel where a script runs. */
import { set_count, set_text } from "app/helpers/dom.js";

export default function mount(element, app) {
  const draw = () => {
    const { unseen } = app.notices;
    set_count(element.querySelector("[data-count]"), unseen);
    const sentence = unseen
      ? `Notifications, ${unseen > 99 ? "more than 99" : unseen} new`
      : "Notifications";
    set_text(element, "[data-label]", sentence);
  };
  app.on("notices", draw);
  app.on("panel", (open) => element.setAttribute("aria-expanded", String(open)));
  element.addEventListener("click", (event) => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      document.body.dataset.page === "notifications"
    )
      return;
    event.preventDefault();
    app.emit("panel-toggle", element);
  });
}
