/** The dialog in which a room is renamed, described, closed or opened again. */
import { on_submit } from "app/helpers/forms.js";

export default function mount(element, app) {
  const { room } = element.dataset;
  const dialog = element.closest("dialog");
  on_submit(element, async ({ name = "", description = "" }) => {
    await app.command("room.update", { room, name, description });
    dialog.close();
  });
  for (const button of document.querySelectorAll("[data-opens=edit-room]")) {
    button.addEventListener("click", () => dialog.showModal());
  }
  element
    .querySelector("[data-act=archive]")
    ?.addEventListener("click", async ({ currentTarget: button }) => {
      const archived = button.dataset.archived !== "true";
      try {
        await app.command("room.archive", { room, archived });
        dialog.close();
        button.dataset.archived = String(archived);
        button.textContent = archived ? "Reopen the room" : "Close the room";
        const back = () => app.command("room.archive", { room, archived: !archived });
        app.toast({
          text: archived ? "The room is closed." : "The room is open again.",
          undo: back,
        });
      } catch (error) {
        app.toast({ text: error.message, danger: true });
      }
    });
}
