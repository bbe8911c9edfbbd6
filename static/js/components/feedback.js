/** Feedback on a course: the form, and the newest voices as they come and go. */
import { find, row } from "app/helpers/dom.js";
import { on_submit } from "app/helpers/forms.js";
import { with_actor } from "app/models/feed_item.js";

export default function mount(element, app) {
  const { course } = element.dataset;
  const list = find(element, "[data-list=feedback]");
  const shown = (id) => find(list, `[data-id="${CSS.escape(id)}"]`);
  const show = (item) => shown(item.id) ?? list.prepend(row("item", with_actor(item)));
  app.heard("feed.posted", ({ item }) => {
    if (item.kind === "feedback" && item.course?.id === course) show(item);
  });
  app.heard("feed.deleted", ({ id }) => shown(id)?.remove());
  const form = find(element, "[data-feedback-form]");
  if (!form) return;
  on_submit(form, async ({ stars, comment = "", anonymous }) => {
    const args = { course, stars: Number(stars), comment, anonymous: Boolean(anonymous) };
    const { item } = await app.command("feed.feedback", args);
    form.hidden = true;
    if (item) show(item);
    app.toast({ text: "Thank you. Your feedback is there." });
  });
}
