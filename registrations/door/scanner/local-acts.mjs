// This phone's own last act with each ticket: what the list cannot know yet. Kept by proof, which opens nothing.

export class LocalActs {
  #store;
  #clock;
  #acts = new Map();
  #isOpen = false;

  constructor({ store, clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * `waiting` are the ids of scans that the server has not answered. What it had answered in an earlier run of the page
   * is in a list that was `asked` for in this one; null where there is none.
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

  /** The phone is signed out, or paired anew: an answer that is still on its way writes nothing down. */
  close() {
    this.#isOpen = false;
    this.#acts.clear();
  }

  /** What this phone did at another door is nothing to this one. */
  async forgetAll() {
    this.close();
    await this.#store.forgetActs((await this.#store.acts()).map(({ proof }) => proof));
  }

  /** A list has come that was asked for at this stamp. */
  async known({ mono }) {
    await this.#forget([...this.#acts.values()].filter(({ answered }) => answered !== null && answered <= mono));
  }

  /** By this tab or another of the same phone. */
  of(proof) {
    return this.#store.act(proof);
  }

  /** Let in, or out, by the scan with this id, at so many seconds of the server. */
  passed({ proof, id }, way, at) {
    const { before, ...last } = this.#acts.get(proof) ?? {};
    return this.#keep({ proof, id, way, at, answered: null, before: last.id && last.id !== id ? last : before });
  }

  /** The server has it: the next list that is asked for will say so itself. */
  answered(id) {
    for (const act of this.#acts.values()) if (act.id === id) act.answered = this.#clock.mono();
  }

  /** What was before it is true again. */
  async undo(id) {
    const undone = [...this.#acts.values()].find((act) => act.id === id);
    if (undone) await (undone.before ? this.#keep(undone.before) : this.#forget([undone]));
  }

  #keep(act) {
    if (!this.#isOpen) return;
    this.#acts.set(act.proof, act);
    return this.#store.keepAct(act);
  }

  /** What another tab, or this one, has done with the ticket since stays. */
  async #forget(gone) {
    for (const { proof } of gone) this.#acts.delete(proof);
    const stored = await Promise.all(gone.map(({ proof }) => this.#store.act(proof)));
    const ours = stored.filter((act, n) => act?.id === gone[n].id && !this.#acts.has(act.proof));
    if (ours.length) await this.#store.forgetActs(ours.map(({ proof }) => proof));
  }
}
