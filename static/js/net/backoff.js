/** How long to wait before the next attempt: exponential with full jitter, so that clients cut at
 *  one moment do not come back at one moment. */

const BASE_MS = 500;
export const CAP_MS = 20_000;
/** A planned restart spreads its clients over this span. */
const WAVE_MS = 5_000;

/** @param {number} attempt 0 for the first retry  @param {() => number} random in [0, 1) */
export function backoff_ms(attempt, random, least_ms = 0) {
  const span_ms = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 16));
  return Math.round(least_ms + random() * span_ms);
}

export function wave_ms(random) {
  return Math.round(random() * WAVE_MS);
}
