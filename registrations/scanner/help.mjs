// A call for help: the board hears of it at once, or as soon as there is a network again.

import { since, stamp } from "./passing.mjs";

export function createHelp({ store, ask, clock }) {
  let called = null; // when, until the board has heard

  /** True once the board knows, and where there is nothing to tell. */
  async function send() {
    const call = called;
    if (!call) return true;
    try {
      await ask("help", { age: since(call, clock) });
    } catch {
      return false;
    }
    if (called === call) await store.forget(["help"]);
    if (called === call) called = null;
    return true;
  }

  return {
    send,
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
