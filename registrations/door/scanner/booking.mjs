// What a verdict changes on this phone, whether the phone or the server gave it: who is in, and what can be undone.

import { actOf } from "./marks.mjs";
import { PASSES } from "./offline-verdict.mjs";
import { age } from "./scan-row.mjs";

const UNDO = 60_000; // milliseconds for which a steward may take back an entry

export class Booking {
  #parts;
  #last = null; // the last entry or exit of this phone: {id, proof, at, way}; of several together also `pair`, their ids
  #takenBack = new Set(); // ids of undone scans: the server's later answer must not undo them twice

  constructor(parts) {
    this.#parts = parts; // {acts, pass, screen, sightings, clock}
  }

  start() {
    this.#last = null;
  }

  book(row, verdict) {
    if (PASSES.includes(verdict)) this.#keep(row, verdict === "ok" ? "in" : "out");
    if (verdict === "undone") this.#takeBack(row.undoes);
    this.#parts.screen.canUndo(this.#last !== null);
  }

  lastAct() {
    return this.#last;
  }

  /** True once only a lead may undo it. */
  isLate({ at }) {
    return this.#parts.clock.mono() - at > UNDO;
  }

  #keep(row, way) {
    const { acts, pass, clock } = this.#parts;
    const ago = age(row, clock);
    const at = clock.mono() - ago * 1000;
    for (const proof of actsOf(row)) acts.passed({ id: row.id, proof }, way, pass.now() - ago);
    if (this.#last?.pair?.includes(row.id)) return;
    if (!this.#last || this.#last.id === row.id || this.#last.at <= at) {
      this.#last = { id: row.id, proof: row.proof, at, way, ...this.#pairWith(row) };
    }
  }

  /** In the order in which they were let in, the one who was scanned first. */
  #pairWith({ id, beside }) {
    const before = this.#last?.pair ?? [this.#last?.id];
    return beside && before[0] === beside ? { pair: [...before, id] } : {};
  }

  #takeBack(id) {
    if (this.#takenBack.has(id)) return;
    this.#takenBack.add(id);
    this.#last = without(this.#last, id);
    this.#parts.acts.undo(id);
    this.#parts.sightings.free();
  }
}

/** Under what it is kept who was let in: the proof of their ticket, and their mark where others have one of them. */
function actsOf({ proof, mark, own }) {
  if (mark) return [actOf(mark)];
  return own ? [proof, actOf(own)] : [proof];
}

/** The last act once this entry is taken back; of several together those who stay. */
function without(last, id) {
  if (!last?.pair) return last?.id === id ? null : last;
  const pair = last.pair.filter((other) => other !== id);
  return { ...last, id: pair.at(-1), pair: pair.length > 1 ? pair : undefined };
}
