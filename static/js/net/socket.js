/** The page's one line to the server: opens it, notices when it is dead, and opens it again as the
 *  close codes ask. Where no WebSocket gets through it polls, and tries the socket now and then.
 *  Emits `hello`, `frame`, `down` and `halt`; knows nothing of commands or topics. */
import { backoff_ms, wave_ms } from "app/net/backoff.js";
import { reaction_to } from "app/net/closes.js";
import { Emitter } from "app/net/emitter.js";

const HELLO_WITHIN_MS = 10_000;
const PROBE_WITHIN_MS = 8_000;
const SETTLED_MS = 10_000;
const ASK_SESSION_AFTER = 3;
const POLL_AFTER = 2;
const TRIAL_MS = 5_000;
const TRIAL_CAP_MS = 300_000;
/** For so long a page begins with the line that the page before it ended with. */
const REMEMBER_MS = 600_000;
const SLOW = "elearn.slow-line";

export class Socket extends Emitter {
  /** @type {"idle"|"connecting"|"open"|"waiting"|"stopped"} */
  state = "idle";
  #env;
  #url;
  #reconnect;
  #ws = null;
  #attempt = 0;
  #refused = 0;
  #opened_at = 0;
  #heard_at = 0;
  #heartbeat_ms = 25_000;
  #closing = null;
  #retry = null;
  #patience = null;
  #pulse = null;
  #slow = false;
  #trial = null;
  #trials = 0;
  #next_trial = null;

  /** @param {Record<number, string>} [reconnect] what the server asks for by close code */
  constructor(url, env, reconnect = {}) {
    super();
    this.#url = url;
    this.#reconnect = reconnect;
    this.#env = env;
    this.#slow = env.now_ms() - Number(env.storage.getItem(SLOW) ?? 0) < REMEMBER_MS;
  }

  start() {
    this.#env.watch(() => this.wake());
    this.#connect();
  }

  /** @returns {boolean} whether the frame was handed to an open line */
  send(frame) {
    if (this.state !== "open") return false;
    this.#ws.send(JSON.stringify(frame));
    return true;
  }

  /** After sleep or a change of network: try at once, and doubt a line that looks open. */
  wake() {
    if (this.state === "waiting") this.#connect();
    else if (this.state === "open") this.probe();
  }

  /** A line that carries nothing back within a few seconds is dead, whatever the browser thinks. */
  probe() {
    if (this.state !== "open" || this.#patience) return;
    const asked_at = this.#env.now_ms();
    this.#ws.send(JSON.stringify({ ref: "probe", cmd: "ping", args: {} }));
    this.#patience = this.#env.set_timeout(() => {
      this.#patience = null;
      if (this.#heard_at < asked_at) this.#abandon();
    }, PROBE_WITHIN_MS);
  }

  /** Starts anew after a halt, when the reader asks for it. */
  resume() {
    if (this.state === "stopped") this.#connect();
  }

