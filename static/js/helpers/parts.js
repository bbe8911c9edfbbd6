/** Parts of a page that the server draws: fetched and put in place, for another right or another
 *  address, so that the page is not loaded anew. */
import { find_all } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";

/** @param {object} [how] as of `read_parts` */
export async function refresh_parts(app, how) {
  if (!(await read_parts(app, how))) location.reload();
}

/**
 * @param {{names?: string[], signal?: AbortSignal, carry?: () => () => void, near?: () => HTMLElement|null}} how
 *   `signal` ends it before anything is put in place. `carry` is called right before that, and what
 *   it gives back right after: for what the reader has done to the parts. `near` has the focus
 *   afterwards when what had it is gone.
 * @returns {Promise<boolean>} whether the server gave the page
 */
export async function read_parts(app, { names, signal, carry = () => () => {}, near } = {}) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (signal?.aborted) return true;
  document.title = page.title;
  const state = JSON.parse(page.getElementById("state").textContent);
  Object.assign(app.state, { ...state, cursors: app.state.cursors });
  await Promise.all(put_in_place(page, names, carry, near).map((part) => app.mount(part)));
  return true;
}

/** All parts in one go: somebody who types or walks on meanwhile finds no half of a page, and keeps
 *  the control that they are at. */
function put_in_place(page, names, carry, near) {
  const wanted = (part) => !names || names.includes(part.dataset.part);
  const outer = (part) => part.parentElement.closest("[data-part]");
  // What stands in another part comes with that one.
  const whole = (part) => wanted(part) && !(outer(part) && wanted(outer(part)));
  const parts = find_all(page, "[data-part]").filter((part) => whole(part) && shown(part));
  const focused = address_of(document.activeElement);
  const change = () => {
    const carried = carry();
    for (const part of parts) shown(part).replaceWith(document.adoptNode(part));
    carried();
  };
  keep_focus(change, () => focused && found_in(parts, focused), near, document.getElementById("main"));
  return parts;
}

const shown = ({ dataset }) => document.querySelector(`[data-part="${dataset.part}"]`);

/** How to find a control again in parts that were drawn anew. */
function address_of(control) {
  const { id, name, value, localName, textContent } = control ?? {};
  const row = control?.closest("[data-id]")?.dataset.id;
  if (id) return { selector: `#${CSS.escape(id)}`, same: () => true };
  if (name)
    return { selector: `[name="${CSS.escape(name)}"]`, same: (one) => one.value === value };
  if (!row) return null;
  const selector = `[data-id="${CSS.escape(row)}"] ${localName}`;
  return { selector, same: (one) => one.textContent === textContent };
}

const found_in = (parts, { selector, same }) =>
  parts.flatMap((part) => find_all(part, selector)).find(same);
