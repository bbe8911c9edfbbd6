/** What the reader wrote here and is not stored yet: shown at once, sent, tried again or thrown away. */
import { new_key } from "app/helpers/keys.js";
import { cut } from "app/helpers/letters.js";

export class Outgoing {
  #room;
  #session;
  #timeline;
  #view;
  #history;

  /**
   * @param {{room: string, session: import("app/net/session.js").Session,
   *   timeline: import("app/models/timeline.js").Timeline,
   *   view: import("app/components/conversation.js").Conversation,
   *   history: import("app/components/history.js").History}} parts
   */
  constructor({ room, session, timeline, view, history }) {
    this.#room = room;
    this.#session = session;
    this.#timeline = timeline;
    this.#view = view;
    this.#history = history;
    for (const entry of this.#kept()) timeline.add_pending(pending_of(entry));
    session.on("sent", ({ key, message }) => message.room === room && this.#sent(key, message));
    session.on("unsent", ({ key, args, error }) => args.room === room && this.#refused(key, error));
    session.status.on("line", () => timeline.pending().length && view.draw_in_place());
  }

  /** @param {string[]} mentions ids of people that were chosen by name */
  async post(body, reply_to, mentions) {
    const key = new_key();
    if (this.#timeline.more_after) await this.#history.to_latest();
    const created_at = new Date().toISOString();
    this.#timeline.add_pending({ key, body, reply_to: reply_to && quote_of(reply_to), created_at });
    this.#view.draw();
    this.#view.to_end();
    const args = {
      room: this.#room,
      body,
      ...(reply_to && { reply_to: reply_to.id }),
      ...(mentions.length && { mentions }),
    };
    this.#send(args, key);
  }

  retry(key) {
    const entry = this.#kept().find((one) => one.key === key);
    if (!entry) return;
    this.#timeline.add_pending({ key });
    this.#view.draw_in_place();
    this.#send(entry.args, key);
  }

  discard(key) {
    this.#session.discard(key);
    this.#timeline.drop(key);
    this.#view.draw_in_place();
  }

  #kept() {
    return this.#session.unsent.of_room(this.#room);
  }

  /** Its end is told by `sent` or `unsent`. */
  #send(args, key) {
    this.#session.post(args, key).catch(() => {});
  }

  #sent(key, message) {
    this.#timeline.confirm(key, message);
    this.#view.draw_in_place();
  }

  #refused(key, error) {
    this.#timeline.fail(key, error.message);
    this.#view.draw_in_place();
  }
}

const quote_of = ({ id, seq, author, body }) => ({ id, seq, author, excerpt: cut(body, 90) });

const pending_of = ({ key, args, at, error }) => ({
  key,
  body: args.body,
  created_at: new Date(at).toISOString(),
  error,
});
