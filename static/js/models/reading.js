/** How far a room is read: as far as every message was on screen. What lies behind a jump, or was
 *  never here, stays unread. */

export class Reading {
  #viewer_id;
  #seen = new Set();
  /** All up to here is read, as the server was told or told. */
  mark;

  /** @param {string} viewer_id whose own messages need no reading */
  constructor(viewer_id, mark = 0) {
    this.#viewer_id = viewer_id;
    this.mark = mark;
  }

  saw(seqs) {
    for (const seq of seqs) if (seq > this.mark) this.#seen.add(seq);
  }

  /** The mark moved: here, or in another tab. */
  moved(seq) {
    this.mark = Math.max(this.mark, seq);
    for (const one of this.#seen) if (one <= this.mark) this.#seen.delete(one);
  }

  /** @param {{messages: () => {seq: number, author: {id: string}}[], more_before: boolean, first_seq: number}} stretch
   *    an unbroken part of the room
   *  @returns {number} how far the mark can move */
  reached(stretch) {
    let reached = this.mark;
    if (this.begins_above(stretch)) return reached;
    for (const { seq, author } of stretch.messages()) {
      if (seq <= this.mark) continue;
      if (!this.#seen.has(seq) && author.id !== this.#viewer_id) break;
      reached = seq;
    }
    return reached;
  }

  /** Whether something unread stands above `first`, a message on screen. */
  skipped(stretch, first) {
    if (this.begins_above(stretch)) return true;
    const unread = ({ seq, author }) =>
      seq > this.mark && seq < first && !this.#seen.has(seq) && author.id !== this.#viewer_id;
    return stretch.messages().some(unread);
  }

  /** Whether what is unread began before this stretch. */
  begins_above({ more_before, first_seq }) {
    return more_before && first_seq > this.mark;
  }
}
