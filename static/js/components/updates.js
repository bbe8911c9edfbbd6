/** The updates of a course, as teachers publish them. */
import { StreamList } from "app/components/stream_list.js";
import { find } from "app/helpers/dom.js";
import { Stream } from "app/models/stream.js";

export default function mount(element, app) {
  const list = find(element, "[data-list=updates]");
  if (!list) return;
  const { course } = element.dataset;
  const read = async (before) => {
    const { updates, next } = await app.command("update.list", {
      course,
      ...(before && { before }),
    });
    return { items: updates, next };
  };
  const stream = new Stream(app.state.updates ?? [], app.state.next ?? null);
  const rows = new StreamList({ element, list, stream, template: "update", read });
  rows.draw();
  app.heard("update.published", ({ update }) => {
    if (update.course.id === course) rows.arrived(update, update.author.id === app.viewer.id);
  });
  app.heard("room.activity", ({ room, messages }) => rows.changed({ id: room, messages }));
  app.recovers(
    (topic) => topic === `course:${course}`,
    () => rows.again(),
  );
}
