/** Runs at most once in a while: what asks in between is served by the run to come. */
export function later(run, wait_ms) {
  let clock = null;
  return () => {
    clock ??= setTimeout(() => {
      clock = null;
      run();
    }, wait_ms);
  };
}

/** Runs when nothing asked for a while. */
export function settled(run, wait_ms) {
  let clock = null;
  return (...values) => {
    clearTimeout(clock);
    clock = setTimeout(() => run(...values), wait_ms);
  };
}
