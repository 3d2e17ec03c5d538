// This phone's own last act with each ticket, which the list cannot know yet. Stored by proof, which opens nothing.

const LATELY = 300; // seconds: nobody asks about entries that are older

export class LocalActs {
  #store;
  #clock;
  #acts = new Map();
  #letIn = new Map(); // proof -> {id, at}: whom this phone has just let in, whatever the list knows since
  #isOpen = false;

  constructor({ store, clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * `waiting` has the ids of scans that the server has not answered. What it answered in an earlier run of the page is
   * in a list that was `asked` for in this run; `asked` is null if there is no such list.
   */
  async open(waiting, asked = null) {
    if (!this.#isOpen) {
      this.#isOpen = true;
      for (const act of await this.#store.acts()) {
        this.#acts.set(act.proof, { ...act, answered: waiting.has(act.id) ? null : -Infinity });
      }
    }
    if (asked) await this.known(asked);
  }

  /** The phone was signed out or paired again: an answer that still arrives stores nothing. */
  close() {
    this.#isOpen = false;
    this.#acts.clear();
    this.#letIn.clear();
  }

  /** What this phone did at another door does not count at this one. */
  async forgetAll() {
    this.close();
    await this.#store.forgetActs((await this.#store.acts()).map(({ proof }) => proof));
  }

  /** A list has come that was requested at this stamp. */
  async known({ mono }) {
    await this.#forget([...this.#acts.values()].filter(({ answered }) => answered !== null && answered <= mono));
  }

  /** The last act with this ticket, by this tab or another of the same phone. */
  of(proof) {
    return this.#store.act(proof);
  }

  /** When this run of the page let them in, in seconds by the server's clock, if it has just done so and they are in. */
  letInAt(proof) {
    return this.#letIn.get(proof)?.at;
  }

  /** How many more are in by what this phone did since its list: below 0 if more have left. */
  balance() {
    return [...this.#acts.values()].reduce((sum, { more = 0 }) => sum + more, 0);
  }

  /** The scan with this id let them in or out. `at` is in seconds by the server's clock. */
  passed({ proof, id }, way, at) {
    const { before: earlier, ...last } = this.#acts.get(proof) ?? {};
    const before = last.id && last.id !== id ? last : earlier;
    this.#noteLetIn(proof, id, way, at);
    const more = (before?.more ?? 0) + (before?.way === way ? 0 : way === "in" ? 1 : -1);
    return this.#keep({ proof, id, way, at, more, answered: null, before });
  }

  /** The server has it, so the next list that is requested will include it. */
  answered(id) {
    for (const act of this.#acts.values()) if (act.id === id) act.answered = this.#clock.mono();
  }

  /** Restores the act before it. */
  async undo(id) {
    const undone = [...this.#acts.values()].filter((act) => act.id === id);
    for (const [proof, entry] of this.#letIn) if (entry.id === id) this.#letIn.delete(proof);
    for (const act of undone) await (act.before ? this.#keep(act.before) : this.#forget([act]));
  }

  #noteLetIn(proof, id, way, at) {
    for (const [other, entry] of this.#letIn) if (at - entry.at > LATELY) this.#letIn.delete(other);
    if (way === "in") this.#letIn.set(proof, { id, at });
    else this.#letIn.delete(proof);
  }

  #keep(act) {
    if (!this.#isOpen) return;
    this.#acts.set(act.proof, act);
    return this.#store.keepAct(act);
  }

  /** Keeps what this tab or another has done with the ticket since. */
  async #forget(gone) {
    for (const { proof } of gone) this.#acts.delete(proof);
    const stored = await Promise.all(gone.map(({ proof }) => this.#store.act(proof)));
    const ours = stored.filter((act, n) => act?.id === gone[n].id && !this.#acts.has(act.proof));
    if (ours.length) await this.#store.forgetActs(ours.map(({ proof }) => proof));
  }
}
