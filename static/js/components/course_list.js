/** The list of Discover: its rows, the pill of newcomers above it, more courses below. */
import { draw_acts, draw_seats } from "app/components/seats.js";
import { find, find_all, row, set_hidden, set_text } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";
import { show_state } from "app/helpers/rows.js";

/** More newcomers are a list of their own. */
const SHOWN_AT_ONCE = 50;
const REREAD_PAGES = 5;

export class CourseList {
  #element;
  #app;
  #catalogue;

  /** @param {import("app/models/catalogue.js").Catalogue} catalogue */
  constructor(element, app, catalogue) {
    this.#element = element;
    this.#app = app;
    this.#catalogue = catalogue;
    addEventListener("pagehide", () => {
      history.replaceState({ ...history.state, y: scrollY }, "");
    });
  }

  draw_counts() {
    const { total } = this.#catalogue;
    set_text(this.#element, "[data-total]", total.toLocaleString("en"));
    set_text(this.#element, "[data-total-noun]", total === 1 ? "course" : "courses");
    const count = this.#catalogue.waiting().length;
    const pill = find(this.#element, "[data-act=show-new]");
    pill.hidden = count === 0;
    set_text(pill, "[data-text]", count === 1 ? "1 new course" : `${count} new courses`);
  }

  draw(course) {
    for (const element of find_all(this.#element, `[data-id="${course.id}"]`)) {
      set_text(element, "h3 [data-text=title]", course.title);
      const acts = find_all(element, ".course-row-side a, .course-row-side button");
      keep_focus(
        () => draw_acts(draw_seats(element, course), course),
        ...acts,
        find(element, "h3 a"),
      );
    }
  }

  /** @param {(url: string) => void} go to a list of its own, when there are too many */
  show_new(go) {
    if (this.#catalogue.waiting().length > SHOWN_AT_ONCE) return go("/courses?sort=newest");
    const fresh = this.#put_new();
    fresh[0]?.scrollIntoView({ block: "center" });
    find(fresh[0], "h3 a").focus({ preventScroll: true });
  }

  /** Newcomers wait for a click where they would move what somebody reads. */
  told_of_new() {
    const few = this.#catalogue.waiting().length <= SHOWN_AT_ONCE;
    if (few && !this.#rows.children.length) this.#put_new();
    else this.draw_counts();
  }

  #put_new() {
    const fresh = this.#catalogue.show_waiting().map((course) => this.#row(course));
    this.#rows.prepend(...fresh);
    if (fresh.length) show_state(find(this.#element, "[data-results]"), { empty: false });
    this.draw_counts();
    return fresh;
  }

  /** The next courses below those that are there, none twice. What comes after another choice was
   *  made belongs to no list any more. */
  async more(button) {
    const catalogue = this.#catalogue;
    const { request } = catalogue;
    const { search } = location;
    button.setAttribute("aria-disabled", "true");
    let fresh = [];
    try {
      for (let next; !fresh.length && (next = catalogue.next_page(this.#app.state.page_size)); ) {
        const page = await this.#page(next);
        if (request !== catalogue.request || search !== location.search) return;
        fresh = catalogue.append(page);
      }
    } catch (error) {
      this.#app.toast({ text: error.message, danger: true });
    }
    button.removeAttribute("aria-disabled");
    const rows = fresh.map((course) => this.#row(course));
    this.#rows.append(...rows);
    if (catalogue.loaded >= catalogue.pages)
      keep_focus(() => (button.hidden = true), rows[0] && find(rows[0], "h3 a"));
    history.replaceState({ ...history.state, loaded: catalogue.loaded }, "");
  }

  /** Seats are told, not stored: what was told while nobody listened is asked for. */
  async reread() {
    try {
      const { loaded } = this.#catalogue;
      for (let page = Math.max(1, loaded - REREAD_PAGES + 1); page <= loaded; page++) {
        const { hits } = await this.#page(page);
        for (const course of this.#catalogue.reread(hits)) this.draw(course);
      }
    } catch (error) {
      console.warn("seats could not be read again", error);
    }
  }

  /** Who comes back finds as many courses, and their place among them. */
  async restore() {
    const { loaded = 1, y = 0 } = history.state ?? {};
    const button = find(this.#element, "[data-act=more]");
    while (button && this.#catalogue.loaded < Math.min(loaded, this.#catalogue.pages)) {
      const before = this.#catalogue.loaded;
      await this.more(button);
      if (this.#catalogue.loaded === before) return;
    }
    if (loaded > 1) scrollTo(0, y);
  }

  get #rows() {
    return find(this.#element, "[data-list=courses]");
  }

  #row(course) {
    const element = draw_acts(draw_seats(row("course", course), course), course);
    element.dataset.course = course.id;
    if (this.#app.viewer) return element;
    set_hidden(element, "[data-enroll-form], [data-details]", true);
    set_hidden(element, "[data-open]", false);
    return element;
  }

  #page(page) {
    const { q, filters, sort } = this.#app.state;
    return this.#app.command("search.courses", { q, filters, sort, page });
  }
}
