// The simulated time of all phones, and whether anything is still under way at this moment of it.

/** Works wait here for their moment, in true milliseconds since the day began. One at a time: the rest of the day waits. */
export class World {
  now = 0;
  #waiting = []; // {at, n, work}, the next one last
  #made = 0;
  #busy = 0; // databases that have not answered
  #promised = new Set();

  /** Returns what stops it. */
  later(milliseconds, work) {
    const entry = { at: this.now + Math.max(0, milliseconds), n: this.#made++, work };
    const place = this.#waiting.findLastIndex((other) => other.at > entry.at || (other.at === entry.at && other.n > entry.n));
    this.#waiting.splice(place + 1, 0, entry);
    return () => this.#forget(entry);
  }

  async runUntil(milliseconds) {
    await this.quiet();
    for (let next = this.#next(milliseconds); next; next = this.#next(milliseconds)) {
      this.now = Math.max(this.now, next.at);
      next.work();
      await this.quiet();
    }
    this.now = Math.max(this.now, milliseconds);
  }

  /** Nothing goes on any more until its time has come. */
  async quiet() {
    for (let idle = 0; idle < 4; idle++) {
      if (this.#promised.size) await Promise.allSettled(this.#promised);
      await new Promise(setImmediate);
      if (this.#busy || this.#promised.size) idle = -1;
    }
  }

  during(promise) {
    this.#promised.add(promise);
    const done = () => this.#promised.delete(promise);
    promise.then(done, done);
    return promise;
  }

  begun() {
    this.#busy++;
  }

  ended() {
    this.#busy--;
  }

  #next(until) {
    return this.#waiting.length && this.#waiting.at(-1).at <= until ? this.#waiting.pop() : undefined;
  }

  #forget(entry) {
    const place = this.#waiting.indexOf(entry);
    if (place >= 0) this.#waiting.splice(place, 1);
  }
}

/** Numbers from 0 to 1 that are the same for each seed. */
export function drawing(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
