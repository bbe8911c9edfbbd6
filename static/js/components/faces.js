/** The faces of a conversation's other side. */
import { row } from "app/helpers/dom.js";

const SHOWN = 3;

export function draw_faces(place, people) {
  place.replaceChildren(...people.slice(0, SHOWN).map((person) => row("face", person)));
}
