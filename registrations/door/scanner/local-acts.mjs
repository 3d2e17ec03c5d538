// This phone's own last act with each ticket, which the list cannot know yet. Stored by proof, which opens nothing.

import { toBase64url } from "./sealing.mjs";

const LATELY = 300; // seconds: nobody asks about entries that are older
const KEPT = 60; // seconds for which the next run of the page has to know them: so long they are asked about calmly
const LET_IN = "let-in";

export class LocalActs {
  #store;
  #clock;
  #acts = new Map();
  #letIn = new Map(); // proof -> {id, at, way}: whom this phone has just let in or out, whatever the list knows since
  #before = new Map(); // fingerprint -> at: whom the page let in before it was loaded again
  #keeping = Promise.resolve();
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
      this.#before = new Map((await this.#store.recall(LET_IN)) ?? []);
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
    this.#before.clear();
  }

  /** What this phone did at another door does not count at this one. */
  async forgetAll() {
    this.close();
    await this.#keeping;
    await this.#store.forget([LET_IN]);
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

  /** When this phone let them in, in seconds by the server's clock, if it has just done so and they are in. */
  async letInAt(proof) {
    const known = this.#letIn.get(proof);
    if (known) return known.way === "in" ? known.at : undefined;
    return this.#before.size ? this.#before.get(await fingerprint(proof)) : undefined;
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
    for (const entry of this.#letIn.values()) if (entry.id === id) entry.way = "undone";
    this.#keepLetIn();
    for (const act of undone) await (act.before ? this.#keep(act.before) : this.#forget([act]));
  }

  #noteLetIn(proof, id, way, at) {
    for (const [other, entry] of this.#letIn) if (at - entry.at > LATELY) this.#letIn.delete(other);
    this.#letIn.set(proof, { id, at, way });
    this.#keepLetIn();
  }

  /** For the next run of the page, and in their order: of whom it is tells nobody who has no ticket of theirs. */
  #keepLetIn() {
    if (this.#isOpen) this.#keeping = this.#keeping.then(() => this.#keepNow()).catch(() => {});
  }

  async #keepNow() {
    const newest = Math.max(...[...this.#letIn.values()].map(({ at }) => at));
    const told = [...this.#letIn].filter(([, { at }]) => newest - at <= KEPT);
    const marked = await Promise.all(told.map(async ([proof, { at, way }]) => [await fingerprint(proof), at, way]));
    const all = new Map([...this.#before].filter(([, at]) => newest - at <= KEPT));
    for (const [mark, at, way] of marked) way === "in" ? all.set(mark, at) : all.delete(mark);
    if (this.#isOpen) await this.#store.keep({ [LET_IN]: [...all] });
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

/** No proof is made from it, so nobody who takes the phone can ask the server who it was. */
async function fingerprint(proof) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`let in ${proof}`));
  return toBase64url(new Uint8Array(digest));
}
