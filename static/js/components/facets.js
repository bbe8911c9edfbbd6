/** The choices beside the list: what they make of the address, and how the long ones are looked
 *  through. */
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

/** The address of what a form says, without what it does not say.
 *  @param {object} filters of the page's state: its names are the fields */
export function address_of(form, filters) {
  return address_with([...new FormData(form)], filters);
}

/** The address with one choice changed in it. Not what its form says: while a list is on its way,
 *  the form is still the one of the list before.
 *  @param {{name: string, type: string, value: string, checked: boolean}} control */
export function address_after(search, { name, type, value, checked }, filters) {
  const one_of_many = type === "checkbox";
  const others = [...new URLSearchParams(search)].filter(
    ([field, chosen]) => field !== name || (one_of_many && chosen !== value),
  );
  const chosen = !one_of_many || checked ? [[name, value]] : [];
  return address_with([...others, ...chosen], filters);
}

/** In the server's order, from the first page. */
function address_with(pairs, filters) {
  const order = ["q", ...Object.keys(filters), "sort"];
  const said = pairs.filter(([name, value]) => order.includes(name) && value !== "");
  said.sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  const query = new URLSearchParams(said).toString();
  return "/courses" + (query && `?${query}`);
}
