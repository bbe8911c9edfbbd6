/** Tells the server which search a course was opened from, for counts that name nobody. A request
 *  of its own: it outlives the page that the click leaves. */

const RESULTS = "[data-list=hits], [data-component=discover] [data-list=courses]";

export function tell_what_is_opened(app) {
  const tell = (event) => {
    const results = event.target.closest(RESULTS);
    const course = results && course_of(event.target.closest("a, form"));
    const q = course && searched(results);
    if (q) send(app, { q, course });
  };
  document.addEventListener("click", (event) => event.target.closest("a") && tell(event), true);
  document.addEventListener("submit", tell, true);
}

function course_of(target) {
  const path = target?.getAttribute("href") ?? target?.getAttribute("action");
  return path?.match(/^\/courses\/([0-9a-f]{24})(\/enroll)?$/)?.[1];
}

function searched(results) {
  const box = results.closest("[data-component=search]");
  const q = box ? box.querySelector("[role=combobox]").value : new URLSearchParams(location.search).get("q");
  return q?.trim();
}

function send(app, args) {
  fetch("/api/commands", {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-XSRFToken": app.state.xsrf },
    body: JSON.stringify({ cmd: "search.opened", args }),
  }).catch(() => {});
}
