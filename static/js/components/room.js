/** A room, or the thread of an update: its conversation, its composer, the reader's place in it. */
import { Composer } from "app/components/composer.js";
import { History } from "app/components/history.js";
import { adopt, draw_messages } from "app/components/message_rows.js";
import { act_on_message } from "app/components/message_acts.js";
import { ReadMarks } from "app/components/read_marks.js";
import { TypingLine } from "app/components/typing.js";
import { find, set_hidden, set_text } from "app/helpers/dom.js";
import { new_key } from "app/helpers/keys.js";
import { cut } from "app/helpers/letters.js";
import { Scroll } from "app/helpers/scroll.js";
import { Timeline } from "app/models/timeline.js";

export default function mount(element, app) {
  new Room(element, app);
}

class Room {
  constructor(element, app) {
    const { state, viewer } = app;
    this.element = element;
    this.app = app;
    this.id = element.dataset.room;
    this.room = state.room;
    this.away = 0;
    this.shut = false;
    this.timeline = new Timeline({ ...state, viewer });
    const base = `${element.dataset.kind === "thread" ? "/updates" : "/rooms"}/${this.id}`;
    this.look = { base, viewer_id: viewer.id, highlight: state.highlight ?? null };
    this.list = find(element, "[data-list=messages]");
    this.scroll = new Scroll(
      find(element, "[data-scroll]") ?? document.scrollingElement,
      this.list,
    );
    this.marks = new ReadMarks(app, this.id, this.scroll, state.read_seq);
    this.history = new History(this);
    this.typing = new TypingLine(element, app, this.room);
    this.composer = new Composer({
      form: find(element, "[data-composer]"),
      room: this.id,
      viewer,
      people: () => (app.state.members ?? []).filter((person) => person.id !== viewer.id),
      send: (body, reply_to, mentions) => this.post(body, reply_to, mentions),
      typing: (on) => this.typing.wrote(on),
    });
    for (const entry of app.session.unsent.of_room(this.id))
      this.timeline.add_pending(pending_of(entry));
    adopt(this.list);
    this.draw();
    this.#arrive();
    this.scroll.hold_end();
    this.#listen();
  }

  draw() {
    this.look.offline = this.app.offline;
    draw_messages(this.list, this.timeline, this.look);
    const rows = this.timeline.messages().length + this.timeline.pending().length;
    set_hidden(this.element, "[data-empty]", rows > 0);
    set_hidden(this.element, "[data-history=older]", !this.timeline.more_before);
    set_hidden(this.element, "[data-history=newer]", !this.timeline.more_after);
    this.draw_jump();
    this.marks.look();
  }

  /** New rows move only a reader who is at the end. */
  draw_in_place() {
    const at_end = this.scroll.at_end() && !this.timeline.more_after;
    this.scroll.keep(() => this.draw());
    if (at_end) this.scroll.to_end();
  }

  draw_jump() {
    const there = this.scroll.at_end() && !this.timeline.more_after;
    if (there) this.away = 0;
    const button = find(this.element, "[data-act=latest]");
    const far = this.scroll.from_end() > 400 || this.timeline.more_after;
    button.hidden = there || !(this.away || far);
    set_text(button, "[data-text]", this.away ? `${this.away} new` : "Latest");
  }

  /** @param {string[]} mentions ids of people that were chosen by name */
  async post(body, reply_to, mentions = [], key = new_key()) {
    if (this.timeline.more_after) await this.history.to_latest();
    const created_at = new Date().toISOString();
    const quoted = reply_to && quote_of(reply_to);
    this.timeline.add_pending({ key, body, reply_to: quoted, created_at });
    this.draw();
    this.scroll.to_end();
    const args = {
      room: this.id,
      body,
      ...(reply_to && { reply_to: reply_to.id }),
      ...(mentions.length && { mentions }),
    };
    this.app.session.post(args, key).catch(() => {});
  }