  #connect() {
    this.#clear();
    this.state = "connecting";
    this.#closing = null;
    this.#attach(this.#polls_now() ? this.#env.poll() : this.#env.open(this.#url));
    this.#patience = this.#env.set_timeout(() => this.#abandon(), HELLO_WITHIN_MS);
  }

  /** Two refused handshakes may be a network without WebSockets, or a server that is away: from
   *  then on both ways are tried in turn. */
  #polls_now() {
    const enough = this.#slow || this.#refused >= POLL_AFTER;
    return Boolean(this.#env.poll) && enough && this.#refused % 2 === 0;
  }

  #attach(ws) {
    this.#ws = ws;
    ws.onmessage = (event) => ws === this.#ws && this.#heard(event.data);
    ws.onclose = (event) => ws === this.#ws && this.#ended(event.code);
    ws.onheard = () => (this.#heard_at = this.#env.now_ms());
  }

  #heard(text) {
    this.#heard_at = this.#env.now_ms();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    if (frame.push === "server.hello") this.#greeted(frame.data);
    else if (frame.push === "server.closing") this.#closing = frame.data;
    else if (frame.ref === "probe") this.#reassured();
    else if (this.state === "open") this.emit("frame", frame);
  }

  #greeted(hello) {
    this.#reassured();
    this.state = "open";
    this.#refused = 0;
    this.#opened_at = this.#heard_at;
    this.#heartbeat_ms = (hello.heartbeat_s ?? 25) * 1000;
    this.#watch_silence();
    this.#line_is(Boolean(hello.slow));
    this.emit("hello", hello);
  }

  #line_is(slow) {
    this.#slow = slow;
    if (!slow) {
      this.#trials = 0;
      this.#env.storage.removeItem(SLOW);
      return;
    }
    this.#env.storage.setItem(SLOW, String(this.#env.now_ms()));
    this.#try_later();
  }

  #try_later() {
    const span_ms = Math.min(TRIAL_CAP_MS, TRIAL_MS * 2 ** Math.min(this.#trials, 16));
    this.#trials += 1;
    const wait_ms = span_ms * (0.5 + this.#env.random() / 2);
    this.#next_trial = this.#env.set_timeout(() => this.#try_socket(), wait_ms);
  }

  /** Beside the polls, which go on until the socket has said hello. */
  #try_socket() {
    const ws = this.#env.open(this.#url);
    this.#trial = ws;
    const failed = () => {
      if (ws !== this.#trial) return;
      this.#end_trial();
      this.#try_later();
    };
    ws.onclose = failed;
    ws.onmessage = (event) => {
      if (ws === this.#trial && JSON.parse(event.data).push === "server.hello")
        this.#adopt(ws, event.data);
    };
    this.#next_trial = this.#env.set_timeout(failed, HELLO_WITHIN_MS);
  }

  #adopt(ws, text) {
    this.#trial = null;
    const polls = this.#ws;
    this.#clear();
    this.#attach(ws);
    polls.close();
    this.#heard(text);
  }

  #end_trial() {
    this.#env.clear_timeout(this.#next_trial);
    const ws = this.#trial;
    this.#trial = this.#next_trial = null;
    ws?.close();
  }

  #reassured() {
    this.#env.clear_timeout(this.#patience);
    this.#patience = null;
  }

  /** The server's pings are invisible to a script, so a quiet line is asked now and then. */
  #watch_silence() {
    this.#env.clear_timeout(this.#pulse);
    this.#pulse = this.#env.set_timeout(() => {
      if (this.#env.now_ms() - this.#heard_at >= this.#heartbeat_ms) this.probe();
      this.#watch_silence();
    }, this.#heartbeat_ms + 5_000);
  }

  #abandon() {
    const ws = this.#ws;
    this.#ended(4441);
    ws.close();
  }

  #ended(code) {
    const greeted = this.state === "open";
    if (greeted && this.#env.now_ms() - this.#opened_at >= SETTLED_MS) this.#attempt = 0;
    if (!greeted) this.#refused += 1;
    this.#ws = null;
    this.#clear();
    const ending = reaction_to(code, this.#closing, this.#reconnect);
    this.emit("down", ending);
    if (ending.reaction === "stop" || ending.reaction === "login" || ending.reaction === "reload") {
      this.#halt(ending);
      return;
    }
    this.#wait(this.#delay_ms(ending, greeted));
    if (this.#refused === ASK_SESSION_AFTER) this.#ask_session();
  }

  /** "Now" is meant for a line that had served: one that fails again at once backs off too. */
  #delay_ms({ reaction, least_ms }, greeted) {
    if (reaction === "now" && greeted && this.#attempt === 0) {
      this.#attempt = 1;
      return 0;
    }
    if (reaction === "wave") return Math.max(least_ms, wave_ms(this.#env.random));
    return backoff_ms(this.#attempt++, this.#env.random, least_ms);
  }

  #wait(ms) {
    this.state = "waiting";
    this.#retry = this.#env.set_timeout(() => this.#connect(), ms);
  }

  #halt(ending) {
    this.state = "stopped";
    this.emit("halt", ending);
  }

  async #ask_session() {
    try {
      if (!(await this.#env.signed_out()) || this.state === "open") return;
    } catch {
      return;
    }
    this.#clear();
    this.#ws = null;
    this.#halt(reaction_to(4401, { reconnect: "after_login" }));
  }

  #clear() {
    for (const id of [this.#retry, this.#patience, this.#pulse]) this.#env.clear_timeout(id);
    this.#retry = this.#patience = this.#pulse = null;
    this.#end_trial();
  }
}
