// A call for help: the board hears of it at once, or as soon as there is a network again. It can be taken back.

import { since, stamp } from "./elapsed.mjs";
import { SignedOut } from "./server.mjs";

/** `bus` is told "signed-out" (why), where the answer was the server's last word to this phone. */
export class Help {
  #parts;
  #called = null; // {at, isTakenBack}, until the board has heard

  constructor(parts) {
    this.#parts = parts; // {store, ask, clock, bus}
  }

  /** True once the board knows. */
  async call() {
    await this.#keep({ at: stamp(this.#parts.clock), isTakenBack: false });
    return this.send();
  }

  /** Pressed by mistake. True once the board knows, and where it never heard of the call. */
  async takeBack() {
    await this.#keep({ at: stamp(this.#parts.clock), isTakenBack: true });
    return this.send();
  }

  /** True once the board knows, and where there is nothing to tell. */
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

  /** The board knows; or the pass has ended, and the next one may be another door's. */
  async forget() {
    this.#called = null;
    await this.#parts.store.forget(["help"]);
  }

  /** Of an earlier run of the page. */
  async recall() {
    this.#called = (await this.#parts.store.recall("help")) ?? null;
  }

  async #keep(call) {
    this.#called = call;
    await this.#parts.store.keep({ help: call });
  }
}
