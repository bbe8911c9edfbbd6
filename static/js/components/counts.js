/** The counts that stand in several places of the shell: messages and unseen notices. */
import { find_all, set_count } from "app/helpers/dom.js";

export function draw_counts(element, app) {
  const counts = { messages_unread: app.direct_unread, unseen: app.notices.unseen };
  for (const [name, count] of Object.entries(counts)) {
    for (const badge of find_all(element, `[data-count="${name}"]`)) {
      set_count(badge, count);
      badge.closest("li")?.classList.toggle("is-unread", count > 0);
    }
  }
}

export function follow_counts(element, app) {
  app.on("rooms", () => draw_counts(element, app));
  app.on("notices", () => draw_counts(element, app));
}
