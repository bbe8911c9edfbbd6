/** Rows of notices, in the panel and on their page: dots that turn, ways back, older ones. */
import { find, find_all, initials, row, set_text, set_tone } from "app/helpers/dom.js";
import { first_letter } from "app/helpers/letters.js";
import { show_state, sync_rows } from "app/helpers/rows.js";

export class NoticeList {
  #root;
  #app;
  #notices;

  constructor(root, app) {
    this.#root = root;
    this.#app = app;
    this.#notices = app.notices;
    root.addEventListener("click", (event) => this.#click(event));
    app.session.on("synced", () => find(root, "[data-error]:not([hidden])") && this.read());
  }

  draw() {
    const list = find(this.#root, "[data-list=notices]");
    const shown = this.#notices.list();
    sync_rows(list, shown, (notice, old) => draw_notice(notice, old));
    show_state(this.#root, { empty: shown.length === 0 && !this.#notices.next });
    const more = find(this.#root, "[data-act=more]");
    if (more) more.hidden = !this.#notices.next;
  }

  /** What is rare comes after pages without any: they are passed over.
   *  @param {boolean} older the page after what is there, else from the top */
  async read(older = false) {
    const asked = this.#notices.request(older);
    const waiting = setTimeout(() => show_state(this.#root, { loading: !older }), 200);
    try {
      const page = await this.#app.command("notification.list", asked);
      if (asked.category !== this.#notices.request().category) return;
      const before = older ? this.#notices.list().length : 0;
      if (older) this.#notices.append(page);
      else this.#notices.load(page);
      if (page.next && this.#notices.list().length === before) return await this.read(true);
      this.draw();
      this.#app.emit("notices");
    } catch (error) {
      show_state(this.#root, { error });
    } finally {
      clearTimeout(waiting);
    }
  }

  choose_category(category) {
    this.#notices.choose({ category });
    for (const button of find_all(this.#root, "[data-tabs] [data-category]")) {
      button.setAttribute("aria-pressed", String(button.dataset.category === category));
    }
    this.draw();
    return this.read();
  }

  #click(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    const id = event.target.closest("li[data-id]")?.dataset.id;
    if (act === "toggle-read" && id) this.#mark([id], !this.#notices.get(id).read);
    else if (act === "read-all") this.#mark_all();
    else if (act === "more") this.read(true);
    else if (event.target.closest("[data-retry]")) this.read();
    else if (event.target.closest(".notice-link") && id) this.#opened(id);
    const tab = event.target.closest("[data-tabs] button[data-category]");
    if (tab) this.choose_category(tab.dataset.category);
  }

  /** The page is left at once: the act is on its way before, and its key makes it safe to lose. */
  #opened(id) {
    if (!this.#notices.get(id)?.read) this.#mark([id], true, false);
  }

  async #mark(ids, read, told = true) {
    const undo = this.#notices.mark(ids, read);
    this.#changed();
    try {
      const counts = await this.#app.command(read ? "notification.read" : "notification.unread", {
        ids,
      });
      this.#notices.count(counts);
    } catch (error) {
      undo();
      if (told) this.#app.toast({ text: error.message, danger: true });
    }
    this.#changed();
  }

  async #mark_all() {
    const { category } = this.#notices;
    const undo = this.#notices.mark_all(category);
    this.#changed();
    try {
      const args = category ? { all: true, category } : { all: true };
      const answer = await this.#app.command("notification.read", args);
      this.#notices.count(answer);
      this.#app.toast({
        text: "All marked as read.",
        undo: answer.undo ? () => this.#take_back(answer.undo) : null,
      });
    } catch (error) {
      undo();
      this.#app.toast({ text: error.message, danger: true });
    }
    this.#changed();
  }

  /** The push that comes with it has what each one is then: in this tab as in the others. */
  async #take_back(undo) {
    try {
      this.#notices.count(await this.#app.command("notification.unread", { undo }));
    } catch (error) {
      this.#app.toast({ text: error.message, danger: true });
    }
    this.#changed();
  }

  #changed() {
    this.draw();
    this.#app.emit("notices");
  }
}

/** What was looked at is no longer new; the dots stay until it is read. */
export async function see_all(app) {
  if (!app.notices.unseen) return;
  app.notices.see_all();
  app.emit("notices");
  try {
    app.notices.count(await app.command("notification.seen"));
  } catch (error) {
    console.warn("seen could not be told", error);
  }
}

function draw_notice(notice, old) {
  const element = old ?? row("notice", notice);
  element.classList.toggle("is-unread", !notice.read);
  set_text(element, "[data-text=title]", notice.title);
  set_text(element, "[data-unread-label]", notice.read ? "" : "unread");
  const dot = find(element, "[data-act=toggle-read]");
  dot.title = notice.read ? "Mark as unread" : "Mark as read";
  dot.setAttribute("aria-label", dot.title);
  if (old) return element;
  Object.assign(element.dataset, {
    topic: notice.topic,
    category: notice.category,
    kind: notice.kind,
  });
  const avatar = find(element, "[data-notice-avatar]");
  avatar.textContent = notice.actor
    ? initials(notice.actor.name)
    : first_letter(notice.course?.title);
  set_tone(avatar, notice.actor?.id ?? notice.course?.id ?? "");
  return element;
}
