// This phone's pass, kept so that the page opens without a network; and the server's time, as far as it is known.

import { jump, since, stamp } from "./elapsed.mjs";

const WRITTEN = 30; // seconds: how often the server's newest word on its time is written down

export class Pass {
  #store;
  #clock;
  #pass = null; // as the server gave it, with {got}: when, and {kept}: when it was last written down
  #hours = null; // {zone, written}: to make one costs a slow phone more than to draw a verdict

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

  /** What every answer of the server says beside its answers. */
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

  /** Seconds of the server. */
  now() {
    return this.#pass.now + since(this.#pass.got, this.#clock);
  }

  secondsLeft() {
    return this.#pass.seconds_left - since(this.#pass.got, this.#clock);
  }

  /** Seconds that this phone's own clock is ahead of the server's, which a rehearsal moves its event's away from. */
  clockOff() {
    return this.#clock.wall() / 1000 - (this.now() - (this.#pass.moved ?? 0));
  }

  /** Seconds by which its clock has gone on more than this run of the page has, since the server was last heard. */
  jumped() {
    return this.#pass.got.run === this.#clock.run ? jump(this.#pass.got, this.#clock) : 0;
  }

  /** The event's own hour and minute. */
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
