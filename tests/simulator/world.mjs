// The simulated time of all phones, and whether anything is still under way at this moment of it.

/** Works wait here for their moment, in true milliseconds since the day began. One at a time: the rest of the day waits. */
export class World {
  now = 0;
  #waiting = []; // {at, n, work}, the next one last
  #made = 0;
  #busy = 0; // databases that have not answered
  #questions = [];

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

  /** Nothing goes on any more until its time has come. Questions wait until all else is quiet, and for one another. */
  async quiet() {
    for (let idle = 0; idle < 4; idle++) {
      await new Promise(setImmediate);
      if (this.#busy) idle = -1;
      else if (idle === 3 && this.#questions.length) {
        await this.#questions.shift()();
        idle = -1;
      }
    }
  }

  /** Resolves with what `ask` answers. In what order questions are asked is never left to how fast anything was. */
  asks(ask) {
    return new Promise((resolve) => {
      this.#questions.push(() => ask().then(resolve));
    });
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
