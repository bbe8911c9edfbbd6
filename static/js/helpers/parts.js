/** Parts of a page that the server draws for another right: fetched and put in place, so that the
 *  page is not loaded anew. */
import { keep_focus } from "app/helpers/focus.js";

export async function refresh_parts(app) {
  if (!(await read_parts(app))) location.reload();
}

/** @returns {Promise<boolean>} whether the server gave the page */
export async function read_parts(app) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const state = JSON.parse(page.getElementById("state").textContent);
  Object.assign(app.state, { ...state, cursors: app.state.cursors });
  for (const fresh of page.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${fresh.dataset.part}"]`);
    if (!old) continue;
    const part = document.adoptNode(fresh);
    keep_focus(() => old.replaceWith(part), document.getElementById("main"));
    await app.mount(part);
  }
  return true;
}
