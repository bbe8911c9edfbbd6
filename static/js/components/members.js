/** The members beside a room: people who join appear, those who leave go. */
import { More } from "app/components/more.js";
import { find, row, set_text } from "app/helpers/dom.js";

export default function mount(element, app) {
  const list = find(element, "[data-list=members]");
  const { room } = element.dataset;
  const of_room = (data) => (data.room?.id ?? data.room) === room;
  const count = (by) => {
    const title = find(element, "[data-total-members]");
    const total = Math.max(0, Number(title.textContent.replace(/\D/g, "")) + by);
    title.textContent = total;
    set_text(element, "[data-plural]", total === 1 ? "member" : "members");
    const text = total === 1 ? "1 member" : `${total} members`;
    set_text(document, "[data-component=room] [data-members]", text);
  };
  const here = (user) => find(list, `[data-id="${CSS.escape(user.id)}"]`);
  const append = (user) => {
    if (here(user)) return undefined;
    const element = row(list.dataset.rows ?? "person", user);
    list.append(element);
    app.state.members?.push(user);
    return element;
  };
  const came = ({ user }) => append(user) && count(1);
  new More(find(element, "[data-act=more]"), {
    left: () => app.state.more_members,
    read: async () => {
      const page = await app.command("room.members", { room, before: app.state.more_members });
      app.state.more_members = page.next;
      return page.members.map(({ user, role }) => fitting(append(user), role)).find(Boolean);
    },
    failed: (error) => app.toast({ text: error.message, danger: true }),
  });
  const went = ({ user }) => {
    here(user)?.remove();
    count(-1);
  };
  // The same event comes as a copy on other topics too.
  const heard = (kind, event, wanted, act) =>
    app.heard(
      event,
      (data, frame) => wanted(data) && frame.topic.startsWith(kind) && act(data),
    );
  heard("room:", "room.joined", of_room, came);
  heard("room:", "room.left", of_room, went);
  if (app.state.room?.kind !== "course") return;
  const of_course = (data) => data.course === app.state.room.course?.id;
  heard("course:", "enrollment.enrolled", of_course, came);
  heard("course:", "enrollment.left", of_course, went);
}

/** Nobody takes an owner out of the room. */
function fitting(element, role) {
  if (element && role === "owner") find(element, "[data-act=remove-member]")?.remove();
  return element;
}