  #arrive() {
    const { highlight } = this.look;
    const row = highlight && find(this.list, `[data-seq="${highlight}"]`);
    if (row) {
      row.scrollIntoView({ block: "center" });
      row.focus({ preventScroll: true });
    } else if (this.scroll.source !== window) {
      const divider = find(this.list, ".new-divider");
      this.scroll.to_end();
      if (divider && divider.getBoundingClientRect().top < this.scroll.bounds().top) {
        divider.scrollIntoView({ block: "start" });
      }
    }
    this.draw_jump();
  }

  #listen() {
    const { app, element, id } = this;
    const topic = `room:${id}`;
    app.session.topics.subscribe(topic, app.state.cursors?.[topic]);
    app.heard(
      "chat.posted",
      ({ message }, frame) => message.room === id && this.#posted(message, frame),
    );
    app.heard("chat.read", ({ room, seq }) => room === id && this.marks.moved(seq));
    app.session.status.on("line", () => this.timeline.pending().length && this.draw_in_place());
    app.session.on(
      "sent",
      ({ key, message }) => message.room === id && this.#confirmed(key, message),
    );
    app.session.on(
      "unsent",
      ({ key, args, error }) => args.room === id && this.#refused(key, error),
    );
    app.heard(
      "server.unsubscribed",
      ({ topic: lost, error }) => lost === topic && this.#shut(error),
    );
    for (const event of ["room.updated", "room.archived"]) {
      app.heard(event, ({ room }) => room.id === id && this.#changed(room));
    }
    app.heard("room.joined", ({ room, user }) => {
      if (this.shut && room === id && user.id === app.viewer.id) location.reload();
    });
    app.recovers(
      (lost) => lost === topic,
      () => this.history.to_latest(),
    );
    element.addEventListener("click", (event) => act_on_message(this, event));
    element.addEventListener("keydown", (event) => act_on_message(this, event));
    this.scroll.source.addEventListener("scroll", () => this.draw_jump(), { passive: true });
    addEventListener("resize", () => this.scroll.at_end() && this.scroll.to_end());
  }

  #posted(message, frame) {
    const change = this.timeline.apply(message, message.key ?? frame?.key ?? null);
    if (change === "none") return;
    const mine = message.author.id === this.app.viewer.id;
    if (change !== "changed" && !mine) this.away += 1;
    this.draw_in_place();
    if (change !== "changed" && !mine) this.app.speak(`${message.author.name}: ${message.body}`);
  }

  #confirmed(key, message) {
    this.timeline.confirm(key, message);
    this.draw_in_place();
  }

  #refused(key, error) {
    this.timeline.fail(key, error.message);
    this.draw_in_place();
  }

  #changed(room) {
    this.room = { ...this.room, ...room };
    set_text(this.element, "[data-text=name]", room.name);
    set_text(this.element, "[data-text=description]", room.description);
    const place = find(this.element, "[data-composer-closed]");
    set_hidden(place, "[data-act=join]", this.room.joined || room.archived);
    this.composer.close(place, this.#closed_words());
  }

  /** Why nobody writes here, or not this reader: "" where they may. */
  #closed_words() {
    const { archived, joined, kind } = this.room;
    if (archived) return "This room is closed. You can read it; nobody can write.";
    if (!joined) return "You are reading as a visitor. Join to write and to hear about news.";
    const writes = ["owner", "moderator", "staff"].includes(this.app.state.role);
    return kind === "announce" && !writes ? "Only teachers write here." : "";
  }

  /** Without the right to read there is nothing left to show. */
  #shut(error) {
    this.shut = true;
    this.timeline.reset({ messages: [], more_before: false, more_after: false });
    this.draw();
    set_hidden(this.element, "[data-empty]", true);
    const place = find(this.element, "[data-composer-closed]");
    this.composer.close(place, error?.message ?? "You can no longer read this room.");
  }
}

const quote_of = ({ id, seq, author, body }) => ({ id, seq, author, excerpt: cut(body, 90) });

const pending_of = ({ key, args, at, error }) => ({
  key,
  body: args.body,
  created_at: new Date(at).toISOString(),
  error,
});
