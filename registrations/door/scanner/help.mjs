// A call for help. The board is told at once, or as soon as there is a network again. It can be taken back.

import { since, stamp } from "./elapsed.mjs";
import { SignedOut } from "./server.mjs";

/** `bus` is told "signed-out" (why) if the server answers that this phone's pass has ended. */
export class Help {
  #parts;
  #called = null; // {at, isTakenBack}, until the board knows

  constructor(parts) {
    this.#parts = parts; // {store, ask, clock, bus}
  }

  /** True once the board knows. */
  async call() {
    await this.#keep({ at: stamp(this.#parts.clock), isTakenBack: false });
    return this.send();
  }

  /** Pressed by mistake. True once the board knows, or if it never knew of the call. */
  async takeBack() {
    await this.#keep({ at: stamp(this.#parts.clock), isTakenBack: true });
    return this.send();
  }

  /** True once the board knows, or if there is nothing to tell. */
  async send() {
    const call = this.#called;
    if (!call) return true;
    const { ask, clock, bus } = this.#parts;
    try {
      await ask("help", { age: since(call.at, clock), taken_back: call.isTakenBack });
    } catch (error) {
      if (error instanceof SignedOut) bus.tell("signed-out", error.message);
      return false;
    }
    if (this.#called === call) await this.forget();
    return true;
  }

  /** Called when the board knows; or when the pass has ended, since the next one may be for another door. */
  async forget() {
    this.#called = null;
    await this.#parts.store.forget(["help"]);
  }

  /** Restores the call of an earlier run of the page. */
  async recall() {
    this.#called = (await this.#parts.store.recall("help")) ?? null;
  }

  async #keep(call) {
    this.#called = call;
    await this.#parts.store.keep({ help: call });
  }
}
