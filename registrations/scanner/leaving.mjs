// Signed out with scans still to send: nothing else is left on the phone, and all it does is to hand them over.

import { BATCH, message, wait } from "./queue.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";

const KEY = "leaving";

/**
 * `erase()` takes all but the unsent rows off the phone, `show(left)` says how many there are, `done()` is the end of
 * it. `onUnpaired()` hears that the server does not know this phone any more: they wait for its next pass.
 * `after(milliseconds, work)` returns what stops it.
 */
export function createLeaving({ store, ask, clock, app, erase, show, done, onUnpaired, after }) {
  let busy = false;
  let failures = 0;
  let stop = () => {};

  /** Written down first: whatever is cut off from here on, the next load of the page goes on with it. */
  async function begin() {
    await store.keep({ [KEY]: true });
    await resume();
  }

  async function resume() {
    await erase();
    show(await store.count());
    await handOver();
  }

  async function handOver() {
    if (busy) return;
    busy = true;
    stop();
    try {
      await signOut();
      for (let rows = await oldest(); rows.length; rows = await oldest()) {
        await bring(rows);
        show(await store.count());
      }
      await done();
    } catch (error) {
      if (error instanceof SignedOut) await forget().then(onUnpaired);
      else stop = after(wait(failures++), handOver);
    } finally {
      busy = false;
    }
  }

  const oldest = () => store.oldest(BATCH);

  async function signOut() {
    await ask("sign-out", { word: "lead" }).catch(unlessOver);
  }

  /** The server keeps them apart, and says of which it is sure. */
  async function bring(rows) {
    const left = Math.max(0, (await store.count()) - rows.length);
    const kept = await ask("scans", message(rows, left, {}, clock, app)).then(() => [], unlessOver);
    if (!kept.length) throw new NoAnswer("nothing was kept");
    await store.drop(kept);
  }

  /** That the pass is over is what was asked for. */
  function unlessOver(error) {
    if (error instanceof SignedOut && error.message === "device_revoked") return error.kept;
    throw error;
  }

  async function forget() {
    stop();
    await store.forget([KEY]);
  }

  return {
    begin,
    resume,
    forget,
    isUnderWay: async () => (await store.recall(KEY)) === true,
    /** There may be a network: the next try does not wait out a long silence. */
    hurry() {
      failures = 0;
      return handOver();
    },
    pause: () => stop(),
  };
}
