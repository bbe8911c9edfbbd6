/** Direct conversations, those with news first. */
import { draw_faces } from "app/components/faces.js";
import { More } from "app/components/more.js";
import { NewsOrder } from "app/components/news_order.js";
import { fill, find, row } from "app/helpers/dom.js";
import { show_state, sync_rows } from "app/helpers/rows.js";
import { settled } from "app/helpers/later.js";

export default function mount(element, app) {
  const list = find(element, "[data-list=rooms]");
  const { rooms, state } = app;
  for (const room of state.rooms ?? []) rooms.put(room);
  const draw_all = () => {
    if (app.knows_all_rooms) state.next = null;
    sync_rows(list, order.arrange(rooms.direct()), (room, old) => draw(room, old, app));
    show_state(element, { empty: list.childElementCount === 0 });
  };
  const order = new NewsOrder(list, draw_all, ({ id }) => rooms.news_at(id), rooms.news().rooms);
  const more = new More(find(element, "[data-act=more]"), {
    left: () => state.next,
    read: async () => {
      const last = list.lastElementChild;
      const page = await app.command("room.list", { kind: "direct", before: state.next });
      for (const room of page.rooms) rooms.put(room);
      state.next = page.next;
      draw_all();
      return last.nextElementSibling;
    },
    failed: (error) => show_state(element, { error }),
  });
  find(element, "[data-retry]").addEventListener("click", () => more.go_on());
  const read = settled(() => app.reread_rooms(), 100);
  app.heard("notification.created", ({ notice }) => notice.kind === "message.direct" && read());
  app.on("rooms", () => {
    draw_all();
    more.draw();
  });
}

function draw(room, old, app) {
  const unread = app.rooms.unread(room.id);
  const element = old ?? row("direct", room);
  fill(element, { ...room, unread });
  draw_faces(find(element, "[data-faces]"), room.people);
  element.dataset.room = room.id;
  element.classList.toggle("is-unread", unread > 0);
  return element;
}
