/** The door of a room: what one who is in the course and not in the room may know of it, and the way
 *  in. Whatever opens the room, or takes it away, makes another page of it. */
import { More } from "app/components/more.js";
import { fill, find, find_all, row, set_title } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";
import { on_submit } from "app/helpers/forms.js";

export default function mount(element, app) {
  const { room: id, course } = element.dataset;
  const topic = `course:${course}`;
  const list = find(element, "[data-list=members]");
  const room = { ...app.state.room, members: app.state.total_members };
  const draw = (change) => {
    Object.assign(room, change);
    const parts = find_all(element, ".page-head, .door-box, h2");
    keep_focus(() => parts.forEach((part) => fill(part, room)), find(element, ".crumbs a"));
  };
  const here = ({ id: user }) => find(list, `[data-id="${CSS.escape(user)}"]`);
  const again = () => location.reload();
  const show = (user) => {
    if (here(user)) return undefined;
    const line = row("person", user);
    list.append(line);
    return line;
  };
  let { more_members: before } = app.state;
  new More(find(element, "[data-act=more]"), {
    left: () => before,
    read: async () => {
      const page = await app.command("room.members", { room: id, before });
      before = page.next;
      return page.members.map(({ user }) => show(user)).find(Boolean);
    },
    failed: (error) => app.toast({ text: error.message, danger: true }),
  });

  const form = find(element, "form");
  on_submit(form, async () => {
    await app.command(form.dataset.command, { room: id });
    again();
  });
  for (const event of ["room.updated", "room.archived"])
    app.heard(event, ({ room: told }) => {
      if (told.id !== id) return;
      if (told.kind === undefined) return again(); // it became private
      const { name, description, archived } = told;
      draw({ name, description, archived });
      set_title(name);
    });
  app.heard("room.joined", ({ room: joined, user, members }) => {
    if (joined !== id) return;
    if (user.id === app.viewer.id || room.kind === "private") return again();
    show(user);
    draw({ members });
  });
  app.heard("room.left", ({ room: left, user, members }) => {
    if (left !== id) return;
    here(user)?.remove();
    draw({ members });
  });
  app.heard("server.unsubscribed", ({ topic: lost }) => lost === topic && again());
  app.recovers((lost) => lost === topic, async () => again());
}
