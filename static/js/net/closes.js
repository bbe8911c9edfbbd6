/** What the client does for each way in which a socket ends. */

/** @typedef {"now"|"backoff"|"wave"|"stop"|"login"|"reload"} Reaction */

const REACTIONS = {
  1003: "stop",
  1009: "stop",
  1012: "wave",
  4400: "stop",
  4401: "login",
  4403: "stop",
  4409: "stop",
  4410: "login",
  4412: "now",
  4426: "reload",
  4440: "now",
  4441: "now",
};

const HINTS = { no: "stop", now: "now", backoff: "backoff", after_login: "login" };

const REASONS = {
  4403: "This account may not connect any more.",
  4409: "Paused: elearn is open in many other tabs.",
};

/**
 * A proxy may swallow the close frame, so what `server.closing` announced goes before the code
 * that the socket saw. Every code that is not in the table is retried: a lost line looks like
 * 1006, and a missed heartbeat can arrive as 1000.
 * @param {number} seen  @param {{code?: number, reconnect?: string, retry_after_ms?: number}} [closing]
 * @returns {{code: number, reaction: Reaction, least_ms: number, reason: string}}
 */
export function reaction_to(seen, closing) {
  const code = closing?.code ?? seen;
  return {
    code,
    reaction: REACTIONS[code] ?? HINTS[closing?.reconnect] ?? "backoff",
    least_ms: closing?.retry_after_ms ?? 0,
    reason: REASONS[code] ?? "The live connection was ended by the server.",
  };
}
