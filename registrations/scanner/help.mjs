// A call for help: the board hears of it at once, or as soon as there is a network again.

import { since, stamp } from "./elapsed.mjs";
import { SignedOut } from "./server.mjs";

/** `onSignedOut(why)` hears where the answer was the server's last word to this phone. */
export function createHelp({ store, ask, clock, onSignedOut }) {
  let called = null; // when, until the board has heard

  /** True once the board knows, and where there is nothing to tell. */
  async function send() {
    const call = called;
    if (!call) return true;
    try {
      await ask("help", { age: since(call, clock) });
    } catch (error) {
      if (error instanceof SignedOut) onSignedOut(error.message);
      return false;
    }
    if (called === call) await forget();
    return true;
  }

  /** The board knows; or the pass has ended, and the next one may be another door's. */
  async function forget() {
    called = null;
    await store.forget(["help"]);
  }

  return {
    send,
    forget,
    async call() {
      called = stamp(clock);
      await store.keep({ help: called });
      return send();
    },
    /** Of an earlier run of the page. */
    async recall() {
      called = (await store.recall("help")) ?? null;
    },
  };
}
