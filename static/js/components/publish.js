/** The teacher's form for an update. Its text survives a refusal and a reload. */
import { on_submit } from "app/helpers/forms.js";

export default function mount(element, app) {
  const { course } = element.dataset;
  on_submit(element, async ({ kind, title = "", body = "", link }) => {
    await app.command("update.publish", { course, kind, title, body, ...(link && { link }) });
    element.reset();
    element.closest("details")?.removeAttribute("open");
    app.toast({ text: "Published." });
  });
}
