// The scans of this pass without a final answer: which are repeated, which are sent together, and which must wait.

import { NOTHING, passedOffline, PASSES } from "./offline-verdict.mjs";

export class OpenScans {
  #rows = new Map(); // by id
  #storing = ""; // id of the scan that is being stored and judged
  #deciding = ""; // id of the scan on the screen that a steward is deciding on

  /** Starts with the rows of an earlier run of the page. */
  start(rows) {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  add(row) {
    this.#rows.set(row.id, row);
  }

  get(id) {
    return this.#rows.get(id);
  }

  settle(id) {
    this.#rows.delete(id);
  }

  storing(id) {
    this.#storing = id;
  }

  deciding(id) {
    this.#deciding = id;
  }

  /** Nobody has seen its verdict yet, or a steward is deciding on it: it is not sent before that. */
  isHeld(id) {
    return id === this.#storing || id === this.#deciding;
  }

  /** The scan that is repeated before anybody could answer it: it stays the same scan, with the same id. */
  again(proof, kind) {
    const undecided = (row) => !row.offline || row.shown === NOTHING.verdict;
    const theirs = (row) => row.kind === kind && row.proof === proof && !row.mark; // of nobody beside them
    return [...this.#rows.values()].find((row) => theirs(row) && undecided(row));
  }

  /** What the server does not know yet about the same ticket: an undo without its entry would undo nothing. */
  before({ id, proof }) {
    return [...this.#rows.values()].filter((row) => row.id !== id && row.proof !== null && row.proof === proof);
  }

  /** The server said no, but they were already through: it must be told, under the same id. Its answer stays. */
  hasMore({ id, verdict }, sent) {
    const row = this.#rows.get(id);
    return row !== undefined && !sent.offline && passedOffline(row) && !PASSES.includes(verdict);
  }
}
