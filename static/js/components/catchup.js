/** What waits in each course, with counts that move. */
import { find, find_all, set_count } from "app/helpers/dom.js";

export default function mount(element, app) {
  app.on("lost", ({ course, room }) => {
    if (course) find(element, `[data-course="${course}"]`)?.remove();
    if (room) find(element, `[data-room="${room}"]`)?.remove();
  });
  app.on("rooms", () => {
    for (const course of find_all(element, "[data-course]")) {
      const unread = app.rooms.unread_of_course(course.dataset.course);
      set_count(course.querySelector("[data-count=unread]"), unread);
    }
  });
}
