// Keeps the screen on while the page is shown. A browser takes the lock away whenever the page is hidden.

export class WakeLock {
  #isWanted = false;
  #lock = null;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#take());
  }

  hold() {
    this.#isWanted = true;
    return this.#take();
  }

  release() {
    this.#isWanted = false;
    this.#lock?.release().catch(() => {});
    this.#lock = null;
  }

  async #take() {
    if (!this.#isWanted || document.hidden) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      this.#lock?.release().catch(() => {});
      this.#lock = lock;
      if (!this.#isWanted) this.release();
    } catch {
      // an old browser or a battery saver: the page says so
    }
  }
}
