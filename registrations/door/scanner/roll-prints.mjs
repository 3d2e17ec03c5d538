// Prints that were made of an opened roll call on this phone: the server logs each once it is told.

import { since, stamp } from "./elapsed.mjs";
import { drawn } from "./roll-ticks.mjs";

const KEY = "roll-prints";
const PAPER = "roll-paper";
const DUE = 1800; // seconds after which there should be a new one on paper

export class RollPrints {
  #parts;
  #prints = [];
  #paper = null; // when there was last a new print on paper, by this phone or, as somebody said, from the desk

  constructor(parts) {
    this.#parts = parts; // {store, clock}
  }

  async load() {
    this.#prints = (await this.#parts.store.recall(KEY)) ?? [];
    this.#paper = (await this.#parts.store.recall(PAPER)) ?? null;
  }

  /** Of this roll call, now. */
  async made(roll) {
    this.#prints = [...this.#prints, { id: drawn(), roll, ...stamp(this.#parts.clock) }];
    await this.#parts.store.keep({ [KEY]: this.#prints });
    await this.paper();
  }

  /** Somebody has a new print in their hand. */
  async paper() {
    this.#paper = stamp(this.#parts.clock);
    await this.#parts.store.keep({ [PAPER]: this.#paper });
  }

  /** Whether the last print on paper is half an hour old, or nobody has said that there is one. */
  isDue() {
    return !this.#paper || since(this.#paper, this.#parts.clock) >= DUE;
  }

  count() {
    return this.#prints.length;
  }

  rolls() {
    return [...new Set(this.#prints.map(({ roll }) => roll))];
  }

  /** As they are sent. */
  of(roll) {
    const { clock } = this.#parts;
    return this.#prints.filter((print) => print.roll === roll).map((print) => ({ id: print.id, age: since(print, clock) }));
  }

  async join(mine, theirs) {
    await this.#rewrite(this.#prints.map((print) => (print.roll === mine ? { ...print, roll: theirs } : print)));
  }

  async settled(ids) {
    await this.#rewrite(this.#prints.filter(({ id }) => !ids.includes(id)));
  }

  async #rewrite(prints) {
    this.#prints = prints;
    await (prints.length ? this.#parts.store.keep({ [KEY]: prints }) : this.#parts.store.forget([KEY]));
  }
}
