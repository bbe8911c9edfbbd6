/** The one honest line about the connection. A break shorter than two seconds is not worth a word. */
import { Emitter } from "app/net/emitter.js";

const QUIET_MS = 2_000;

/** @typedef {{state: "connecting"|"live"|"catching-up"|"offline"|"stopped", text: string}} Line */

export class Status extends Emitter {
  /** @type {Line} */
  line = { state: "connecting", text: "connecting" };
  #env;
  #open = false;
  #was_open = false;
  #alarm = false;
  #clock = null;
  #behind = 0;
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
    this.#arm();
    this.#tell();
  }

  stopped(reason) {
    this.#stopped = reason;
    this.#tell();
  }

  behind(count) {
    this.#behind = count;
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
    if (this.#open && this.#behind > 0) {
      return { state: "catching-up", text: `catching up (${this.#behind})` };
    }
    if (!this.#open && this.#alarm) {
      const waiting = this.#waiting ? `, ${this.#waiting} waiting to send` : "";
      return { state: "offline", text: `offline${waiting}` };
    }
    if (!this.#was_open) return { state: "connecting", text: "connecting" };
    return { state: "live", text: this.#slow ? "live (slow line)" : "live" };
  }
}
