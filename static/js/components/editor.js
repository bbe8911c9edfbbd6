/** The course editor's preview: what lists, search and the course's page will show of what is typed;
 *  and a warning before work is lost. */
import { find } from "app/helpers/dom.js";
import { settled } from "app/helpers/later.js";
import { safe_html } from "app/helpers/safe_html.js";

const DRAW_AFTER_MS = 250;

export default function mount(element, app) {
  const form = find(element, "form");
  const preview = document.querySelector("[data-preview]");
  const draw_text = settled(drawing(form.elements.description, preview, app), DRAW_AFTER_MS);
  let changed = false;
  form.addEventListener("input", ({ target }) => {
    changed = true;
    draw_line(preview, target);
    if (target.name === "description") draw_text();
  });
  // What a browser filled in, or somebody typed before this was there.
  for (const field of form.elements) if (field.value !== field.defaultValue) draw_line(preview, field);
  if (form.elements.description.value !== form.elements.description.defaultValue) draw_text();
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
}

function draw_line(preview, { name, value }) {
  const shown = name && find(preview, `[data-text="${CSS.escape(name)}"]`);
  if (shown) shown.textContent = value || (shown.dataset.blank ?? "");
}

/** Drawn by the server, as the course's page will be; an answer to older words is not shown. */
function drawing(field, preview, app) {
  const place = find(preview, "[data-html]");
  const trouble = find(preview, "[data-preview-error]");
  let asked = null;
  return async () => {
    asked?.abort();
    const { signal } = (asked = new AbortController());
    const text = { body: field.value, kind: "update" };
    try {
      const { html } = await app.command("text.preview", text, { signal });
      if (signal.aborted) return;
      place.replaceChildren(safe_html(html));
      trouble.hidden = true;
    } catch (error) {
      if (signal.aborted) return;
      trouble.textContent = error.message;
      trouble.hidden = false;
    }
  };
}
