/** Updates that the reader has had on the screen are news no more, here and in all tabs. */

import { update_of } from "app/models/catchup.js";

/** Not by its edge alone. */
const MARGIN = "0px 0px -80px 0px";

export default function mount(element, app) {
  watch_updates(app, () => [element], (one) => one.dataset.update);
}

/**
 * @param {() => Iterable<HTMLElement>} shown what stands for an update each, as the page is now
 * @param {(element: HTMLElement) => string} id_of
 * @returns {() => void} to be called when the page has changed
 */
export function watch_updates(app, shown, id_of) {
  const fresh = new Set(app.state.new_updates ?? []);
  const on_screen = new Set();
  const look = () => {
    if (document.visibilityState !== "visible") return;
    for (const id of on_screen) {
      if (!fresh.delete(id)) continue;
      app.command("update.mark", { update: id }).catch(() => fresh.add(id));
    }
  };
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        on_screen[isIntersecting ? "add" : "delete"](id_of(target));
      look();
    },
    { rootMargin: MARGIN },
  );
  // Only what was told can be news no more, and it is told a moment after the update comes.
  app.heard("notification.created", ({ notice }) => {
    const id = update_of(notice);
    if (id) fresh.add(id);
    look();
  });
  document.addEventListener("visibilitychange", look);
  const follow = () => {
    seen.disconnect();
    for (const element of shown()) seen.observe(element);
  };
  follow();
  return follow;
}
