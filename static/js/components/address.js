/** The address of Discover, which is the whole of its state: what it says is drawn by the server. */
import { carry_facets } from "app/components/facets.js";
import { find, find_all, set_text } from "app/helpers/dom.js";
import { read_parts } from "app/helpers/parts.js";

const LOADING_AFTER_MS = 200;
const OFFLINE = "You are offline. The courses come when the line is back.";
const FAILED = "The courses could not be loaded.";

export class Address {
  failed = false;
  #element;
  #app;
  #drawn;
  #shown = location.search;
  #reading = null;

  /** @param {() => void} drawn called when what the server drew is in place */
  constructor(element, app, drawn) {
    this.#element = element;
    this.#app = app;
    this.#drawn = drawn;
    // A drawer that opens changes the address too.
    addEventListener("popstate", () => location.search !== this.#shown && this.read());
  }

  /** To another address of this page, whose list is read from its top.
   *  @param {() => HTMLElement} [near] where the focus goes when what had it is gone */
  async go(url, near) {
    const { pathname, search } = new URL(url, location.href);
    const another = search !== location.search;
    if (another) history.pushState(null, "", pathname + search + location.hash);
    await this.read(near);
    if (another) scrollTo(0, 0);
  }

  /** A newer choice ends the reading of an older one. */
  async read(near) {
    this.#reading?.abort();
    const { signal } = (this.#reading = new AbortController());
    if (text_of(location.search) !== text_of(this.#shown)) this.#follow_text();
    this.#shown = location.search;
    const late = setTimeout(() => this.#show({ loading: true }), LOADING_AFTER_MS);
    try {
      const how = { signal, near, carry: () => this.#carry() };
      if (!(await read_parts(this.#app, how))) throw new Error("refused");
      if (!signal.aborted) this.#speak();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      clearTimeout(late);
    }
  }

  #carry() {
    const unfold = carry_facets();
    return () => {
      this.#show({});
      this.#drawn();
      unfold();
    };
  }

  /** The box of the bar says what the page shows, however one came there. */
  #follow_text() {
    const field = find(document, ".bar [role=combobox]");
    if (field) field.value = text_of(location.search);
  }

  #speak() {
    const { total } = this.#app.state;
    this.#app.speak(total === 1 ? "One course." : `${total} courses.`);
  }

  #fail(error) {
    console.warn("courses could not be read", error);
    this.#show({ error: this.#app.offline ? OFFLINE : FAILED });
  }

  #show({ loading = false, error = "" }) {
    this.failed = Boolean(error);
    const results = find(this.#element, "[data-results]");
    results.hidden = Boolean(error || loading);
    results.toggleAttribute("aria-busy", loading);
    find(this.#element, ".page-head p").style.visibility = results.hidden ? "hidden" : "";
    for (const place of find_all(this.#element, ":scope > [data-loading]")) place.hidden = !loading;
    const failure = find(this.#element, ":scope > [data-error]");
    failure.hidden = !error;
    if (error) set_text(failure, "[data-error-text]", error);
  }
}

const text_of = (search) => new URLSearchParams(search).get("q") ?? "";
