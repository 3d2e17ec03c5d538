// Signed out with scans still to send: nothing else is left on the phone, and all it does is to hand them over.

import { BATCH, message, wait } from "./scan-row.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";

const KEY = "leaving";

/**
 * `erase()` takes all but the unsent rows off the phone, `show(left)` says how many there are, `done()` is the end of
 * it. `onUnpaired()` hears that the server does not know this phone any more: they wait for its next pass;
 * `onTakenOver()` that another tab has paired it anew: nothing may be signed out any more.
 * `after(milliseconds, work)` returns what stops it.
 */
export function createLeaving({ store, ask, clock, app, erase, show, done, onUnpaired, onTakenOver, after }) {
  let busy = false;
  let turn = 0; // another one begins when this tab pairs the phone anew
  let failures = 0;
  let stop = () => {};

  /** Written down first: whatever is cut off from here on, the next load of the page goes on with it. */
  async function begin() {
    const mine = turn;
    await store.keep({ [KEY]: true });
    await resume(mine);
  }

  async function resume(mine = turn) {
    await erase();
    show(await store.count());
    await handOver(mine);
  }

  async function handOver(mine = turn) {
    if (busy) return;
    busy = true;
    stop();
    try {
      if (await goesOn(mine)) await signOut();
      for (let rows = await oldest(); rows.length && (await goesOn(mine)); rows = await oldest()) {
        await bring(rows);
        if (mine === turn) show(await store.count());
      }
      if (await goesOn(mine)) await done();
      else if (mine === turn) onTakenOver();
    } catch (error) {
      if (mine !== turn) return;
      if (error instanceof SignedOut) return await forget().then(onUnpaired);
      show(await store.count());
      stop = after(wait(failures++), () => handOver());
    } finally {
      busy = false;
    }
  }

  /** Still this tab's to do, and no other tab has paired the phone anew. */
  const goesOn = async (mine) => mine === turn && (await store.recall(KEY)) === true;

  const oldest = () => store.oldest(BATCH);

  async function signOut() {
    await ask("sign-out", { word: "lead", to_send: await store.count() }).catch(unlessOver);
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
    pause();
    await store.forget([KEY]);
  }

  function pause() {
    turn++;
    stop();
  }

  return {
    begin,
    resume: () => resume(),
    forget,
    isUnderWay: async () => (await store.recall(KEY)) === true,
    /** There may be a network: the next try does not wait out a long silence. */
    hurry() {
      failures = 0;
      return handOver();
    },
    pause,
  };
}
