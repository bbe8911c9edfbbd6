/** The notifications panel under the bell. */
import { NoticeList, see_all } from "app/components/notice_list.js";
import { find } from "app/helpers/dom.js";

export default function mount(element, app) {
  const list = new NoticeList(element, app);
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
    list.read().then(() => see_all(app));
    find(element, "[data-tabs] button, a, button")?.focus({ preventScroll: true });
  };

  app.on("panel-toggle", (by) => (element.hidden ? open(by) : close(true)));
  app.on("notices", (notice) => {
    if (element.hidden) return;
    list.draw();
    if (notice) see_all(app);
  });
  // What an act in it offers to take back is part of it.
  const holds = (node) => [element, opener, find(document, "#toasts")].some((one) => one?.contains(node));
  document.addEventListener("click", ({ target }) => {
    if (target.isConnected && !holds(target)) close();
  });
  element.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !holds(relatedTarget)) close();
  });
  // Before others see the key: what is open on top of them closes first.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || element.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      close(true);
    },
    true,
  );
}
