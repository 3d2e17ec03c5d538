// Passes on what happens on this phone to whoever listens, so that a lower room never has to know the rooms above it.

export class Bus {
  #listeners = new Map(); // name -> functions, in the order in which they were registered

  on(name, ...works) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), ...works]);
  }

  /** Calls every listener before it returns. The promise resolves when all that they started is done. */
  tell(name, ...given) {
    return Promise.all((this.#listeners.get(name) ?? []).map((work) => work(...given)));
  }
}
