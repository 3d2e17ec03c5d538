// What happens on this phone, told to whoever is to hear it: a room below never holds the rooms above it.

export class Bus {
  #listeners = new Map(); // name -> the works, in the order in which they were wired

  on(name, ...works) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), ...works]);
  }

  /** Each listener has it before this returns; the promise ends once all that they started has. */
  tell(name, ...given) {
    return Promise.all((this.#listeners.get(name) ?? []).map((work) => work(...given)));
  }
}
