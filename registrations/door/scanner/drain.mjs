// Signed out with scans still to send: nothing else is left on the phone, and all it does is to hand them over.

import { BATCH, message, wait } from "./scan-row.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";

const KEY = "draining";
const SOME = 1; // what the server is told where the phone cannot tell how many are left: not that it is none

/**
 * `after(milliseconds, work)` returns what stops it. `bus` is told to "erase" all but the unsent rows, how many are
 * "left" (null where that cannot be told), and of the end: "handed-over"; "unpaired", where the server does not know this
 * phone any more, so that they wait for its next pass; or "taken-over", where another tab has paired it anew.
 */
export class Drain {
  #parts;
  #isBusy = false;
  #turn = 0; // another one begins when this tab pairs the phone anew
  #failures = 0;
  #stop = () => {};

  constructor(parts) {
    this.#parts = parts; // {store, ask, clock, app, after, bus}
  }

  /** Written down first: whatever is cut off from here on, the next load of the page goes on with it. */
  async begin() {
    const mine = this.#turn;
    await this.#parts.store.keep({ [KEY]: true });
    await this.resume(mine);
  }

  async resume(mine = this.#turn) {
    await this.#parts.bus.tell("erase");
    await this.#show();
    await this.#handOver(mine);
  }

  async isUnderWay() {
    return (await this.#parts.store.recall(KEY)) === true;
  }

  /** There may be a network: the next try does not wait out a long silence. */
  hurry() {
    this.#failures = 0;
    return this.#handOver();
  }

  async forget() {
    this.pause();
    await this.#parts.store.forget([KEY]);
  }

  pause() {
    this.#turn++;
    this.#stop();
  }

  async #show() {
    this.#parts.bus.tell("left", await this.#parts.store.count());
  }

  async #handOver(mine = this.#turn) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#stop();
    try {
      await this.#bringAll(mine);
    } catch (error) {
      await this.#failed(mine, error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #bringAll(mine) {
    const { store, bus } = this.#parts;
    if (await this.#goesOn(mine)) await this.#signOut();
    for (let rows = await store.oldest(BATCH); rows.length && (await this.#goesOn(mine)); rows = await store.oldest(BATCH)) {
      await this.#bring(rows);
      if (mine === this.#turn) await this.#show();
    }
    if (!(await this.#goesOn(mine))) return mine === this.#turn && bus.tell("taken-over");
    if ((await store.count()) === null) throw new NoAnswer("the phone cannot tell what is left");
    await bus.tell("handed-over");
  }

  async #failed(mine, error) {
    if (mine !== this.#turn) return;
    if (error instanceof SignedOut) return this.forget().then(() => this.#parts.bus.tell("unpaired"));
    await this.#show();
    this.#stop = this.#parts.after(wait(this.#failures++), () => this.#handOver());
  }

  /** Still this tab's to do, and no other tab has paired the phone anew. */
  async #goesOn(mine) {
    return mine === this.#turn && (await this.isUnderWay());
  }

  async #signOut() {
    const { ask, store } = this.#parts;
    await ask("sign-out", { tap: "lead", to_send: (await store.count()) ?? SOME }).catch(unlessOver);
  }

  /** The server keeps them apart, and says of which it is sure. */
  async #bring(rows) {
    const { store, ask, clock, app } = this.#parts;
    const count = await store.count();
    const left = count === null ? SOME : Math.max(0, count - rows.length);
    const kept = await ask("scans", message(rows, left, {}, clock, app)).then(() => [], unlessOver);
    if (!kept.length) throw new NoAnswer("nothing was kept");
    await store.drop(kept);
  }
}

/** That the pass is over is what was asked for. */
function unlessOver(error) {
  if (error instanceof SignedOut && error.message === "device_revoked") return error.kept;
  throw error;
}
