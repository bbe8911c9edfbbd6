/** Forms that are sent over the socket: one act at a time, errors beside what caused them. */
import { find, find_all } from "app/helpers/dom.js";

/**
 * @param {HTMLFormElement} form
 * @param {(values: Record<string, string>) => Promise<unknown>} act
 */
export function on_submit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy !== undefined) return;
    form.dataset.busy = "";
    clear_errors(form);
    const buttons = find_all(form, "[type=submit]");
    for (const button of buttons) button.disabled = true;
    try {
      await act(values_of(form));
    } catch (error) {
      show_error(form, error);
    }
    for (const button of buttons) button.disabled = false;
    delete form.dataset.busy;
  });
}

/** Empty fields are left out: what was not said is not sent. */
function values_of(form) {
  const filled = [...new FormData(form)].filter(
    ([name, value]) => value !== "" && name !== "_xsrf",
  );
  return Object.fromEntries(filled);
}

/** An error that names a field stands there, in place of the hint; any other at the form's end. */
function show_error(form, error) {
  const field = error.field && find(form, `[data-field="${CSS.escape(error.field)}"]`);
  const place = field && find(field, "[data-field-error]");
  if (!place) return show_form_error(form, error.message);
  place.className = "error";
  place.textContent = error.message;
  place.hidden = false;
  field.classList.add("has-error");
  const control = find(field, "input, textarea, select");
  control?.setAttribute("aria-invalid", "true");
  control?.focus();
}

function show_form_error(form, text) {
  const place = find(form, "[data-form-error]");
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
}

function clear_errors(form) {
  show_form_error(form, "");
  for (const field of find_all(form, ".has-error")) {
    field.classList.remove("has-error");
    find(field, "[aria-invalid]")?.removeAttribute("aria-invalid");
    const place = find(field, "[data-field-error]");
    place.className = "hint";
    place.textContent = place.dataset.hint ?? "";
    place.hidden = !place.textContent;
  }
}
