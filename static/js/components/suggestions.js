/** The list below the search box: a group of options for each kind of thing found. */
import { draw_seats } from "app/components/seats.js";
import { find, row, set_hidden, set_text } from "app/helpers/dom.js";

/** @param {{trouble: string, slow: boolean}} how  `trouble`: why there is no answer, if there will be
 *    none for now; `slow`: it has been waited for long enough to say so
 *  @returns {boolean} whether there is anything to show */
export function draw_suggestions(element, list, search, recent, { trouble, slow }) {
  const { answer, q } = search;
  const busy = search.busy && !trouble;
  const groups = trouble ? [] : answer || busy ? groups_of(search) : recent_groups(recent);
  list.replaceChildren(...groups.filter(({ rows }) => rows.length).map(draw_group));
  list.hidden = !list.firstElementChild;
  list.setAttribute("aria-busy", String(busy));
  const nothing = answer && !answer.hits.length && !found_others(answer).length;
  set_hidden(element, "[data-loading]", !busy || !slow);
  set_hidden(element, "[data-error]", !trouble);
  set_hidden(element, "[data-empty]", busy || trouble || !nothing);
  set_hidden(element, "[data-nearest]", busy || trouble || !answer?.nearest);
  set_hidden(element, "[data-reduced]", trouble || !answer?.reduced);
  find(element, "[data-q]").textContent = q;
  set_text(element, "[data-error-text]", trouble);
  return Boolean((busy && slow) || trouble || answer || groups.some(({ rows }) => rows.length));
}

export function redraw_course(list, course) {
  const option = find(list, `[data-id="${course.id}"]`);
  if (option) draw_seats(option, course);
}

const found_others = ({ rooms = [], people = [] }) => [...rooms, ...people];

function groups_of({ answer, q, busy }) {
  const { hits = [], rooms = [], people = [], popular = [] } = answer ?? {};
  const more = busy ? [] : [...meant_rows(answer), ...all_rows(answer, q)];
  return [
    { label: "Courses", plain: true, rows: hits.map(course_row) },
    { label: "Rooms", rows: rooms.map((room) => row("hit-room", room)) },
    { label: "People", rows: people.map((person) => row("hit-person", person)) },
    { label: "Well attended", rows: popular.map(course_row) },
    { label: "More", plain: true, rows: more },
  ];
}

function recent_groups(recent) {
  const rows = recent.all().map((q) => row("hit-recent", { q, url: results(q) }));
  return [{ label: "Recent searches", rows }];
}

/** `plain`: what the group is shows by itself, and is only said. */
function draw_group({ label, plain = false, rows }) {
  const group = row("hit-group", { label });
  find(group, "p").hidden = plain;
  group.setAttribute("aria-label", label);
  group.append(...rows);
  return group;
}

const course_row = (course) =>
  draw_seats(row("hit", { ...course, level: level_text(course.level) }), course);

/** "level 200": a number alone says nothing. */
const level_text = (level) => (/^\d+$/.test(level) ? `level ${level}` : level);

function meant_rows({ suggestion }) {
  if (!suggestion) return [];
  return [row("hit-words", { url: results(suggestion), text: `Did you mean “${suggestion}”?` })];
}

function all_rows({ total, hits }, q) {
  if (!hits.length || total === 1) return [];
  return [row("hit-words", { url: results(q), text: `All ${total} courses for “${q}”` })];
}

const results = (q) => `/courses?q=${encodeURIComponent(q)}`;
