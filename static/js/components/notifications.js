/** The notifications as a page: the panel's list with filters in the address. */
import { NoticeList, see_all } from "app/components/notice_list.js";
import { find, set_text } from "app/helpers/dom.js";

export default function mount(element, app) {
  const { notices: model, state, session } = app;
  model.choose({ category: state.category, unread_only: state.unread_only });
  model.load(state);
  const list = new NoticeList(element, app);
  const draw = () => {
    list.draw();
    draw_line(element, model.unread);
  };
  const look = () => document.visibilityState === "visible" && see_all(app);
  draw();
  if (!model.list().length && model.next) list.read(true);
  app.on("notices", (fresh) => {
    draw();
    if (fresh) look();
  });
  session.on("hello", look);
}

function draw_line(element, unread) {
  const count = unread > 99 ? "99+" : unread;
  set_text(element, "[data-unread-line]", unread ? `${count} unread` : "All read");
  const all = find(element, "[data-act=read-all]");
  if (all) all.disabled = !unread;
}
