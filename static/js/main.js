/** The page's start: one session, and each component of the page mounted on its own element. */
import { App } from "app/app.js";
import { page_state } from "app/helpers/state.js";
import { use_zone } from "app/helpers/time.js";
import { browser_env, safe_storage } from "app/net/env.js";
import { Session } from "app/net/session.js";
import { tell_what_is_opened } from "app/components/opened.js";
import { listen_to_shell } from "app/components/shell.js";
import { keep_times_true } from "app/components/times.js";
import { use_seats } from "app/models/course.js";
import { forget_recent } from "app/models/recent.js";
import { mount_shortcuts } from "app/components/shortcuts.js";

/** Modules are loaded where a page has their element. */
const COMPONENTS = {
  appearance: () => import("app/components/appearance.js"),
  bell: () => import("app/components/bell.js"),
  bottom: () => import("app/components/bottom.js"),
  catchup: () => import("app/components/catchup.js"),
  connection: () => import("app/components/connection.js"),
  course: () => import("app/components/course.js"),
  discover: () => import("app/components/discover.js"),
  "edit-room": () => import("app/components/edit_room.js"),
  editor: () => import("app/components/editor.js"),
  enrollments: () => import("app/components/enrollments.js"),
  feed: () => import("app/components/feed.js"),
  feedback: () => import("app/components/feedback.js"),
  invite: () => import("app/components/invite.js"),
  "latest-update": () => import("app/components/latest_update.js"),
  members: () => import("app/components/members.js"),
  menu: () => import("app/components/menu.js"),
  messages: () => import("app/components/messages.js"),
  "new-room": () => import("app/components/new_room.js"),
  notifications: () => import("app/components/notifications.js"),
  panel: () => import("app/components/panel.js"),
  people: () => import("app/components/people.js"),
  presence: () => import("app/components/presence.js"),
  profile: () => import("app/components/profile.js"),
  publish: () => import("app/components/publish.js"),
  room: () => import("app/components/room.js"),
  "room-acts": () => import("app/components/room_acts.js"),
  rooms: () => import("app/components/rooms.js"),
  search: () => import("app/components/search.js"),
  "search-report": () => import("app/components/search_report.js"),
  sidebar: () => import("app/components/sidebar.js"),
  toasts: () => import("app/components/toasts.js"),
  updates: () => import("app/components/updates.js"),
};

async function start() {
  const state = page_state();
  use_zone(state.viewer?.timezone);
  use_seats(state.server?.seats);
  if (state.viewer === null) forget_recent(safe_storage());
  const path = state.viewer ? "/ws" : "/ws/search";
  const url = location.origin.replace(/^http/, "ws") + path;
  const session = new Session(state, url, browser_env({ visitor: !state.viewer }));
  const app = new App(state, session);
  session.on("halt", (ending) => halted(ending));
  listen_to_shell(app);
  app.mount = (root) =>
    Promise.all([...root.querySelectorAll("[data-component]")].map((e) => mount(e, app)));
  await app.mount(document);
  keep_times_true(document.body);
  mount_shortcuts(app);
  if (state.viewer) tell_what_is_opened(app);
  // A visitor's page without positions shows nothing that moves.
  if (state.viewer || Object.keys(state.cursors ?? {}).length) session.start();
  document.documentElement.dataset.ready = "";
}

/** A component that fails costs the page only itself. */
async function mount(element, app) {
  const load = COMPONENTS[element.dataset.component];
  if (!load) return;
  try {
    (await load()).default(element, app);
  } catch (error) {
    console.error(`component ${element.dataset.component}`, error);
  }
}

function halted({ reaction }) {
  if (reaction === "reload") location.reload();
  if (reaction !== "login") return;
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`/sign-in?next=${next}`);
}

start();
