/** What a search box shows belongs to the newest keystroke: older questions are cancelled, and an
 *  answer that comes late is dropped. */

export class Search {
  q = "";
  /** @type {{q: string, hits: object[], total: number, reduced?: boolean}|null} */
  answer = null;
  error = null;
  busy = false;
  #ask;
  #abort = null;

  /** @param {(q: string, signal: AbortSignal) => Promise<object>} ask */
  constructor(ask, changed = () => {}) {
    this.#ask = ask;
    this.changed = changed;
  }

  async type(text) {
    const q = text.trim();
    if (q === this.q && !this.error) return;
    this.#abort?.abort();
    this.q = q;
    this.error = null;
    if (!q) return this.clear();
    const abort = (this.#abort = new AbortController());
    this.busy = true;
    try {
      const answer = await this.#ask(q, abort.signal);
      if (abort.signal.aborted) return;
      this.answer = { ...answer, q: answer.q ?? q };
    } catch (error) {
      if (abort.signal.aborted) return;
      this.answer = null;
      this.error = error;
    }
    this.busy = false;
    this.changed();
  }

  retry() {
    const q = this.q;
    this.q = "";
    return this.type(q);
  }

  clear() {
    this.#abort?.abort();
    this.q = "";
    this.answer = null;
    this.error = null;
    this.busy = false;
    this.changed();
  }

  /** @returns {string} the sentence for those who hear the list */
  spoken() {
    if (this.error) return this.error.message;
    if (!this.answer) return "";
    const { total, hits } = this.answer;
    if (!hits.length) return `No courses found for ${this.q}.`;
    const all = total > hits.length ? `${hits.length} of ${total} courses shown.` : "";
    return all || (total === 1 ? "One course found." : `${total} courses found.`);
  }
}
