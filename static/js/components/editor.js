/** The course editor's preview of what lists and search will show; a warning before work is lost. */
import { find } from "app/helpers/dom.js";

const SHOWN = ["title", "code", "summary"];

export default function mount(element) {
  const form = find(element, "form");
  const preview = document.querySelector("[data-preview]");
  let changed = false;
  form.addEventListener("input", ({ target }) => {
    changed = true;
    if (!preview || !SHOWN.includes(target.name)) return;
    const empty = target.name === "title" ? "Untitled course" : "";
    find(preview, `[data-text=${target.name}]`).textContent = target.value || empty;
  });
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
}
