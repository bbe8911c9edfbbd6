/** The line at the composer that says who is typing, and the word that one is typing oneself. */
import { find } from "app/helpers/dom.js";
import { OwnTyping, Typists } from "app/models/typing.js";

/** In larger rooms nobody is told. */
const MOST = 100;

const clock = {
  now_ms: () => Date.now(),
  set_timeout: (run, ms) => setTimeout(run, ms),
  clear_timeout: (id) => clearTimeout(id),
};

export class TypingLine {
  #app;
  #place;
  #people;
  #own;
  #timer = null;

  constructor(element, app, room) {
    this.#app = app;
    this.#place = find(element, "[data-typing]");
    this.#people = new Typists(app.viewer.id);
    this.#own = new OwnTyping((on) => this.#say(room, on), clock);
    app.heard("chat.typing", (data) => {
      if (data.room !== room.id) return;
      this.#people.apply(data, clock.now_ms());
      this.#draw();
    });
    app.heard("chat.posted", ({ message }) => {
      if (message.room !== room.id) return;
      this.#people.posted(message.author.id);
      this.#draw();
    });
  }

  /** The composer's text changed: whether there is one. */
  wrote(on) {
    this.#own.wrote(on);
  }

  /** A word that is lost is not worth a repeat. */
  #say(room, on) {
    if (room.members > MOST || this.#app.viewer.invisible) return;
    this.#app.command("chat.typing", { room: room.id, on }, { timeout_ms: 2_000 }).catch(() => {});
  }

  #draw() {
    this.#people.expire(clock.now_ms());
    this.#place.textContent = this.#people.text;
    this.#app.emit("typing", this.#people.ids);
    clearTimeout(this.#timer);
    const next_ms = this.#people.next_ms;
    if (next_ms !== null) this.#timer = setTimeout(() => this.#draw(), next_ms - clock.now_ms());
  }
}
