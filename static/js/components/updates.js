/** The updates of a course, as teachers publish them: all, or the newest few of the overview. */
import { watch_updates } from "app/components/seen_updates.js";
import { StreamList } from "app/components/stream_list.js";
import { find } from "app/helpers/dom.js";
import { Stream } from "app/models/stream.js";

export default function mount(element, app) {
  const list = find(element, "[data-list=updates]");
  if (!list) return;
  const { course, newest } = element.dataset;
  const limit = newest && { limit: Number(newest) };
  const read = async (before) => {
    const asked = { course, ...limit, ...(before && { before }) };
    const { updates, next } = await app.command("update.list", asked);
    return { items: updates, next: newest ? null : next };
  };
  const stream = new Stream(app.state.updates ?? [], newest ? null : (app.state.next ?? null));
  const rows = new StreamList({ element, list, stream, template: "update", read });
  rows.draw();
  const watch = watch_updates(app, () => list.children, ({ dataset }) => dataset.id);
  app.heard("update.published", ({ update }) => {
    if (update.course.id !== course) return;
    rows.arrived(update, Boolean(newest) || update.author.id === app.viewer.id);
    if (newest) rows.keep(Number(newest));
    element.hidden = false;
  });
  new MutationObserver(watch).observe(list, { childList: true });
  app.heard("room.activity", ({ room, messages }) => rows.changed({ id: room, messages }));
  app.recovers(
    (topic) => topic === `course:${course}`,
    () => rows.again(),
  );
}
