/** Everything that net/ takes from the browser, in one object, so that tests give their own. */

import { PollLine } from "app/net/polling.js";

/** @typedef {ReturnType<typeof browser_env>} Env */

/** @param {{visitor?: boolean}} options who has no account cannot lose a session */
export function browser_env({ visitor = false } = {}) {
  const env = {
    open: (url) => new WebSocket(url),
    /** A line without a WebSocket. */
    poll: () => new PollLine(env),
    http: request,
    set_timeout: (run, ms) => setTimeout(run, ms),
    clear_timeout: (id) => clearTimeout(id),
    now_ms: () => Date.now(),
    random: () => Math.random(),
    storage: safe_storage(),
    visible: () => document.visibilityState === "visible",
    /** Calls back when the machine may have slept, moved to another network, or lost it. */
    watch: (wake) => {
      for (const name of ["online", "offline", "pageshow"]) addEventListener(name, wake);
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "visible") wake();
      });
    },
    /** A handshake that is refused tells a script nothing; the same cookie over HTTP does. */
    signed_out: async () => {
      if (visitor) return false;
      const answer = await fetch("/api/me", { headers: { Accept: "application/json" } });
      return answer.status === 401;
    },
  };
  return env;
}

/** @returns {Promise<{status: number, body: object|null}>} rejects when no answer came */
async function request(method, path, body = null, signal = undefined) {
  const headers = { Accept: "application/json" };
  if (body) {
    headers["Content-Type"] = "application/json";
    headers["X-XSRFToken"] = document.querySelector("meta[name=xsrf]")?.content ?? "";
  }
  const answer = await fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json().catch(() => null) };
}

/** Private windows may refuse storage: then what is kept lives as long as the page. */
export function safe_storage() {
  try {
    localStorage.setItem("elearn.probe", "1");
    localStorage.removeItem("elearn.probe");
    return localStorage;
  } catch {
    return memory_storage();
  }
}

export function memory_storage() {
  const held = new Map();
  return {
    getItem: (name) => held.get(name) ?? null,
    setItem: (name, value) => void held.set(name, String(value)),
    removeItem: (name) => void held.delete(name),
  };
}
