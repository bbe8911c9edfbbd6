/** The newest update of the course beside a room. */
import { fill, find } from "app/helpers/dom.js";

export default function mount(element, app) {
  app.on("lost", ({ course }) => course === element.dataset.course && element.remove());
  app.heard("update.published", ({ update }) => {
    if (update.course.id === element.dataset.course) fill(find(element, "a"), update);
  });
}
