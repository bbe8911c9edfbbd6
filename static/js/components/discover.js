/** Discover: choices change the list in place and the address with it; the list stays true while one
 *  looks, and nothing in it moves by itself. */
import { draw_acts, draw_seats } from "app/components/seats.js";
import { find, find_all, row, set_hidden, set_text } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";
import { later } from "app/helpers/later.js";
import { read_parts } from "app/helpers/parts.js";
import { show_state } from "app/helpers/rows.js";
import { Catalogue } from "app/models/catalogue.js";
import { COUNTED } from "app/models/course.js";
import { holds } from "app/models/words.js";

const FIELDS = ["q", "subject", "level", "language", "teacher", "open", "sort"];
const PAGE = 20;
/** More newcomers are a list of their own. */
const SHOWN_AT_ONCE = 50;
const LOADING_AFTER_MS = 200;
const REREAD_MS = 30_000;
const REREAD_PAGES = 5;

export default function mount(element, app) {
  const page = new Discover(element, app);
  follow_catalogue(page, app);
  follow_choices(page);
  app.recovers(
    (topic) => topic === "catalog",
    () => page.read(),
  );
  let synced = false;
  app.session.on("synced", () => {
    if (page.failed) page.read();
    else if (synced) page.reread();
    synced = true;
  });
  // A socket may live through what made a request fail, and then there is nothing to sync.
  addEventListener("online", () => page.failed && page.read());
  setInterval(() => app.session.status.slow && page.reread(), REREAD_MS);
  page.restore();
}

class Discover {
  failed = false;
  #reading = null;

  constructor(element, app) {
    Object.assign(this, { element, app, search: location.search });
    this.catalogue = new Catalogue(app.state);
    this.#drawn();
  }

  get list() {
    return find(this.element, "[data-list=courses]");
  }

  /** To another address of this page, whose list is read from its top. */
  async go(url) {
    const { pathname, search } = new URL(url, location.href);
    const another = search !== location.search;
    if (another) history.pushState(null, "", pathname + search + location.hash);
    await this.read();
    if (another) scrollTo(0, 0);
  }

  /** What the address says, drawn by the server. A newer choice ends the reading of an older one. */
  async read() {
    this.#reading?.abort();
    const reading = (this.#reading = new AbortController());
    if (text_of(location.search) !== text_of(this.search)) this.#follow_text();
    this.search = location.search;
    const unfolded = find_all(document, "[data-facet]:has(details[open])");
    const looked_for = unfolded.map((facet) => find(facet, "[data-find]").value);
    const late = setTimeout(() => this.#show({ loading: true }), LOADING_AFTER_MS);
    try {
      if (!(await read_parts(this.app, reading.signal))) throw new Error("refused");
      if (reading.signal.aborted) return;
      this.catalogue.load(this.app.state);
      unfolded.forEach(({ dataset }, at) => unfold(dataset.facet, looked_for[at]));
      this.#show({});
      this.#drawn();
      const total = this.app.state.total;
      this.app.speak(total === 1 ? "One course." : `${total} courses.`);
    } catch (error) {
      if (!reading.signal.aborted) this.#fail(error);
    } finally {
      clearTimeout(late);
    }
  }

  /** The box of the bar says what the page shows, however one came there. */
  #follow_text() {
    const field = find(document, ".bar [role=combobox]");
    if (field) field.value = text_of(location.search);
  }

  #fail(error) {
    console.warn("courses could not be read", error);
    const when = "You are offline. The courses come when the line is back.";
    this.#show({ error: { message: this.app.offline ? when : "The courses could not be loaded." } });
  }

