// The roll call that is running, as far as this phone knows: begun here, perhaps without a network, or heard of.

import { since, stamp } from "./elapsed.mjs";
import { drawn } from "./roll-ticks.mjs";

const LIVES = 12 * 3600; // seconds: then it is over, whether or not anybody has ended it
const KEY = "roll-call";

/**
 * `bus` is told "roll-joined" (this phone's id, the server's) where it belongs to another one, "roll-began", "roll-real"
 * where another than the drill that ran has begun, and "roll-ended".
 */
export class RollCall {
  #parts;
  #roll = null; // {id, kind, at: the server's seconds when it began, isTold, salt of the event, and a stamp of when}
  #key = null; // of the list, as long as the server says it: only while a roll call runs

  constructor(parts) {
    this.#parts = parts; // {store, clock, pass, bus}
  }

  async load() {
    const { store, pass, bus } = this.#parts;
    const roll = (await store.recall(KEY)) ?? null;
    if (roll?.salt !== pass.get().event.salt) return; // of another event, or none
    this.#roll = roll;
    await bus.tell("roll-began", roll);
    await this.look();
  }

  /** {id, kind, at, isTold}, or null. */
  get() {
    return this.#roll;
  }

  /** The key that the server gives out while a roll call runs; null without one. */
  key() {
    return this.#key;
  }

  /** Begins one here. The server is told at the next contact. What turns out to be real ends a drill. */
  async begin(kind) {
    if (this.#roll && !(this.#roll.kind === "drill" && kind === "real")) return;
    const { clock, pass } = this.#parts;
    const { salt } = pass.get().event;
    await this.#begins({ id: drawn(), kind, at: pass.now(), isTold: false, salt, ...stamp(clock) });
  }

  /** What to tell the server of one that was begun here; null if there is nothing to tell. */
  news() {
    if (!this.#roll || this.#roll.isTold) return null;
    return { id: this.#roll.id, kind: this.#roll.kind, age: since(this.#roll, this.#parts.clock) };
  }

  /**
   * What the server says is running, or null. `joined` comes with the answer to what was begun here: the roll call that
   * it belongs to, which may be over by then. Nothing ends while the server does not know of it.
   */
  async heard({ running, joined = null }) {
    this.#key = running?.key ?? null;
    const had = this.#roll;
    if (joined && had && !had.isTold) await this.#told(had, joined);
    if (!running) return this.#roll?.isTold ? this.end() : undefined;
    const { id, kind } = this.#roll ?? {};
    if (id === running.id && (kind === "real" || running.kind === "drill")) return;
    if (this.#roll && !this.#roll.isTold) return; // the server is told next, and says where it belongs
    const { clock, pass } = this.#parts;
    const { salt } = pass.get().event;
    await this.#begins({ id: running.id, kind: running.kind, at: running.started_at, isTold: true, salt, ...stamp(clock) });
  }

  async #begins(roll) {
    const isAnother = this.#roll?.kind === "drill" && this.#roll.id !== roll.id && roll.kind === "real";
    await this.#keep(roll);
    await this.#parts.bus.tell("roll-began", roll);
    if (isAnother) await this.#parts.bus.tell("roll-real");
  }

  async #told(had, joined) {
    await this.#keep({ ...had, id: joined, isTold: true });
    if (joined !== had.id) await this.#parts.bus.tell("roll-joined", had.id, joined);
  }

  /** Call this every few seconds. */
  async look() {
    if (this.#roll && this.#parts.pass.get() && this.#parts.pass.now() - this.#roll.at >= LIVES) await this.end();
  }

  async end() {
    this.forget();
    await this.#parts.store.forget([KEY]);
    await this.#parts.bus.tell("roll-ended");
  }

  forget() {
    this.#roll = this.#key = null;
  }

  async #keep(roll) {
    this.#roll = roll;
    await this.#parts.store.keep({ [KEY]: roll });
  }
}
