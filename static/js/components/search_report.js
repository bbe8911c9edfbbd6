/** How search does: the server draws the page anew while it is looked at. */
import { read_parts } from "app/helpers/parts.js";

const EVERY_MS = 10_000;

export default function mount(element, app) {
  setInterval(() => {
    // What is away now may be back at the next look; the page keeps what it has.
    if (!document.hidden) read_parts(app).catch(() => {});
  }, EVERY_MS);
}
