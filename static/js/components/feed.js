/** A feed, of oneself, a course or a person: what comes waits behind "N new", posts go out at once. */
import { StreamList } from "app/components/stream_list.js";
import { find } from "app/helpers/dom.js";
import { on_submit } from "app/helpers/forms.js";
import { with_actor } from "app/models/feed_item.js";
import { Stream } from "app/models/stream.js";

export default function mount(element, app) {
  const list = find(element, "[data-list=items]");
  if (!list) return;
  const { scope, scopeId: id } = element.dataset;
  const named = (item) => with_actor(item, app.state.server.somebody);
  const read = async (before) => {
    const page = await app.command("feed.list", {
      scope,
      ...(id && { id }),
      ...(before && { before }),
    });
    return { ...page, items: page.items.map(named) };
  };
  const stream = new Stream((app.state.items ?? []).map(named), app.state.next ?? null);
  const feed = new StreamList({
    element,
    list,
    stream,
    template: "item",
    read,
  });
  feed.draw();
  app.heard("feed.posted", ({ item }) => {
    if (item.deleted_at) return;
    const shown = named(item);
    if (belongs(shown, scope, id)) feed.arrived(shown, shown.actor.id === app.viewer?.id);
  });
  app.heard("feed.deleted", (data) => feed.removed(data.id));
  // What everyone may see stays on a person's page, and nowhere else.
  const goes = (item) => scope !== "user" || item.visibility !== "public";
  app.on("lost", ({ course }) => {
    if (!course) return;
    feed.drop((item) => item.course?.id === course && goes(item));
    find(element, `[data-feed-form] option[value="${course}"]`)?.remove();
  });
  // A hidden course shows nowhere but to those in it, who hear its own topic.
  app.heard("course.withdrawn", ({ course }, { topic }) => {
    const inside = app.session.topics.cursor(`course:${course.id}`) !== null;
    if (topic === "catalog" && !inside) feed.drop((item) => item.course?.id === course.id);
  });
  app.recovers(
    (topic) => /^(course|user):/.test(topic),
    () => feed.again(),
  );
  const form = find(element, "[data-feed-form]");
  if (form) on_submit(form, (values) => post(form, feed, values, app));
}

async function post(form, feed, { body, course }, app) {
  const visibility = course ? "course" : "public";
  const { item } = await app.command("feed.post", { body, visibility, ...(course && { course }) });
  form.reset();
  feed.arrived(item, true);
}

/** A feed of oneself is everything that one hears of; the others are of one place or person. */
function belongs(item, scope, id) {
  if (scope === "course") return item.course?.id === id;
  return scope === "user" ? item.actor.id === id : true;
}
