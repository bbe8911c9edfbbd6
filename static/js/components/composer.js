/** The composer of a room: its draft survives, Enter sends, a reply is a mode that Escape leaves. */
import { find } from "app/helpers/dom.js";
import { settled } from "app/helpers/later.js";
import { Mentions } from "app/components/mentions.js";

const DRAFT_AFTER_MS = 300;

export class Composer {
  #form;
  #field;
  #name;
  #send;
  #typing;
  #mentions;
  #reply_to = null;

  /** @param {{form: HTMLFormElement, room: string, viewer: {id: string}, people: () => object[], send: (body: string, reply_to: object|null, mentions: string[]) => void, typing: (on: boolean) => void}} parts */
  constructor({ form, room, viewer, people, send, typing }) {
    this.#form = form;
    this.#field = find(form, "textarea[name=body]");
    this.#name = `elearn.draft.${viewer.id}.${room}`;
    this.#send = send;
    this.#typing = typing;
    this.#restore();
    this.#mentions = new Mentions(this.#field, people);
    const keep = settled(() => this.#keep(), DRAFT_AFTER_MS);
    this.#field.addEventListener("input", () => {
      this.#complain("");
      this.#grow();
      this.#typing(Boolean(this.#field.value.trim()));
      keep();
    });
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("pagehide", () => this.#keep());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    find(form, "[data-act=cancel-reply]")?.addEventListener("click", () => this.reply(null));
  }

  focus() {
    this.#field.focus();
  }

  /** @param {{id: string, author: {name: string}}|null} message */
  reply(message) {
    this.#reply_to = message;
    const line = find(this.#form, "[data-replying]");
    line.hidden = !message;
    find(line, "[data-text=name]").textContent = message?.author.name ?? "";
    this.#field.focus();
  }

  hide(hidden) {
    this.#form.hidden = hidden;
  }

  #key(event) {
    if (event.isComposing || this.#mentions.key(event)) return;
    const breaks = event.shiftKey || matchMedia("(pointer: coarse)").matches;
    if (event.key === "Enter" && !breaks) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && this.#reply_to) {
      event.preventDefault();
      event.stopPropagation();
      this.reply(null);
    }
  }

  #submit() {
    // The indentation of a first line of code is part of it.
    const body = this.#field.value.replace(/^([^\S\n]*\n)+/, "").trimEnd();
    if (!body) return;
    const most = this.#field.maxLength;
    if ([...body].length > most) return this.#complain(`A message has ${most} characters at most.`);
    const reply_to = this.#reply_to;
    this.#field.value = "";
    this.reply(null);
    this.#grow();
    this.#keep();
    this.#typing(false);
    this.#send(body, reply_to, this.#mentions.take_chosen(body));
  }

  #complain(text) {
    const place = find(this.#form, "[data-composer-error]");
    place.textContent = text;
    place.hidden = !text;
  }

  #restore() {
    try {
      const draft = localStorage.getItem(this.#name);
      if (draft && !this.#field.value) this.#field.value = draft;
    } catch {
      // A browser that keeps nothing keeps no drafts.
    }
    this.#grow();
  }

  #keep() {
    try {
      if (this.#field.value) localStorage.setItem(this.#name, this.#field.value);
      else localStorage.removeItem(this.#name);
    } catch {
      // As above.
    }
  }

  /** Where the browser cannot size a field by its content. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    const lines = this.#field.value.split("\n").length;
    this.#field.rows = Math.min(8, Math.max(1, lines));
  }
}
