/** Feedback on a course: the form, or one's own with the way to take it back, and the newest voices
 *  as they come and go. */
import { More } from "app/components/more.js";
import { fill, find, row } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";
import { on_submit } from "app/helpers/forms.js";
import { with_actor } from "app/models/feed_item.js";

export default function mount(element, app) {
  const { course } = element.dataset;
  const list = find(element, "[data-list=feedback]");
  const named = (item) => with_actor(item, app.state.server.somebody);
  const shown = (id) => find(list, `[data-id="${CSS.escape(id)}"]`);
  const show = (item) => shown(item.id) ?? list.prepend(row("item", named(item)));
  let { next } = app.state.feedback;
  new More(find(element, "[data-act=more]"), {
    left: () => next,
    read: async () => {
      const asked = { scope: "course", id: course, kind: "feedback", before: next };
      const page = await app.command("feed.list", asked);
      next = page.next;
      const fresh = page.items.filter((item) => !shown(item.id));
      const rows = fresh.map((item) => row("item", named(item)));
      list.append(...rows);
      return rows[0];
    },
    failed: (error) => app.toast({ text: error.message, danger: true }),
  });
  app.heard("feed.posted", ({ item }) => {
    if (item.kind === "feedback" && item.course?.id === course) show(item);
  });
  app.heard("feed.deleted", ({ id }) => shown(id)?.remove());
  if (find(element, "[data-feedback-form]")) new OwnFeedback(element, app, show);
}

class OwnFeedback {
  constructor(element, app, show) {
    Object.assign(this, { element, app, show, course: element.dataset.course });
    this.form = find(element, "[data-feedback-form]");
    this.line = find(element, "[data-own-feedback]");
    this.button = find(this.line, "[data-act=delete-feedback]");
    this.item = app.state.feedback?.mine ?? null;
    on_submit(this.form, async ({ stars, comment = "", anonymous }) => {
      await this.#give({ stars: Number(stars), comment, anonymous: Boolean(anonymous) });
      app.toast({ text: "Thank you. Your feedback is there." });
    });
    this.button.addEventListener("click", () => this.#told(() => this.#take_back()));
    app.heard("feed.deleted", ({ id }) => id === this.item?.id && this.#draw(null));
  }

  async #give(said) {
    const { item } = await this.app.command("feed.feedback", { course: this.course, ...said });
    this.show(item);
    this.#draw(item);
    // The button that was pressed, of the form or of the toast, has lost the focus by now.
    if (document.activeElement === document.body) this.button.focus();
  }

  async #take_back() {
    const { item } = this;
    if (!item) return;
    this.item = null; // a second press does nothing
    try {
      await this.app.command("feed.delete", { item: item.id });
    } catch (error) {
      this.item = item;
      throw error;
    }
    this.#draw(null);
    const again = { stars: item.stars, comment: item.body, anonymous: !item.actor };
    const undo = () => this.#told(() => this.#give(again));
    this.app.toast({ text: "Your feedback is deleted.", undo });
  }

  async #told(act) {
    try {
      await act();
    } catch (error) {
      this.app.toast({ text: error.message, danger: true });
    }
  }

  #draw(item) {
    this.item = item;
    const change = () => {
      this.form.hidden = Boolean(item);
      this.line.hidden = !item;
    };
    if (item) fill(this.line, item);
    keep_focus(change, item ? this.button : find(this.form, "[name=stars]"));
  }
}
