/** Events by name. A listener that throws is reported and costs the others nothing. */
export class Emitter {
  #listeners = new Map();

  /** @returns {() => void} takes the listener off again */
  on(name, listener) {
    const set = this.#listeners.get(name) ?? new Set();
    set.add(listener);
    this.#listeners.set(name, set);
    return () => set.delete(listener);
  }

  emit(name, ...values) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(...values);
      } catch (error) {
        console.error(`listener of ${name}`, error);
      }
    }
  }
}
