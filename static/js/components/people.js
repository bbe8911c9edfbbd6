/** The people of a course: who comes and goes, and a dot at those who are here now. */
import mount_enrollments from "app/components/enrollments.js";
import { find, find_all } from "app/helpers/dom.js";
import { Here } from "app/models/presence.js";

export default function mount(element, app) {
  mount_enrollments(element, app);
  if (!app.viewer) return;
  const topic = `course:${element.dataset.course}`;
  const here = new Here();
  const draw = () => {
    for (const person of find_all(document, ".person"))
      person.classList.toggle("is-here", here.has(person.dataset.id));
  };
  app.heard("presence.changed", (data, frame) => {
    if (frame.topic !== topic || here.count === null) return;
    here.apply(data);
    draw();
  });
  const list = find(element, "[data-list=people]");
  if (list) new MutationObserver(draw).observe(list, { childList: true });
  // Listening comes first: what changes after the list was read is then heard.
  app.session.on("synced", async () => {
    try {
      here.load(await app.command("presence.list", { topic }));
      draw();
    } catch (error) {
      console.warn("who is here", error);
    }
  });
}
