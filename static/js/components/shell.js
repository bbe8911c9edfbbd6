/** Keeps the shell's models in step with events, whatever page is shown. Draws nothing itself. */
import { draw_room_name } from "app/components/room_name.js";
import { find_all, set_text } from "app/helpers/dom.js";

const STRUCTURE = ["room.created", "room.updated", "room.archived"];
const OWN = ["enrollment.enrolled", "enrollment.left", "room.joined", "room.left"];

export function listen_to_shell(app) {
  if (!app.viewer) return;
  listen_to_rooms(app);
  listen_to_notices(app);
  listen_to_rights(app);
  app.heard("user.updated", ({ user }) => {
    if (user.id !== app.viewer.id) return;
    // Another role opens and closes acts all over the page.
    if (user.role !== app.viewer.role) location.reload();
    else app.reread_rooms(); // other courses may be theirs
  });
  app.recovers(
    (topic) => /^(user|course|staff):/.test(topic),
    () => reread(app),
  );
}

function listen_to_rooms(app) {
  const { rooms, viewer, session } = app;
  const moved = (changed) => changed && app.recount();
  app.heard("chat.posted", ({ message }, frame) => {
    moved(rooms.posted({ ...message, at: message.created_at, n: frame.n ?? null }));
  });
  app.heard("room.activity", (data) => {
    const listening = session.topics.cursor(`room:${data.room}`) !== null;
    if (!listening) moved(rooms.active(data));
  });
  app.heard("chat.read", (data) => {
    if (!rooms.read(data)) return app.reread_rooms();
    app.recount();
  });
  for (const event of STRUCTURE) app.heard(event, () => app.reread_rooms());
  for (const event of OWN) {
    app.heard(event, ({ user }) => user?.id === viewer.id && app.reread_rooms());
  }
}

function listen_to_notices(app) {
  const { notices } = app;
  app.heard("notification.read", (data) => {
    notices.told(data);
    app.emit("notices");
  });
  app.heard("notification.created", (data) => {
    if (!notices.created(data)) return;
    if (data.notice.kind === "message.direct") app.reread_rooms();
    app.emit("notices", data.notice);
  });
  app.heard("notification.withdrawn", (data) => {
    if (!notices.withdrawn(data)) app.reread_notices();
    app.emit("notices");
  });
}

/** With a right go the words that it let one read, from whatever page shows them. */
function listen_to_rights(app) {
  const { notices, viewer, session } = app;
  app.heard("server.unsubscribed", ({ topic }) => {
    const [kind, id] = topic.split(":");
    notices.lost(topic);
    app.emit("notices");
    app.reread_notices();
    app.emit("lost", { [kind]: id });
  });
  // A topic that is listened to says by itself when that ends: who left may be back by now.
  const left = (kind, id, user) => {
    const listens = session.topics.cursor(`${kind}:${id}`) !== null;
    if (user.id === viewer.id && !listens) app.emit("lost", { [kind]: id });
  };
  app.heard("enrollment.left", ({ course, user }) => left("course", course, user));
  app.heard("room.left", ({ room, user }) => left("room", room, user));
  // Who is back in a room or a course may see what they were told of it.
  for (const event of ["enrollment.enrolled", "room.joined"])
    app.heard(event, ({ user }) => user.id === viewer.id && app.reread_notices());
  app.heard("server.subscribed", () => app.reread_notices());
  app.on("lost", ({ course, room }) => {
    if (course && app.state.update?.course.id === course) location.reload();
    if (room && app.state.room?.id === room) strip_room(app.state.room);
  });
}

/** Around a conversation that went stand words of its room, too. */
function strip_room({ kind }) {
  const about = "#context, .context-open, .room-head details.menu, #edit-room, #invite";
  for (const element of find_all(document, about)) element.remove();
  for (const line of find_all(document, ".room-head-meta"))
    line.replaceChildren(...find_all(line, "a"));
  if (kind !== "private") return;
  draw_room_name("private room");
  set_text(document, ".room-head [data-text=name]", "private room");
  document.title = "elearn";
}

function reread(app) {
  app.reread_rooms();
  return app.read_notices();
}
