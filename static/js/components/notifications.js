/** The notifications as a page: the panel's list with filters in the address. */
import { NoticeList } from "app/components/notice_list.js";
import { seen } from "app/components/panel.js";
import { set_text } from "app/helpers/dom.js";
import { Notices } from "app/models/notices.js";

export default function mount(element, app) {
  const {
    notices = [],
    next = null,
    category = "",
    unread_only = false,
    unseen,
    unread,
  } = app.state;
  const model = new Notices(app.viewer.id, { unseen, unread });
  model.load({ notices, next, unseen, unread });
  model.category = category ?? "";
  model.unread_only = unread_only;
  const list = new NoticeList(element, app, model);
  const draw = () => {
    list.draw();
    draw_line(element, app.notices.unread);
  };
  draw();
  app.on("notices", draw);
  const told = (event, apply) =>
    app.heard(event, (data) => {
      apply(data);
      draw();
    });
  told("notification.created", (data) => {
    if (model.created(data) && document.visibilityState === "visible") seen(app);
  });
  told("notification.read", (data) => model.told(data));
  app.recovers(
    (topic) => /^(user|course|staff):/.test(topic),
    () => list.read(),
  );
  app.session.on("hello", () => document.visibilityState === "visible" && seen(app));
}

function draw_line(element, unread) {
  const count = unread > 99 ? "99+" : unread;
  set_text(element, "[data-unread-line]", unread ? `${count} unread` : "All read");
  const all = element.querySelector("[data-act=read-all]");
  if (all) all.disabled = !unread;
}
