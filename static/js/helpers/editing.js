/** What a script changes in a text that somebody is writing. */

/** Puts `text` in place of a part of a field, as if it were typed: the browser's own undo takes it
 *  back, `input` is told, and `maxlength` holds. The caret stands behind it. */
export function type_over(field, start, end, text) {
  field.focus();
  field.setSelectionRange(start, end);
  if (start === end && !text) return;
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  // A browser without the command has no undo for what scripts do.
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export const empty = (field) => type_over(field, 0, field.value.length, "");

/** Safari tells of the key that ends a composition when it is over, and marks it by this number
 *  alone; elsewhere it stands for what an input method keeps to itself. */
const KEPT_BY_INPUT_METHOD = 229;

/** Keys with which somebody composes a word are their input method's: no act of a page hears them. */
export function leave_composing(target) {
  const keep = (event) => {
    if (event.isComposing || event.keyCode === KEPT_BY_INPUT_METHOD) event.stopImmediatePropagation();
  };
  target.addEventListener("keydown", keep, { capture: true });
}
