// One after the other: two codes never race for the screen, and a failure of one never stops the next.

export class Turns {
  #chain = Promise.resolve();
  #waiting = 0;

  /** `failed` hears that the work could not be done. */
  take(work, failed) {
    this.#waiting++;
    this.#chain = this.#chain
      .then(work)
      .catch(failed)
      .finally(() => this.#waiting--);
    return this.#chain;
  }

  /** Taken, and not done. */
  areWaiting() {
    return this.#waiting > 0;
  }

  /** Once what has been taken so far is done. */
  end() {
    return this.#chain;
  }
}
