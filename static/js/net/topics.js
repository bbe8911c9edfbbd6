/** A position per topic, so that every stored event reaches the page once and in order, or the page
 *  is told to read anew (`reload`); what it missed is told first (`behind`: how many messages, and
 *  null when there is nothing left). Pushes that come before a topic's backlog are held. */
import { Emitter } from "app/net/emitter.js";

const FUTILE_FETCHES = 3;
const OF_LINE = { of_line: true };
/** What is missed after a cut is known with the reply that brings it. */
const UNCOUNTED = { messages: 0, more: false };

/** @typedef {{cursor: number, ready: boolean, held: object[], futile: number, wanted: number}} Position */

export class Topics extends Emitter {
  #ask;
  #epoch;
  #line = 0;
  /** @type {Map<string, Position>} */
  #positions = new Map();

  /**
   * @param {(cmd: string, args: object, options?: object) => Promise<object>} ask
   * @param {{epoch?: string, cursors?: Record<string, number>}} page what the page was made from
   */
  constructor(ask, { epoch = null, cursors = {} }) {
    super();
    this.#ask = ask;
    this.#epoch = epoch;
    for (const [topic, cursor] of Object.entries(cursors)) this.#place(topic, cursor, 1);
  }

  cursor(topic) {
    return this.#positions.get(topic)?.cursor ?? null;
  }

