/** Discover: choices change the list in place and the address with it; the list stays true while one
 *  looks, and nothing in it moves by itself. */
import { Address } from "app/components/address.js";
import { CourseList } from "app/components/course_list.js";
import { address_after, address_of, draw_facets, find_choices } from "app/components/facets.js";
import { enroll_from_row } from "app/components/row_enrollment.js";
import { find } from "app/helpers/dom.js";
import { later } from "app/helpers/later.js";
import { Catalogue } from "app/models/catalogue.js";
import { COUNTED } from "app/models/course.js";

const REREAD_MS = 30_000;

export default function mount(element, app) {
  const catalogue = new Catalogue(app.state);
  const list = new CourseList(element, app, catalogue);
  const drawn = () => {
    draw_facets();
    list.draw_counts();
  };
  const address = new Address(element, app, () => {
    catalogue.load(app.state);
    drawn();
  });
  drawn();
  follow_catalogue(catalogue, list, app);
  follow_line(address, list, app);
  follow_forms(element, address, app);
  follow_buttons(element, address, list);
  document.addEventListener("submit", (event) => {
    const row = event.target.closest("[data-enroll-form]")?.closest("[data-course]");
    if (!row) return;
    event.preventDefault();
    enroll_from_row(app, catalogue.get(row.dataset.course), (course) => list.draw(course));
  });
  list.restore();
}

function follow_catalogue(catalogue, list, app) {
  const drawn = (course) => {
    if (course) list.draw(course);
    list.draw_counts();
  };
  for (const event of COUNTED) {
    app.heard(event, (data) => {
      const course = catalogue.counted(event, data, app.viewer?.id);
      if (course) list.draw(course);
    });
  }
  const told = later(() => list.told_of_new(), 100);
  app.heard("course.created", ({ course }, frame) => {
    if (frame.topic !== "catalog") return;
    const known = catalogue.created(course);
    if (known) list.draw(known);
    told();
  });
  app.heard("course.updated", ({ course }) => drawn(catalogue.updated(course)));
  app.heard("course.withdrawn", ({ course }) => drawn(catalogue.withdrawn(course.id ?? course)));
}

function follow_line(address, list, app) {
  app.recovers(
    (topic) => topic === "catalog",
    () => address.read(),
  );
  let synced = false;
  app.session.on("synced", () => {
    if (address.failed) address.read();
    else if (synced) list.reread();
    synced = true;
  });
  // A socket may live through what made a request fail, and then there is nothing to sync.
  addEventListener("online", () => address.failed && address.read());
  setInterval(() => app.session.status.slow && list.reread(), REREAD_MS);
}

function follow_forms(element, address, app) {
  const form = () => find(element, "[data-filters]");
  document.addEventListener("change", ({ target }) => {
    if (target.form !== form() || !target.name) return;
    address.go(address_after(location.search, target, app.state.filters));
  });
  document.addEventListener("input", ({ target }) => {
    if (target.dataset.find !== undefined) find_choices(target);
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form() && !event.target.matches(".bar [role=search]")) return;
    event.preventDefault();
    address.go(address_of(event.target, app.state.filters));
  });
}

function follow_buttons(element, address, list) {
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target.closest("[data-go], [data-act], [data-retry]");
    if (!target || !(element.contains(target) || target.closest("#context"))) return;
    const { act, retry, go } = target.dataset;
    if (act === "show-new") list.show_new((url) => address.go(url));
    else if (act === "more") list.more(target);
    else if (retry !== undefined) address.read();
    else if (go !== undefined) address.go(target.href, near(target));
    else return;
    event.preventDefault();
  });
}

/** After a filter was taken away by its chip, the focus goes to the next, not to the page. */
function near(link) {
  if (!link.classList.contains("chip")) return undefined;
  return () => find(document, ".chip") ?? find(document, "#sort");
}
