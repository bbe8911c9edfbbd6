/** The notifications panel under the bell. */
import { NoticeList } from "app/components/notice_list.js";
import { find } from "app/helpers/dom.js";

export default function mount(element, app) {
  const list = new NoticeList(element, app, app.notices);
  let opener = null;

  const close = (give_back = false) => {
    if (element.hidden) return;
    element.hidden = true;
    app.emit("panel", false);
    if (give_back) opener?.focus();
  };

  const open = (by) => {
    opener = by;
    element.hidden = false;
    app.emit("panel", true);
    if (app.notices.loaded) list.draw();
    list.read().then(() => seen(app));
    find(element, "[data-tabs] button, a, button")?.focus({ preventScroll: true });
  };

  app.on("panel-toggle", (by) => (element.hidden ? open(by) : close(true)));
  app.on("notices", (notice) => {
    if (element.hidden) return;
    list.draw();
    if (notice) seen(app);
  });
  document.addEventListener("click", (event) => {
    const inside = element.contains(event.target) || opener?.contains(event.target);
    if (!inside && event.target.isConnected) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || element.hidden) return;
    event.preventDefault();
    close(true);
  });
}

/** What was looked at is no longer new; the dots stay until it is read. */
export async function seen(app) {
  if (!app.notices.unseen) return;
  app.notices.see_all();
  app.emit("notices");
  try {
    app.notices.count(await app.command("notification.seen"));
  } catch (error) {
    console.warn("seen could not be told", error);
  }
}
