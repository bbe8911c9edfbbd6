/** Parts of a page that the server draws: fetched and put in place, for another right or another
 *  address, so that the page is not loaded anew. */
import { find_all } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";

/** @param {AbortSignal} [signal] ends it before anything more is put in place */
export async function refresh_parts(app, signal = undefined) {
  if (!(await read_parts(app, signal))) location.reload();
}

/** @returns {Promise<boolean>} whether the server gave the page */
export async function read_parts(app, signal = undefined) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (signal?.aborted) return true;
  document.title = page.title;
  const state = JSON.parse(page.getElementById("state").textContent);
  Object.assign(app.state, { ...state, cursors: app.state.cursors });
  const focused = address_of(document.activeElement);
  for (const fresh of page.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${fresh.dataset.part}"]`);
    if (!old) continue;
    const part = document.adoptNode(fresh);
    keep_focus(
      () => old.replaceWith(part),
      focused && find_all(part, focused.selector).find(focused.same),
      document.getElementById("main"),
    );
    await app.mount(part);
    if (signal?.aborted) break;
  }
  return true;
}

/** How to find a control again in a part that was drawn anew. */
function address_of(control) {
  const { id, name, value } = control ?? {};
  if (id) return { selector: `#${CSS.escape(id)}`, same: () => true };
  if (!name) return null;
  return { selector: `[name="${CSS.escape(name)}"]`, same: (one) => one.value === value };
}
