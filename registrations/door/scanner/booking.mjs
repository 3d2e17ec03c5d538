// What a verdict changes on this phone, whether the phone or the server gave it: who is in, and what can be undone.

import { PASSES } from "./offline-verdict.mjs";
import { age } from "./scan-row.mjs";

const UNDO = 60_000; // milliseconds for which a steward may take back an entry

export class Booking {
  #parts;
  #last = null; // the last entry or exit of this phone: {id, proof, at, way}
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
    acts.passed(row, way, pass.now() - ago);
    if (!this.#last || this.#last.id === row.id || this.#last.at <= at) {
      this.#last = { id: row.id, proof: row.proof, at, way };
    }
  }

  #takeBack(id) {
    if (this.#takenBack.has(id)) return;
    this.#takenBack.add(id);
    if (this.#last?.id === id) this.#last = null;
    this.#parts.acts.undo(id);
    this.#parts.sightings.free();
  }
}
