/** Keeps a list's rows in step with the nouns that they show: rows that stay keep their element, so
 *  focus, selection and the reader's place survive. */

/**
 * @param {HTMLElement} list
 * @param {{id: string}[]} nouns in the order wanted
 * @param {(noun: object, old: HTMLElement|null) => HTMLElement} draw makes a row, or brings an old
 *   one up to date and gives it back
 */
export function sync_rows(list, nouns, draw) {
  const wanted = new Set(nouns.map((noun) => noun.id));
  const old = new Map();
  for (const child of [...list.children]) {
    const id = child.dataset.row ?? child.dataset.id;
    if (id === undefined) continue;
    if (wanted.has(id) && !old.has(id)) old.set(id, child);
    else child.remove();
  }
  let place = list.firstElementChild;
  for (const noun of nouns) {
    const before = old.get(noun.id) ?? null;
    const element = draw(noun, before);
    element.dataset.row = noun.id;
    if (before && element !== before) {
      if (place === before) place = element;
      before.replaceWith(element);
    }
    if (element === place) place = place.nextElementSibling;
    else list.insertBefore(element, place);
  }
}

/** Shows exactly one of a list's states: its rows, that it is empty, or what failed. */
export function show_state(root, { empty = false, error = null, loading = false }) {
  const set = (selector, hidden) => {
    const element = root.querySelector(selector);
    if (element) element.hidden = hidden;
    return element;
  };
  set("[data-empty]", !empty || Boolean(error) || loading);
  set("[data-loading]", !loading);
  set("[data-error]", !error);
  const text = root.querySelector("[data-error-text]");
  if (text && error) text.textContent = error.message ?? String(error);
}
