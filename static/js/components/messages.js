/** Direct conversations, unread first. */
import { draw_faces } from "app/components/faces.js";
import { fill, find, row } from "app/helpers/dom.js";
import { show_state, sync_rows } from "app/helpers/rows.js";
import { settled } from "app/helpers/later.js";

export default function mount(element, app) {
  const list = find(element, "[data-list=rooms]");
  for (const room of app.state.rooms ?? []) app.rooms.put(room);
  const read = settled(() => app.reread_rooms(), 100);
  app.heard("notification.created", ({ notice }) => notice.kind === "message.direct" && read());
  app.on("rooms", () => {
    const rooms = app.rooms.with_news_first().filter((room) => room.kind === "direct");
    sync_rows(list, rooms, (room, old) => draw(room, old, app));
    show_state(element, { empty: rooms.length === 0 });
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
