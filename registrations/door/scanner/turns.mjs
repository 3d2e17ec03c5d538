// Does one thing after the other: two codes never race for the screen, and a failure never stops the next one.

export class Turns {
  #chain = Promise.resolve();
  #waiting = 0;

  /** `failed` is called if the work fails. */
  take(work, failed) {
    this.#waiting++;
    this.#chain = this.#chain
      .then(work)
      .catch(failed)
      .finally(() => this.#waiting--);
    return this.#chain;
  }

  /** True while some work is not done. */
  areWaiting() {
    return this.#waiting > 0;
  }

  /** Resolves when all work taken so far is done. */
  end() {
    return this.#chain;
  }
}
