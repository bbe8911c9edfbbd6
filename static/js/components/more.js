/** The link below a list that brings its next part, in place of the page where it leads without a
 *  script. Nothing above moves; who pressed it stays on it, and goes on in the list after the last. */
import { find } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";

export class More {
  #link;
  #left;
  #read;
  #failed;
  #busy = false;

  /**
   * @param {HTMLElement|null} link
   * @param {{left: () => unknown, read: () => Promise<Element|null|undefined>,
   *   failed: (error: Error) => void}} parts
   *   `left` says whether the list goes on; `read` shows its next part and gives the first row of it
   */
  constructor(link, { left, read, failed }) {
    this.#link = link;
    this.#left = left;
    this.#read = read;
    this.#failed = failed;
    link?.addEventListener("click", (event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.go_on();
    });
  }

  draw(first = null) {
    if (!this.#link) return;
    const hide = () => (this.#link.hidden = !this.#left());
    keep_focus(hide, first && (find(first, "a, button") ?? first));
  }

  async go_on() {
    if (this.#busy || !this.#left()) return;
    this.#busy = true;
    this.#link?.setAttribute("aria-busy", "true");
    try {
      this.draw(await this.#read());
    } catch (error) {
      this.#failed(error);
    }
    this.#link?.removeAttribute("aria-busy");
    this.#busy = false;
  }
}
