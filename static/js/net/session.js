/** Puts the parts of net/ together: one line, its commands, its topics, and what was not sent yet. */
import { Commands } from "app/net/commands.js";
import { Emitter } from "app/net/emitter.js";
import { Socket } from "app/net/socket.js";
import { Status } from "app/net/status.js";
import { Topics } from "app/net/topics.js";
import { Unsent } from "app/net/unsent.js";
import { new_key } from "app/helpers/keys.js";

export class Session extends Emitter {
  #keyed;
  #started = false;
  #early = [];

  /** @param {{epoch?: string, cursors?: object, viewer?: {id: string}|null,
   *    server?: {keyed: string[], retried: string[], reconnect: Record<number, string>}}} page */
  constructor(page, url, env) {
    super();
    this.viewer = page.viewer ?? null;
    this.#keyed = new Set(page.server?.keyed);
    this.socket = new Socket(url, env, page.server?.reconnect);
    this.commands = new Commands(this.socket, env, page.server?.retried);
    this.topics = new Topics((cmd, args, options) => this.commands.ask(cmd, args, options), page);
    this.status = new Status(env);
    this.unsent = this.viewer && new Unsent(this.viewer.id, env);
    this.#join();
  }

  /** The line may open while the page still loads: what it tells waits for `start`. */
  open() {
    if (this.socket.state === "idle") this.socket.start();
  }

  start() {
    this.#started = true;
    for (const react of this.#early.splice(0)) react();
    for (const { key, args, error } of this.unsent?.all() ?? []) {
      if (!error) this.#post(args, key).catch(() => {});
    }
    this.open();
  }

  /** @returns {Promise<object>} the result; rejects with a CommandError */
  command(cmd, args = {}, options = {}) {
    const key = options.key ?? (this.#keyed.has(cmd) ? new_key() : undefined);
    return this.commands.ask(cmd, args, { ...options, key });
  }

  /** Sends a message once, whatever happens to the line or the page before its answer.
   *  `sent` and `unsent` tell every part of the page, also for messages of the page before. */
  post(args, key = new_key()) {
    this.unsent.add(key, args);
    return this.#post(args, key);
  }

  discard(key) {
    this.unsent.remove(key);
  }

  async #post(args, key) {
    try {
      const { message } = await this.commands.ask("chat.post", args, { key, lane: args.room });
      this.unsent.remove(key);
      this.emit("sent", { key, message });
      return message;
    } catch (error) {
      this.unsent.fail(key, error.message);
      this.emit("unsent", { key, args, error });
      throw error;
    }
  }

  #join() {
    const { commands, topics, status } = this;
    this.#hear("hello", (hello) => {
      this.emit("hello", hello);
      commands.closed();
      topics.greeted(hello).then(() => this.emit("synced"));
      commands.opened();
      status.opened(hello.slow);
    });
    this.#hear("frame", (frame) => {
      if (frame.push) topics.pushed(frame);
      else if (frame.ref !== undefined && frame.ref !== null) commands.replied(frame);
    });
    this.#hear("down", () => {
      commands.closed();
      status.closed();
    });
    this.#hear("halt", (ending) => {
      status.stopped(ending.reason);
      this.emit("halt", ending);
    });
    topics.on("behind", (count) => status.behind(count));
    commands.on("waiting", (count) => status.waiting(count));
  }

  #hear(event, react) {
    this.socket.on(event, (told) => {
      if (this.#started) react(told);
      else this.#early.push(() => react(told));
    });
  }
}
