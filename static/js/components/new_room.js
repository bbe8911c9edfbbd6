/** The dialog in which a teacher makes a room. */
import { on_submit } from "app/helpers/forms.js";

export default function mount(element, app) {
  const { course } = element.dataset;
  on_submit(element, async ({ name = "", description = "", kind }) => {
    const { room } = await app.command("room.create", { course, name, description, kind });
    element.reset();
    element.closest("dialog")?.close();
    app.reread_rooms();
    app.toast({ text: `The room ${room.name} is open.` });
  });
}