  /** A new line: everything is behind until its backlog was read. */
  greeted({ epoch, topics = {} }) {
    this.#line += 1;
    const known_epoch = this.#epoch ?? epoch;
    this.#epoch = known_epoch;
    let behind = false;
    for (const [topic, newest] of Object.entries(topics)) {
      if (!this.#positions.has(topic)) this.#place(topic, newest, 0);
      behind ||= newest > this.#positions.get(topic).cursor;
    }
    const placed = [];
    for (const [topic, position] of this.#positions) {
      position.ready = false;
      position.held = [];
      if (position.cursor === null) this.#join(topic, position);
      else placed.push(topic);
    }
    if (behind) this.emit("behind", UNCOUNTED);
    return this.#sync(placed, known_epoch, { counted: true }).then(() => {
      this.#epoch = epoch;
    });
  }

  /** @param {number} [cursor] what the page already shows; without it, from now on */
  async subscribe(topic, cursor) {
    const known = this.#positions.get(topic);
    if (known) {
      known.wanted += 1;
      return;
    }
    await this.#join(topic, this.#place(topic, cursor ?? null, 1));
  }

  async #join(topic, position) {
    const line = this.#line;
    const { cursor } = position;
    const args = cursor === null ? { topic } : { topic, cursor, epoch: this.#epoch };
    try {
      const reply = await this.#ask("subscribe", args, OF_LINE);
      if (line !== this.#line) return;
      if (!this.#caught_up(topic, position, reply)) await this.#sync([topic], this.#epoch);
    } catch (error) {
      if (error.code !== "cut") this.#lost(topic, position, error);
    }
  }

  unsubscribe(topic) {
    const position = this.#positions.get(topic);
    if (!position || --position.wanted > 0) return;
    this.#positions.delete(topic);
    this.#ask("unsubscribe", { topic }).catch(() => {});
  }

  /** @param {{push: string, topic?: string, seq?: number, data: object}} frame */
  pushed(frame) {
    if (frame.push === "server.subscribed") return this.#added(frame.data);
    if (frame.push === "server.unsubscribed") return this.#removed(frame);
    if (frame.seq === undefined) return this.#deliver(frame);
    const position = this.#positions.get(frame.topic);
    if (!position || frame.seq <= position.cursor) return;
    if (position.ready && frame.seq === position.cursor + 1) {
      position.cursor = frame.seq;
      this.#deliver(frame);
      return;
    }
    position.held.push(frame);
    if (position.ready) this.#fetch(frame.topic, position);
  }

  #added({ topic, cursor }) {
    const position = this.#positions.get(topic);
    if (!position) this.#place(topic, cursor, 0).ready = true;
    else if (position.ready && cursor > position.cursor) this.#fetch(topic, position);
    this.emit("server.subscribed", { topic, cursor }, null);
  }

  #removed(frame) {
    this.#positions.delete(frame.data.topic);
    this.emit("server.unsubscribed", frame.data, frame);
  }

  #fetch(topic, position) {
    position.ready = false;
    return this.#sync([topic], this.#epoch);
  }

  /** @param {{counted?: boolean}} [how] whether it is said how many messages were missed */
  async #sync(topics, epoch, { counted = false } = {}) {
    if (!topics.length) return;
    const line = this.#line;
    const cursors = {};
    for (const topic of topics) {
      const position = this.#positions.get(topic);
      if (position) cursors[topic] = position.cursor;
    }
    let reply;
    try {
      reply = await this.#ask("sync", { epoch, cursors }, OF_LINE);
    } catch (error) {
      if (error.code !== "cut" && line === this.#line) this.#sync_failed(topics, error);
      return;
    }
    if (line !== this.#line) return;
    const missed = counted && this.#missed(reply);
    if (missed.messages) this.emit("behind", missed);
    const unfinished = [];
    for (const [topic, part] of Object.entries(reply.topics)) {
      const position = this.#positions.get(topic);
      if (!position) continue;
      if (part.error) this.#lost(topic, position, part.error);
      else if (!this.#caught_up(topic, position, part)) unfinished.push(topic);
    }
    if (unfinished.length) await this.#sync(unfinished, epoch, { counted });
    else this.emit("behind", null);
  }

  /** The messages that a reply brings: what else it holds has no number that anybody would check. */
  #missed({ topics }) {
    const parts = Object.entries(topics);
    const is_message = (topic, { push, seq }) =>
      push === "chat.posted" && seq > (this.#positions.get(topic)?.cursor ?? Infinity);
    const missed = parts.map(
      ([topic, { events = [] }]) => events.filter((event) => is_message(topic, event)).length,
    );
    return {
      messages: missed.reduce((sum, count) => sum + count, 0),
      more: parts.some(([, { more }]) => more),
    };
  }

  /** The line answers but the backlog cannot be had: what is shown can no longer be trusted. */
  #sync_failed(topics, error) {
    for (const topic of topics) {
      const position = this.#positions.get(topic);
      if (!position) continue;
      position.ready = true;
      this.emit("reload", { topic, reason: error.code ?? "sync" });
    }
    this.emit("behind", null);
  }

  /** @returns {boolean} false when there is more to ask for */
  #caught_up(topic, position, { cursor, recovered, events = [], more = false }) {
    if (this.#positions.get(topic) !== position) return true;
    const before = position.cursor;
    if (recovered === false) this.#jump(topic, position, cursor);
    for (const frame of events) {
      if (frame.seq <= position.cursor) continue;
      position.cursor = frame.seq;
      this.#deliver(frame);
    }
    position.cursor = Math.max(position.cursor ?? 0, cursor ?? 0);
    if (more) return false;
    this.#release(topic, position, position.cursor > (before ?? -1));
    return position.ready;
  }

  #jump(topic, position, cursor) {
    position.cursor = cursor;
    this.emit("reload", { topic, reason: "not recovered" });
  }

  /** Hands out what waited. A hole that the log cannot fill after some tries is said, not shown. */
  #release(topic, position, advanced) {
    position.futile = advanced ? 0 : position.futile + 1;
    position.held.sort((one, other) => one.seq - other.seq);
    while (position.held.length) {
      const frame = position.held[0];
      if (frame.seq > position.cursor + 1) {
        if (position.futile < FUTILE_FETCHES) return;
        this.#jump(topic, position, frame.seq - 1);
      }
      position.held.shift();
      if (frame.seq <= position.cursor) continue;
      position.cursor = frame.seq;
      this.#deliver(frame);
    }
    position.futile = 0;
    position.ready = true;
  }

  #lost(topic, position, error) {
    if (this.#positions.get(topic) !== position) return;
    this.#positions.delete(topic);
    this.emit("server.unsubscribed", { topic, error }, null);
  }

  #deliver(frame) {
    this.emit(frame.push, frame.data, frame);
  }

  #place(topic, cursor, wanted) {
    const position = { cursor, ready: false, held: [], futile: 0, wanted };
    this.#positions.set(topic, position);
    return position;
  }
}
