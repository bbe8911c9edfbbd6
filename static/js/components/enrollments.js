/** Enrolments as they come, for the teachers, and the list of a course's people. */
import { More } from "app/components/more.js";
import { find, find_all, row } from "app/helpers/dom.js";
import { show_state } from "app/helpers/rows.js";

/** Beside the page stand the newest alone. */
const AT_MOST = { enrollments: 5, people: Infinity };
const BURST_MS = 10 * 60 * 1000;
const BURST_FROM = 3;

export default function mount(element, app) {
  const { course, component: name } = element.dataset;
  const list = find(element, `[data-list=${name}]`);
  if (!list) return;
  const came_at = [];
  // Its own: parts of the page that are drawn anew bring the state of a first page with them.
  const list_at = { next: app.state.next };
  const more = new More(find(element, "[data-act=more]"), {
    left: () => list_at.next,
    read: async () => {
      const first = await read_more(app, course, list_at, append);
      show_state(element, {});
      return first;
    },
    failed: (error) => show_state(element, { error }),
  });
  find(element, "[data-retry]")?.addEventListener("click", () => more.go_on());
  const row_of = (user) => find(list, `[data-id="${CSS.escape(user.id)}"]`);
  const append = (enrollment) => {
    if (row_of(enrollment.user)) return undefined;
    const element = row("enrollment", { ...enrollment, id: enrollment.user.id });
    list.append(element);
    return element;
  };
  const of_course = (data) => (data.course?.id ?? data.course) === course;
  app.heard("enrollment.enrolled", (data, frame) => {
    if (!of_course(data) || row_of(data.user)) return;
    list.prepend(row("enrollment", { id: data.user.id, user: data.user, enrolled_at: frame.at }));
    while (list.childElementCount > AT_MOST[name]) list.lastElementChild.remove();
    came_at.push(Date.now());
    draw_burst(element, came_at);
    show_state(element, {});
  });
  app.heard("enrollment.left", (data) => {
    if (!of_course(data)) return;
    row_of(data.user)?.remove();
    show_state(element, { empty: list.childElementCount === 0 });
  });
  app.heard("enrollment.enrolled", (data) => of_course(data) && draw_count(element, data.enrolled));
  app.heard("enrollment.left", (data) => of_course(data) && draw_count(element, data.enrolled));
}

/** @returns {Promise<HTMLElement|undefined>} the first row that was appended */
async function read_more(app, course, list_at, append) {
  const page = await app.command("enrollment.list", { course, before: list_at.next });
  list_at.next = page.next;
  return page.enrollments.map(append).find(Boolean);
}

function draw_count(element, enrolled) {
  for (const count of find_all(element, "[data-enrolled]")) count.textContent = enrolled;
}

/** Many at once are told as one line that moves. */
function draw_burst(element, came_at) {
  const line = find(element, "[data-moving-line]");
  if (!line) return;
  while (came_at[0] < Date.now() - BURST_MS) came_at.shift();
  line.hidden = came_at.length < BURST_FROM;
  line.textContent = `+${came_at.length} in ten minutes`;
}
