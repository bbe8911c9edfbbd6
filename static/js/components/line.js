/** Who reads a line to the teachers of a course: it is those who teach it now. */
import { draw_faces } from "app/components/faces.js";
import { find, row } from "app/helpers/dom.js";
import { later } from "app/helpers/later.js";
import { show_state, sync_rows } from "app/helpers/rows.js";

export default function mount(element, app) {
  const { room, course } = element.dataset;
  const read = later(async () => {
    const { members } = await app.command("room.members", { room });
    const staff = members.filter(({ role }) => role === "staff").map(({ user }) => user);
    const others = members.map(({ user }) => user).filter(({ id }) => id !== app.viewer.id);
    app.state.members?.splice(0, Infinity, ...others);
    sync_rows(find(element, "[data-list=staff]"), staff, (one, old) => old ?? row("person", one));
    show_state(element, { empty: staff.length === 0 });
    if (!app.state.room.with) draw_faces(find(document, ".room-head [data-faces]"), others);
  }, 100);
  const of_course = ({ topic }) => topic === `course:${course}`;
  for (const event of ["course.updated", "user.updated"])
    app.heard(event, (_, frame) => of_course(frame) && read());
}
