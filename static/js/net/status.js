/** The one honest line about the connection. A break shorter than two seconds is not worth a word. */
import { Emitter } from "app/net/emitter.js";

const QUIET_MS = 2_000;
/** A number that is gone before it can be read is no news. */
const READABLE_MS = 1_200;

/** @typedef {{state: "connecting"|"live"|"catching-up"|"offline"|"stopped", text: string}} Line */

export class Status extends Emitter {
  /** @type {Line} */
  line = { state: "connecting", text: "connecting" };
  #env;
  #open = false;
  #was_open = false;
  #alarm = false;
  #clock = null;
  /** @type {{messages: number, more: boolean}|null} what the page misses */
  #behind = null;
  #behind_at = 0;
  #lull = null;
  #waiting = 0;
  #stopped = "";
  #slow = false;

  constructor(env) {
    super();
    this.#env = env;
    this.#arm();
  }

  /** Whether the line is open and one of polls. */
  get slow() {
    return this.#open && this.#slow;
  }

  /** @param {boolean} [slow] over polls: it works, only not as fast */
  opened(slow = false) {
    this.#slow = slow;
    this.#env.clear_timeout(this.#clock);
    this.#clock = null;
    this.#open = this.#was_open = true;
    this.#alarm = false;
    this.#stopped = "";
    this.#tell();
  }

  closed() {
    this.#open = false;
    this.#env.clear_timeout(this.#lull);
    this.#behind = null;
    this.#arm();
    this.#tell();
  }

  stopped(reason) {
    this.#stopped = reason;
    this.#tell();
  }

  /** @param {{messages: number, more: boolean}|null} behind how many messages come in now (and
   *    more that are not counted yet); null: all are there */
  behind(behind) {
    this.#env.clear_timeout(this.#lull);
    if (behind || !this.#behind?.messages) return this.#fall_behind(behind);
    const shown_ms = this.#env.now_ms() - this.#behind_at;
    this.#lull = this.#env.set_timeout(() => this.#fall_behind(null), READABLE_MS - shown_ms);
  }

  #fall_behind(behind) {
    this.#behind = behind;
    this.#behind_at = this.#env.now_ms();
    this.#tell();
  }

  waiting(count) {
    this.#waiting = count;
    this.#tell();
  }

  #arm() {
    if (this.#clock !== null || this.#alarm) return;
    this.#clock = this.#env.set_timeout(() => {
      this.#clock = null;
      this.#alarm = true;
      this.#tell();
    }, QUIET_MS);
  }

  #tell() {
    const line = this.#words();
    if (line.state === this.line.state && line.text === this.line.text) return;
    this.line = line;
    this.emit("line", line);
  }

  #words() {
    if (this.#stopped) return { state: "stopped", text: this.#stopped };
    if (this.#open && this.#behind) {
      const { messages, more } = this.#behind;
      const count = messages ? ` (${messages}${more ? "+" : ""})` : "";
      return { state: "catching-up", text: `catching up${count}` };
    }
    if (!this.#open && this.#alarm) {
      const waiting = this.#waiting ? `, ${this.#waiting} waiting to send` : "";
      return { state: "offline", text: `offline${waiting}` };
    }
    if (!this.#was_open) return { state: "connecting", text: "connecting" };
    return { state: "live", text: this.#slow ? "live (slow line)" : "live" };
  }
}
