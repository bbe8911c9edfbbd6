/** The focus stays on something while the page changes under it. */

/** Runs `change`. When what had the focus is gone or hidden then, the first of `places` that can
 *  take it does; a place that is only there afterwards is given as a function. */
export function keep_focus(change, ...places) {
  const before = document.activeElement;
  change();
  if (!before || before === document.body) return;
  if (before.isConnected && before.checkVisibility({ visibilityProperty: true })) return;
  for (const given of places) {
    const place = typeof given === "function" ? given() : given;
    place?.focus({ preventScroll: true });
    if (place && document.activeElement === place) return;
  }
}
