// The event's door is being closed: this phone sends what it holds, signs out, and erases everything.

import { setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";

const DONE = "/door/done";

/** Its scans are settled like any others, since its pass lives until the last of them is sent. */
export class Closing {
  #parts;
  #isOn = false;
  #isBusy = false;

  constructor(parts) {
    this.#parts = parts; // {store, sender, ask, signOut}
  }

  isOn() {
    return this.#isOn;
  }

  /** The door is open again, or waits for this phone. Call this before the page is loaded again. */
  stop() {
    this.#isOn = false;
  }

  /** The server says so in each answer, so this may be called often. */
  async begin() {
    const { signOut } = this.#parts;
    if (this.#isOn || signOut.isOver()) return;
    this.#isOn = true;
    signOut.stop();
    setText("leaving-title", "The door is closing");
    setText("leaving-holds", "This phone scans no more. Once all is sent, it erases everything by itself.");
    await this.goOn();
  }

  /** Call this every few seconds: there may be a network again. */
  async goOn() {
    if (!this.#isOn || this.#isBusy || this.#parts.signOut.isOver()) return;
    this.#isBusy = true;
    try {
      await this.#handOver();
    } catch (error) {
      if (error instanceof SignedOut) await this.#parts.signOut.signedOut(error.message);
    } finally {
      this.#isBusy = false;
    }
  }

  async #handOver() {
    const { store, sender, ask, signOut } = this.#parts;
    if ((await store.count()) !== 0) await sender.drain();
    if (!this.#isOn || signOut.isOver()) return; // an organiser has opened the door, or ended the pass, meanwhile
    const left = await store.count();
    signOut.show(left);
    if (left !== 0) return;
    await ask("sign-out", {});
    await signOut.done(DONE);
  }
}
