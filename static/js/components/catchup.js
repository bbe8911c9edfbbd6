/** What is new in each course since the reader was last here, as it comes and as it is read. */
import { fill, find, find_all, row, set_text } from "app/helpers/dom.js";
import { later } from "app/helpers/later.js";
import { sync_rows } from "app/helpers/rows.js";
import { CatchUp } from "app/models/catchup.js";

const AT_ONCE = 10;
const DRAW_MS = 100;

export default function mount(element, app) {
  const model = new CatchUp(app.viewer.id, app.state.news);
  for (const item of find_all(element, "[data-id]")) item.dataset.row = item.dataset.id;
  const draw = later(() => draw_all(element, model, app), DRAW_MS);
  app.heard("update.published", ({ update }) => model.published(update));
  app.heard("notification.created", ({ notice }) => model.told(notice) && draw());
  app.heard("notification.read", (data) => {
    model.read(data);
    draw();
  });
  app.heard("notification.withdrawn", ({ ids }) => {
    model.withdrawn(ids);
    draw();
  });
  app.on("rooms", draw);
  app.on("lost", draw);
}

function draw_all(element, model, app) {
  const entries = model.entries(app.rooms);
  const left = entries.slice(AT_ONCE);
  sync_rows(find(element, "[data-list=news]"), entries.slice(0, AT_ONCE), draw_course);
  sync_rows(find(element, "[data-list=left]"), left, draw_course);
  find(element, "[data-left]").hidden = !left.length;
  set_text(element, "[data-text=left]", `${left.length} more with news`);
  const some = app.rooms.courses().length > 0;
  find(element, "[data-no-news]").hidden = entries.length > 0;
  find(element, "[data-no-course]").hidden = some;
  find(element, "[data-up-to-date]").hidden = !some;
}

function draw_course(entry, old) {
  const { id, title, unread, lines } = entry;
  const element = old ?? row("catchup", entry);
  fill(find(element, ".catchup-head"), { id, title, unread });
  sync_rows(find(element, "[data-list=lines]"), lines, (line, before) =>
    before ? fill(before, line) : row("catchup-line", line),
  );
  return element;
}
