/** The dialog in which a room gets another name and description. */
import { on_submit } from "app/helpers/forms.js";

export default function mount(element, app) {
  const { room } = element.dataset;
  const dialog = element.closest("dialog");
  on_submit(element, async ({ name = "", description = "" }) => {
    await app.command("room.update", { room, name, description });
    dialog.close();
  });
  for (const button of document.querySelectorAll("[data-opens=edit-room]")) {
    button.addEventListener("click", () => {
      // Somebody else may have changed them since the page was made.
      for (const name of ["name", "description"])
        element.elements[name].value = app.state.room[name] ?? "";
      dialog.showModal();
    });
  }
}
