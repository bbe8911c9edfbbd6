/** Who is here now, beside a room: the list, the dots, the count in the room's head. Of a conversation
 *  of two there is the dot alone. */
import { find, find_all, row, set_text } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";
import { Here } from "app/models/presence.js";

const SHOWN = 12;
/** What happens between two polls of a slow line is not heard. */
const READ_AGAIN_MS = 30_000;

export default function mount(element, app) {
  const topic = `room:${element.dataset.room}`;
  const here = new Here();
  const list = find(element, "[data-list=here]");
  const more = find(element, "[data-act=all-here]");
  let whole = false;
  let typing = [];

  const draw = () => {
    for (const person of find_all(document, "[data-component=members] .person, [data-person]"))
      person.classList.toggle("is-here", here.has(person.dataset.id));
    if (list) draw_list();
  };

  const draw_list = () => {
    const count = here.count;
    const people = here.people ?? [];
    element.hidden = !count;
    set_text(element, "[data-here-count]", String(count ?? ""));
    for (const place of find_all(document, "[data-here]"))
      place.textContent = count ? `, ${count} here` : "";
    const shown = people.length > SHOWN + 1 && !whole ? SHOWN : people.length;
    draw_people(list, people.slice(0, shown), typing);
    keep_focus(
      () => (more.hidden = shown === people.length),
      list.children[SHOWN] && find(list.children[SHOWN], "a"),
    );
    more.textContent = `Show ${people.length - shown} more`;
  };
  more?.addEventListener("click", () => {
    whole = true;
    draw_list();
  });

  const read = async () => {
    here.load(await app.command("presence.list", { topic }));
    fold_members();
    draw();
  };

  app.heard("presence.changed", (data, frame) => {
    if (frame.topic !== topic || here.count === null) return;
    here.apply(data);
    draw();
  });
  app.heard("server.unsubscribed", ({ topic: lost }) => {
    if (lost !== topic) return;
    here.load({});
    draw();
  });
  app.on("typing", (ids) => {
    typing = ids;
    draw();
  });
  const try_to_read = () => read().catch((error) => console.warn("who is here", error));
  // Listening comes first: what changes after the list was read is then heard.
  app.session.on("synced", try_to_read);
  setInterval(() => app.session.status.slow && try_to_read(), READ_AGAIN_MS);
}

/** Rows stay where they are: only who came, went or moved is touched. */
function draw_people(list, people, typing) {
  const known = new Map(find_all(list, ".person").map((person) => [person.dataset.id, person]));
  const rows = people.map((user) => {
    const person = known.get(user.id) ?? row("person", user);
    person.classList.add("is-here");
    set_text(person, "[data-person-note]", typing.includes(user.id) ? "typing" : "");
    return person;
  });
  for (const person of known.values()) if (!rows.includes(person)) person.remove();
  rows.forEach((person, place) => {
    if (list.children[place] !== person) list.insertBefore(person, list.children[place] ?? null);
  });
}

/** Once it is known who is here, all the others are a click away. */
function fold_members() {
  const members = find(document, "[data-component=members] details:not([data-folded])");
  if (!members) return;
  members.dataset.folded = "";
  members.open = false;
}
