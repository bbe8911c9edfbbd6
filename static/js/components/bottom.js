/** The bottom bar of a small screen. */
import { follow_counts } from "app/components/counts.js";

export default function mount(element, app) {
  follow_counts(element, app);
}
