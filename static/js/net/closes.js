/** What the client does for each way in which a socket ends. */

/** @typedef {"now"|"backoff"|"wave"|"stop"|"login"|"reload"} Reaction */

/** By what the server asks for, in `server.closing` or, for a code, in the page's state. */
const REACTIONS = {
  no: "stop",
  now: "now",
  backoff: "backoff",
  after_login: "login",
  reload: "reload",
};
const RESTART = 1012;
const REPLACED = 4409;

/**
 * A proxy may swallow the close frame, so what `server.closing` announced goes before the code
 * that the socket saw. Every code that nothing is asked for is retried: a lost line looks like
 * 1006, and a missed heartbeat can arrive as 1000.
 * @param {number} seen  @param {{code?: number, reconnect?: string, retry_after_ms?: number}} [closing]
 * @param {Record<number, string>} [reconnect] what the server asks for by code
 * @returns {{code: number, reaction: Reaction, least_ms: number, reason: string}}
 */
export function reaction_to(seen, closing, reconnect = {}) {
  const code = closing?.code ?? seen;
  const asked = reconnect[code] ?? closing?.reconnect;
  return {
    code,
    reaction: code === RESTART ? "wave" : (REACTIONS[asked] ?? "backoff"),
    least_ms: closing?.retry_after_ms ?? 0,
    reason:
      code === REPLACED
        ? "Paused: elearn is open in many other tabs."
        : "The live connection was ended by the server.",
  };
}
