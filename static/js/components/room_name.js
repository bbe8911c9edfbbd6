/** A room's name in every place of its page that says it. `data-room-name` marks one: its text, or
 *  the attribute that is named; `data-before` is what the place says before the name. */
import { find_all, set_title } from "app/helpers/dom.js";

export function draw_room_name(name) {
  for (const place of find_all(document, "[data-room-name]")) {
    const { roomName: attribute, before = "# " } = place.dataset;
    if (attribute) place.setAttribute(attribute, before + name);
    else place.textContent = before + name;
  }
  set_title(name);
}
