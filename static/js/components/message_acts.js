/** What one does to a message or around the conversation: reply, copy its link, try again, throw
 *  away, jump, mark as read, join. Clicks and keys come here alike. */

/**
 * @param {{app: object, room: string, base: string,
 *   timeline: import("app/models/timeline.js").Timeline,
 *   outgoing: import("app/components/outgoing.js").Outgoing,
 *   composer: import("app/components/composer.js").Composer,
 *   walks: Record<"latest"|"retry"|"unread"|"read", () => Promise<void>>}} parts
 */
export function follow_acts(element, { app, room, base, timeline, outgoing, composer, walks }) {
  const acts = {
    reply: (row) => composer.reply(timeline.by_id(row.dataset.id)),
    "copy-link": (row) => copy_link(app, `${base}/${row.dataset.seq}`),
    retry: (row) => outgoing.retry(row.dataset.key),
    discard: (row) => {
      outgoing.discard(row.dataset.key);
      composer.focus();
    },
    latest: () => told(app, walks.latest()),
    "first-unread": () => told(app, walks.unread()),
    "mark-read": () => told(app, walks.read()),
    join: () => told(app, join(app, room)),
  };
  element.addEventListener("click", ({ target }) => {
    if (target.closest("[data-retry]")) return told(app, walks.retry());
    const act = acts[target.closest("[data-act]")?.dataset.act];
    act?.(target.closest("li.message"));
  });
  element.addEventListener("keydown", (event) => {
    const row = event.target.closest("li.message");
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key !== "r" || !plain || event.target !== row || !row.dataset.seq) return;
    event.preventDefault();
    acts.reply(row);
  });
}

async function copy_link(app, path) {
  const link = new URL(path, location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    app.toast({ text: "Link copied." });
  } catch {
    app.toast({ text: link });
  }
}

/** What a member sees is drawn by the server: the page is read again with the new right. */
async function join(app, room) {
  await app.command("room.join", { room });
  location.reload();
}

async function told(app, done) {
  try {
    await done;
  } catch (error) {
    app.toast({ text: error.message, danger: true });
  }
}
