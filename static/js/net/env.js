/** Everything that net/ takes from the browser, in one object, so that tests give their own. */

/** @typedef {ReturnType<typeof browser_env>} Env */

export function browser_env() {
  return {
    open: (url) => new WebSocket(url),
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
      const answer = await fetch("/api/me", { headers: { Accept: "application/json" } });
      return answer.status === 401;
    },
  };
}

/** Private windows may refuse storage: then what is kept lives as long as the page. */
function safe_storage() {
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
