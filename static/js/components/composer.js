/** The composer of a room: its draft survives, Enter sends, a reply is a mode that Escape leaves. */
import { find } from "app/helpers/dom.js";
import { Mentions } from "app/components/mentions.js";

export class Composer {
  #form;
  #field;
  #draft;
  #send;
  #typing;
  #mentions;
  #reply_to = null;

  /** @param {{form: HTMLFormElement, draft: import("app/models/draft.js").Draft,
   *    people: {known: object[], ask: (q: string, signal: AbortSignal) => Promise<object[]>},
   *    send: (body: string, reply_to: object|null, mentions: string[]) => void,
   *    typing: (on: boolean) => void}} parts */
  constructor({ form, draft, people, send, typing }) {
    this.#form = form;
    this.#field = find(form, "textarea[name=body]");
    this.#draft = draft;
    this.#send = send;
    this.#typing = typing;
    this.#mentions = new Mentions(this.#field, people);
    this.#restore();
    this.#field.addEventListener("input", () => {
      this.#complain("");
      this.#grow();
      this.#typing(Boolean(this.#field.value.trim()));
      this.#keep();
    });
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#follow_other_tabs();
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
    if (this.#mentions.key(event)) return;
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

  /** Words may have been typed before this ran: they are the newest, and take none away. */
  #restore() {
    const typed = this.#field.value;
    this.#show_draft();
    if (!typed) return;
    this.#field.value = [this.#field.value, typed].filter(Boolean).join("\n");
    this.#keep();
    this.#grow();
  }

  /** A tab that was away is told of nothing, and looks when it comes back. */
  #follow_other_tabs() {
    addEventListener("storage", ({ key }) => this.#draft.is_about(key) && this.#show_draft());
    addEventListener("pageshow", () => this.#show_draft());
    document.addEventListener("visibilitychange", () => this.#show_draft());
  }

  #show_draft() {
    const { body, people } = this.#draft.read();
    if (body === this.#field.value) return;
    this.#field.value = body;
    this.#mentions.chosen = people;
    this.#grow();
  }

  #keep() {
    this.#draft.write({ body: this.#field.value, people: this.#mentions.chosen });
  }

  /** Where the browser cannot size a field by its content. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    const lines = this.#field.value.split("\n").length;
    this.#field.rows = Math.min(8, Math.max(1, lines));
  }
}
