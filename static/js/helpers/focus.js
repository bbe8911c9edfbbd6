/** The focus stays on something while the page changes under it. */

/** Runs `change`. When what had the focus is gone or hidden then, the first of `places` that can
 *  take it does. */
export function keep_focus(change, ...places) {
  const before = document.activeElement;
  change();
  if (!before || before === document.body) return;
  if (before.isConnected && before.checkVisibility({ visibilityProperty: true })) return;
  for (const place of places) {
    place?.focus({ preventScroll: true });
    if (place && document.activeElement === place) return;
  }
}
