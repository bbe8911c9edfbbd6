/** Times on a page that stays open: what was "14:05" is "Mon 14:05" after midnight. The server
 *  writes them in the person's zone; the script in that of the machine. */
import { find_all, set_time } from "app/helpers/dom.js";
import { until_midnight_ms } from "app/helpers/time.js";

export function keep_times_true(root) {
  for (const element of find_all(root, "time[datetime]")) {
    if (element.matches("[data-time]")) set_time(element, element.getAttribute("datetime"));
  }
  setTimeout(() => keep_times_true(root), until_midnight_ms());
}
