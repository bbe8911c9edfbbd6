/** Whether the reader may write here, or read at all, as that changes; the page has the words. */
import { find, find_all, set_hidden, set_text } from "app/helpers/dom.js";

export class Door {
  #element;
  #room;
  #writes;
  #composer;
  #shut = false;

  /** @param {{element: HTMLElement, room: object, writes: boolean,
   *    composer: import("app/components/composer.js").Composer}} parts
   *    `writes`: whether the reader's role writes here while the room is open */
  constructor({ element, room, writes, composer }) {
    this.#element = element;
    this.#room = room;
    this.#writes = writes;
    this.#composer = composer;
  }

  changed(room) {
    this.#room = { ...this.#room, ...room };
    set_text(this.#element, "[data-text=name]", room.name);
    set_text(this.#element, "[data-text=description]", room.description);
    const joinable = !this.#room.joined && !room.archived;
    set_hidden(this.#element, "[data-composer-closed] [data-act=join]", !joinable);
    this.#close(this.#why());
  }

  /** The right to read is gone. */
  shut(error) {
    this.#shut = true;
    if (error) set_text(this.#element, "[data-closed=lost]", error.message);
    this.#close("lost");
  }

  /** The reader is in the room again: what a member sees is drawn by the server. */
  opened() {
    if (this.#shut) location.reload();
  }

  /** Why nobody writes here, or not this reader: "" where they may. */
  #why() {
    if (this.#room.archived) return "archived";
    if (!this.#room.joined) return "visitor";
    return this.#writes ? "" : "role";
  }

  #close(why) {
    this.#composer.hide(Boolean(why));
    const place = find(this.#element, "[data-composer-closed]");
    place.hidden = !why;
    for (const words of find_all(place, "[data-closed]"))
      words.hidden = words.dataset.closed !== why;
  }
}
