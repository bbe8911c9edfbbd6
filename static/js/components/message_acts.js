/** What one does to a message or around the conversation: reply, copy its link, try again, throw
 *  away, jump, join. Clicks and keys come here alike. */

const ACTS = {
  reply: (room, row) => room.composer.reply(message_of(room, row)),
  "copy-link": (room, row) => copy_link(room, row),
  retry: (room, row) => retry(room, row.dataset.key),
  discard: (room, row) => discard(room, row.dataset.key),
  latest: (room) => jump(room),
  join: (room) => join(room),
};

export function act_on_message(room, event) {
  const row = event.target.closest("li.message");
  if (event.type === "keydown") {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key !== "r" || !plain || event.target !== row || !row.dataset.seq) return;
    event.preventDefault();
    ACTS.reply(room, row);
    return;
  }
  if (event.target.closest("[data-retry]")) return jump(room);
  const act = event.target.closest("[data-act]")?.dataset.act;
  ACTS[act]?.(room, row);
  event.target.closest("details.menu")?.removeAttribute("open");
}

const message_of = (room, row) => room.timeline.by_id(row.dataset.id);

async function copy_link(room, row) {
  const link = new URL(`${room.look.base}/${row.dataset.seq}`, location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    room.app.toast({ text: "Link copied." });
  } catch {
    room.app.toast({ text: link });
  }
}

function retry(room, key) {
  const entry = room.app.session.unsent.of_room(room.id).find((one) => one.key === key);
  if (!entry) return;
  room.timeline.add_pending({ key });
  room.draw_in_place();
  room.app.session.post(entry.args, key).catch(() => {});
}

function discard(room, key) {
  room.app.session.discard(key);
  room.timeline.drop(key);
  room.draw_in_place();
  room.composer.focus();
}

async function jump(room) {
  try {
    if (room.timeline.more_after || !room.timeline.last_seq) await room.history.to_latest();
    room.scroll.to_end();
    room.draw_jump();
  } catch (error) {
    room.app.toast({ text: error.message, danger: true });
  }
}

/** What a member sees is drawn by the server: the page is read again with the new right. */
async function join(room) {
  try {
    await room.app.command("room.join", { room: room.id });
    location.reload();
  } catch (error) {
    room.app.toast({ text: error.message, danger: true });
  }
}
