// This phone's pass, stored so that the page opens without a network; and the server's time, as far as it is known.

import { jump, since, stamp } from "./elapsed.mjs";

const WRITTEN = 30; // seconds: how often the server's newest time is stored

export class Pass {
  #store;
  #clock;
  #pass = null; // as the server gave it, with {got}: when it came, and {kept}: when it was last stored
  #hours = null; // {zone, written}: on a slow phone, making one takes longer than drawing a verdict

  constructor({ store, clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  get() {
    return this.#pass;
  }

  take(given) {
    return this.#keep(given, true);
  }

  /** What each response says in addition to the answers to scans. */
  async heard({ now, moved, seconds_left }) {
    if (this.#pass && now) await this.#keep({ ...this.#pass, now, moved, seconds_left }, false);
  }

  /** The pass of an earlier run of the page; null where there is none. */
  async recall() {
    this.#pass = (await this.#store.recall("pass")) ?? null;
    return this.#pass;
  }

  forget() {
    this.#pass = null;
  }

  /** Seconds by the server's clock. */
  now() {
    return this.#pass.now + since(this.#pass.got, this.#clock);
  }

  secondsLeft() {
    return this.#pass.seconds_left - since(this.#pass.got, this.#clock);
  }

  /** Seconds by which this phone's clock is ahead of the server's real one (a rehearsal moves the event's clock). */
  clockOff() {
    return this.#clock.wall() / 1000 - (this.now() - (this.#pass.moved ?? 0));
  }

  /** Seconds by which its clock has moved further than this page has run, since the server last answered. */
  jumped() {
    return this.#pass.got.run === this.#clock.run ? jump(this.#pass.got, this.#clock) : 0;
  }

  /** Hour and minute at the event. */
  hourOf(seconds) {
    const { zone } = this.#pass;
    const how = { timeZone: zone, hour: "2-digit", minute: "2-digit" };
    if (this.#hours?.zone !== zone) this.#hours = { zone, written: new Intl.DateTimeFormat("en-GB", how) };
    return this.#hours.written.format(seconds * 1000);
  }

  async #keep(given, always) {
    const kept = this.#pass?.kept;
    this.#pass = { ...given, got: stamp(this.#clock), kept };
    if (!always && kept && since(kept, this.#clock) < WRITTEN) return;
    this.#pass.kept = this.#pass.got;
    await this.#store.keep({ pass: this.#pass });
  }
}
