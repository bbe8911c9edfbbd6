/** The course editor's preview of what lists and search will show; a warning before work is lost. */
import { find } from "app/helpers/dom.js";

export default function mount(element) {
  const form = find(element, "form");
  const preview = document.querySelector("[data-preview]");
  let changed = false;
  form.addEventListener("input", ({ target }) => {
    changed = true;
    const shown = preview && find(preview, `[data-text="${CSS.escape(target.name)}"]`);
    if (shown) shown.textContent = target.value || (shown.dataset.blank ?? "");
  });
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
}