  #show(state) {
    this.failed = Boolean(state.error);
    const results = find(this.element, "[data-results]");
    results.hidden = Boolean(state.error || state.loading);
    results.toggleAttribute("aria-busy", Boolean(state.loading));
    find(this.element, ".page-head p").style.visibility = results.hidden ? "hidden" : "";
    for (const place of find_all(this.element, ":scope > [data-loading]"))
      place.hidden = !state.loading;
    const failure = find(this.element, ":scope > [data-error]");
    failure.hidden = !state.error;
    if (state.error) set_text(failure, "[data-error-text]", state.error.message);
  }

  /** The parts are there, with the controls that a script makes needless. */
  #drawn() {
    for (const button of find_all(document, "[data-apply]")) button.hidden = true;
    for (const field of find_all(document, "[data-find]")) field.hidden = false;
    this.draw_counts();
  }

  draw_counts() {
    const { total } = this.catalogue;
    set_text(this.element, "[data-total]", total.toLocaleString("en"));
    set_text(this.element, "[data-total-noun]", total === 1 ? "course" : "courses");
    const count = this.catalogue.waiting().length;
    const pill = find(this.element, "[data-act=show-new]");
    pill.hidden = count === 0;
    set_text(pill, "[data-text]", count === 1 ? "1 new course" : `${count} new courses`);
  }

  draw(course) {
    for (const element of find_all(this.element, `[data-id="${course.id}"]`)) {
      set_text(element, "h3 [data-text=title]", course.title);
      const acts = find_all(element, ".course-row-side a, .course-row-side button");
      keep_focus(
        () => draw_acts(draw_seats(element, course), course),
        ...acts,
        find(element, "h3 a"),
      );
    }
  }

  #row(course) {
    const element = draw_acts(draw_seats(row("course", course), course), course);
    element.dataset.course = course.id;
    if (this.app.viewer) return element;
    set_hidden(element, "[data-enroll-form], [data-details]", true);
    set_hidden(element, "[data-open]", false);
    return element;
  }

  show_new() {
    if (this.catalogue.waiting().length > SHOWN_AT_ONCE) return this.go("/courses?sort=newest");
    const fresh = this.catalogue.show_waiting().map((course) => this.#row(course));
    this.list.prepend(...fresh);
    show_state(find(this.element, "[data-results]"), { empty: false });
    this.draw_counts();
    fresh[0]?.scrollIntoView({ block: "center" });
    find(fresh[0], "h3 a").focus({ preventScroll: true });
  }

  /** The next courses below those that are there, none twice. What comes after another choice was
   *  made belongs to no list any more. */
  async more(button) {
    const choice = this.#reading;
    button?.setAttribute("aria-disabled", "true");
    let fresh = [];
    try {
      for (let next; !fresh.length && (next = this.catalogue.next_page(PAGE)); ) {
        const page = await this.#page(next);
        if (choice !== this.#reading) return;
        fresh = this.catalogue.append(page);
      }
    } catch (error) {
      this.app.toast({ text: error.message, danger: true });
    }
    button?.removeAttribute("aria-disabled");
    const rows = fresh.map((course) => this.#row(course));
    this.list.append(...rows);
    if (button && this.catalogue.loaded >= this.catalogue.pages) {
      keep_focus(() => (button.hidden = true), rows[0] && find(rows[0], "h3 a"));
    }
    history.replaceState({ ...history.state, loaded: this.catalogue.loaded }, "");
  }

  #page(page) {
    const { q, filters, sort } = this.app.state;
    return this.app.command("search.courses", { q, filters, sort, page });
  }

  /** Seats are told, not stored: what was told while nobody listened is asked for. */
  async reread() {
    try {
      const { loaded } = this.catalogue;
      for (let page = Math.max(1, loaded - REREAD_PAGES + 1); page <= loaded; page++) {
        const { hits } = await this.#page(page);
        for (const course of this.catalogue.reread(hits)) this.draw(course);
      }
    } catch (error) {
      console.warn("seats could not be read again", error);
    }
  }

  /** Who comes back finds as many courses, and their place among them. */
  async restore() {
    addEventListener("pagehide", () => {
      history.replaceState({ ...history.state, y: scrollY }, "");
    });
    const { loaded = 1, y = 0 } = history.state ?? {};
    const button = find(this.element, "[data-act=more]");
    while (button && this.catalogue.loaded < Math.min(loaded, this.catalogue.pages)) {
      const before = this.catalogue.loaded;
      await this.more(button);
      if (this.catalogue.loaded === before) return;
    }
    if (loaded > 1) scrollTo(0, y);
  }

  async enroll(course) {
    if (course.viewer.enrolled) return;
    this.#set_enrolled(course, true);
    try {
      const result = await this.app.command("enrollment.enroll", { course: course.id });
      if (result.course) Object.assign(course, result.course, { viewer: course.viewer });
      this.draw(course);
      const undo = () => this.#leave(course);
      this.app.toast({ text: `You are enrolled in ${course.title}.`, undo });
    } catch (error) {
      if (error.code === "already_enrolled") return;
      if (error.code === "course_full") course.seats_left = 0;
      this.#set_enrolled(course, false);
      this.app.toast({ text: `${course.title}: ${error.message}`, danger: true });
    }
  }

  async #leave(course) {
    try {
      await this.app.command("enrollment.leave", { course: course.id });
      this.#set_enrolled(course, false);
    } catch (error) {
      this.app.toast({ text: error.message, danger: true });
    }
  }

  #set_enrolled(course, enrolled) {
    course.viewer = { ...course.viewer, enrolled };
    this.draw(course);
  }
}

