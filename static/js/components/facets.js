/** The choices beside the list: what a form of them says as an address, and how the long ones are
 *  looked through. */
import { find, find_all } from "app/helpers/dom.js";
import { holds } from "app/models/words.js";

/** The controls that a script makes needless, or possible. */
export function draw_facets() {
  for (const button of find_all(document, "[data-apply]")) button.hidden = true;
  for (const field of find_all(document, "[data-find]")) field.hidden = false;
}

/** @returns {() => void} to be called when the facets were drawn anew: what was open is open again,
 *    with what is looked for in it */
export function carry_facets() {
  const open = find_all(document, "[data-facet]:has(details[open])");
  const carried = open.map((facet) => [facet.dataset.facet, find(facet, "[data-find]")]);
  return () => {
    for (const [name, field] of carried) unfold(name, field);
  };
}

function unfold(name, { value, selectionStart, selectionEnd }) {
  const rest = find(document, `[data-facet="${name}"] details`);
  if (!rest) return;
  rest.open = true;
  const field = find(rest, "[data-find]");
  field.value = value;
  field.setSelectionRange(selectionStart, selectionEnd);
  find_choices(field);
}

export function find_choices(field) {
  for (const choice of find_all(field.parentElement, ".choice"))
    choice.hidden = !holds(field.value, [find(choice, ".choice-text").textContent]);
}

/** The address of what a form says, without what it does not say; in the server's order.
 *  @param {object} filters of the page's state: its names are the fields */
export function address_of(form, filters) {
  const order = ["q", ...Object.keys(filters), "sort"];
  const said = [...new FormData(form)].filter(([, value]) => value !== "");
  said.sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  const query = new URLSearchParams(said).toString();
  return form.getAttribute("action") + (query && `?${query}`);
}
