/** The page's start: one session, and each component of the page mounted on its own element. */
import { App } from "app/app.js";
import { leave_composing } from "app/helpers/editing.js";
import { page_state } from "app/helpers/state.js";
import { use_server_clock, use_zone } from "app/helpers/time.js";
import { browser_env, safe_storage } from "app/net/env.js";
import { Session } from "app/net/session.js";
import { mount_menus } from "app/components/menus.js";
import { listen_to_shell } from "app/components/shell.js";
import { keep_times_true } from "app/components/times.js";
import { use_seats } from "app/models/course.js";

/** Modules are loaded where a page has their element; the server announces them in the order in
 *  which they stand here. These show what comes over the line, which is heard when all are there. */
const FIRST = {
  appearance: () => import("app/components/appearance.js"),
  catchup: () => import("app/components/catchup.js"),
  connection: () => import("app/components/connection.js"),
  course: () => import("app/components/course.js"),
  discover: () => import("app/components/discover.js"),
  editor: () => import("app/components/editor.js"),
  enrollments: () => import("app/components/enrollments.js"),
  entrance: () => import("app/components/entrance.js"),
  feed: () => import("app/components/feed.js"),
  feedback: () => import("app/components/feedback.js"),
  "latest-update": () => import("app/components/latest_update.js"),
  line: () => import("app/components/line.js"),
  members: () => import("app/components/members.js"),
  messages: () => import("app/components/messages.js"),
  notifications: () => import("app/components/notifications.js"),
  "own-zone": () => import("app/components/own_zone.js"),
  people: () => import("app/components/people.js"),
  presence: () => import("app/components/presence.js"),
  profile: () => import("app/components/profile.js"),
  publish: () => import("app/components/publish.js"),
  room: () => import("app/components/room.js"),
  "room-acts": () => import("app/components/room_acts.js"),
  rooms: () => import("app/components/rooms.js"),
  "seen-updates": () => import("app/components/seen_updates.js"),
  "search-report": () => import("app/components/search_report.js"),
  toasts: () => import("app/components/toasts.js"),
  updates: () => import("app/components/updates.js"),
};

/** What waits for a hand, or draws from the models of the shell: it is a link, a form, a count of
 *  the server's until then. */
const LATER = {
  bell: () => import("app/components/bell.js"),
  bottom: () => import("app/components/bottom.js"),
  "edit-room": () => import("app/components/edit_room.js"),
  invite: () => import("app/components/invite.js"),
  "new-room": () => import("app/components/new_room.js"),
  panel: () => import("app/components/panel.js"),
  search: () => import("app/components/search.js"),
  sidebar: () => import("app/components/sidebar.js"),
};

async function start() {
  const state = page_state();
  use_zone(state.viewer?.timezone);
  use_server_clock(state.now);
  use_seats(state.server?.seats);
  const path = state.viewer ? "/ws" : "/ws/search";
  const url = location.origin.replace(/^http/, "ws") + path;
  const session = new Session(state, url, browser_env({ visitor: !state.viewer }));
  const app = new App(state, session);
  session.on("halt", (ending) => halted(ending));
  // A visitor's page without positions shows nothing that moves.
  const has_line = state.viewer || Object.keys(state.cursors ?? {}).length > 0;
  if (has_line) session.open();
  listen_to_shell(app);
  mount_menus();
  app.mount = (root) => mount_all(root, { ...FIRST, ...LATER }, app);
  await mount_all(document, FIRST, app);
  keep_times_true(document.body);
  if (has_line) session.start();
  await finish(app);
  document.documentElement.dataset.ready = "";
}

async function finish(app) {
  const [{ mount_shortcuts }, { tell_what_is_opened }, { forget_recent }] = await Promise.all([
    import("app/components/shortcuts.js"),
    import("app/components/opened.js"),
    import("app/models/recent.js"),
    mount_all(document, LATER, app),
  ]);
  mount_shortcuts(app);
  if (app.viewer) tell_what_is_opened(app);
  else forget_recent(safe_storage());
  // What moved in the meantime; and a field that somebody is in already is entered anew.
  app.recount();
  app.emit("notices");
  document.activeElement?.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
}

function mount_all(root, components, app) {
  const named = [...root.querySelectorAll("[data-component]")];
  return Promise.all(named.map((element) => mount(element, components, app)));
}

/** The line ends with the session while the form's own answer, which leads on, is on its way. */
let signing_out = false;
document.querySelector("form[action='/sign-out']")?.addEventListener("submit", () => {
  signing_out = true;
});

/** A component that fails costs the page only itself. */
async function mount(element, components, app) {
  const load = components[element.dataset.component];
  if (!load) return;
  try {
    (await load()).default(element, app);
  } catch (error) {
    console.error(`component ${element.dataset.component}`, error);
  }
}

function halted({ reaction }) {
  if (reaction === "reload") location.reload();
  if (reaction !== "login" || signing_out) return;
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`/sign-in?next=${next}`);
}

// Before any component: what listens first at the top hears first.
leave_composing(window);
start();
