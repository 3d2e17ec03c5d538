// Signed out with unsent scans: the phone keeps only these, and does nothing but send them.

import { BATCH, message, wait } from "./scan-row.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";

const KEY = "draining";
const SOME = 1; // what the server is told if the phone cannot tell how many are left: it must not hear "none"

/**
 * `after(milliseconds, work)` returns a function that cancels it. `bus` is told: "erase" (all but the unsent rows),
 * "left" (how many rows, or null if that is unknown), and how it ended: "handed-over"; "unpaired", if the server does
 * not know this phone any more, so that the rows wait for its next pass; or "taken-over", if another tab has paired it
 * again.
 */
export class Drain {
  #parts;
  #isBusy = false;
  #turn = 0; // counts up when this tab pairs the phone again
  #failures = 0;
  #stop = () => {};

  constructor(parts) {
    this.#parts = parts; // {store, ask, clock, app, after, bus}
  }

  /** Stored first, so that the next load of the page continues if this one is interrupted. */
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

  /** There may be a network again, so it tries at once instead of waiting. */
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

  /** True while this is still this tab's task: no tab has paired the phone again. */
  async #goesOn(mine) {
    return mine === this.#turn && (await this.isUnderWay());
  }

  async #signOut() {
    const { ask, store } = this.#parts;
    await ask("sign-out", { tap: "lead", to_send: (await store.count()) ?? SOME }).catch(unlessOver);
  }

  /** The server puts them into quarantine, and says which ones it has stored. */
  async #bring(rows) {
    const { store, ask, clock, app } = this.#parts;
    const count = await store.count();
    const left = count === null ? SOME : Math.max(0, count - rows.length);
    const kept = await ask("scans", message(rows, left, {}, clock, app)).then(() => [], unlessOver);
    if (!kept.length) throw new NoAnswer("nothing was kept");
    await store.drop(kept);
  }
}

/** That the pass has ended is no error here: it is the expected answer. */
function unlessOver(error) {
  if (error instanceof SignedOut && error.message === "device_revoked") return error.kept;
  throw error;
}