function follow_catalogue(page, app) {
  const { catalogue } = page;
  const drawn = (course) => {
    if (course) page.draw(course);
    page.draw_counts();
  };
  for (const event of COUNTED) {
    app.heard(event, (data) => {
      const course = catalogue.counted(event, data, app.viewer?.id);
      if (course) page.draw(course);
    });
  }
  const told = later(() => page.draw_counts(), 100);
  app.heard("course.created", ({ course }, frame) => {
    if (frame.topic !== "catalog") return;
    const known = catalogue.created(course);
    if (known) page.draw(known);
    told();
  });
  app.heard("course.updated", ({ course }) => drawn(catalogue.updated(course)));
  app.heard("course.withdrawn", ({ course }) => drawn(catalogue.withdrawn(course.id ?? course)));
}

function follow_choices(page) {
  const form = () => find(page.element, "[data-filters]");
  document.addEventListener("change", (event) => {
    if (event.target.form === form()) page.go(address_of(form()));
  });
  document.addEventListener("input", ({ target }) => {
    if (target.dataset.find !== undefined) find_choices(target);
  });
  document.addEventListener("submit", (event) => {
    const course = event.target.closest("[data-enroll-form]")?.closest("[data-course]");
    const ours = event.target === form() || event.target.matches(".bar [role=search]");
    if (!course && !ours) return;
    event.preventDefault();
    if (course) page.enroll(page.catalogue.get(course.dataset.course));
    else page.go(address_of(event.target));
  });
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target.closest("[data-go], [data-act], [data-retry]");
    if (!target || !(page.element.contains(target) || target.closest("#context"))) return;
    const act = target.dataset.act;
    if (act === "show-new") page.show_new();
    else if (act === "more") page.more(target);
    else if (target.dataset.retry !== undefined) page.read();
    else if (target.dataset.go !== undefined) page.go(target.href).then(() => stay_near(target));
    else return;
    event.preventDefault();
  });
  // A drawer that opens changes the address too.
  addEventListener("popstate", () => location.search !== page.search && page.read());
}

/** A facet that was open before it was drawn anew, with what was looked for in it. */
function unfold(name, text) {
  const rest = find(document, `[data-facet="${name}"] details`);
  if (!rest) return;
  rest.open = true;
  find(rest, "[data-find]").value = text;
  find_choices(find(rest, "[data-find]"));
}

function find_choices(field) {
  for (const choice of find_all(field.parentElement, ".choice"))
    choice.hidden = !holds(field.value, [find(choice, ".choice-text").textContent]);
}

/** After a filter was taken away by its chip, the focus goes to the next, not to the page. */
function stay_near(link) {
  if (!link.classList.contains("chip") || document.activeElement?.id !== "main") return;
  (find(document, ".chip") ?? find(document, "#sort")).focus();
}

const text_of = (search) => new URLSearchParams(search).get("q") ?? "";

/** The address of what a form says, without what it does not say; in the server's order. */
function address_of(form) {
  const said = [...new FormData(form)].filter(([, value]) => value !== "");
  said.sort(([one], [other]) => FIELDS.indexOf(one) - FIELDS.indexOf(other));
  const query = new URLSearchParams(said).toString();
  return form.getAttribute("action") + (query && `?${query}`);
}
