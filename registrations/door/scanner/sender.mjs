// Brings scans to the server: a fresh one at once, the others oldest first, each until its answer is back.

import { BATCH, lineWords, message, usable, wait } from "./scan-row.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";

const UNREADABLE = ["id", "kind", "proof", "undoes"]; // it reads no better the next time: that is an answer
const FAULTS = 5; // a row that makes the server fail this often is given up: nothing is tried for ever
const SOME = 1; // what the server is told where the phone cannot tell how many are left: not that it is none

/**
 * `ask(path, body)` reaches the server. `about()` is what the board is told of the phone, `openScans` knows which scan
 * is held back, and of which the server does not know all yet. `exclusively(work)` keeps a second tab from sending the
 * same queue. `bus` is told "answered" (answer, what was sent, whether the row has left the phone with it), "heard" (what
 * the server says of the list and the time), "line" (how it is, and how many are to send; null where that is not known)
 * and "signed-out" (why: this was the last answer).
 */
export class Sender {
  #parts;
  #trips = []; // the last five, in milliseconds
  #faults = new Map();
  #downSince = null;
  #failures = 0;
  #timer = null;
  #isDraining = false;

  constructor(parts) {
    this.#parts = parts; // {store, ask, clock, app, about, openScans, exclusively, bus}
  }

  // The line

  async report() {
    this.#say(await this.#parts.store.count());
  }

  /** A scan has waited too long: whatever the browser says, for the steward this is offline. */
  doubt() {
    this.#downSince ??= this.#parts.clock.mono();
    return this.report();
  }

  /** Any question to the server, timed: what the bar says of the line comes from here. */
  async timed(path, body, accept = () => true) {
    const { ask, clock } = this.#parts;
    const start = clock.mono();
    try {
      const answer = await ask(path, body);
      if (!accept(answer.body)) throw new NoAnswer("an answer to something else");
      this.#trips = [...this.#trips, clock.mono() - start].slice(-5);
      this.#downSince = null;
      return answer;
    } catch (error) {
      await this.#failed(error, start);
      throw error;
    } finally {
      this.report(); // nobody waits for the bar, least of all the phone's own verdict when the server is away
    }
  }

  // Scans

  /**
   * A fresh scan does not wait behind older ones that hang, but for those of the same ticket. `count` rows are on the
   * phone with it, where that is known. False when no answer came; the queue goes on trying.
   */
  async sendNow(row, before = [], count = undefined) {
    this.#failures = 0;
    try {
      const sending = this.#send([...before.slice(1 - BATCH), row], 1, count); // the others may be answered meanwhile
      if (count === undefined) this.report();
      else this.#say(count);
      await sending;
      if ((await this.#parts.store.count()) !== 0) this.#later();
      return true;
    } catch (error) {
      this.#later(error);
      return false;
    }
  }

  /** Everything still on the phone, oldest first, a batch at a time. */
  async drain() {
    if (this.#isDraining) return;
    this.#isDraining = true;
    clearTimeout(this.#timer);
    try {
      await this.#parts.exclusively(() => this.#sendAll());
    } catch (error) {
      this.#later(error);
    } finally {
      this.#isDraining = false;
    }
  }

  /** The line may be back, or a steward is asking: the next try does not wait out a long silence. */
  hurry() {
    this.#failures = 0;
    return this.drain();
  }

  /** What is new of the list, and that this phone is still a phone. No scan is sent. */
  async idle() {
    await this.#send([]).catch(() => {}); // the bar says Offline; who was signed out is on the way to another page
  }

  /** Every few seconds while nobody scans: a line that answers takes along what waits. */
  async beat() {
    if (this.#isDraining) return;
    await this.idle();
    if (this.#downSince === null && (await this.#parts.store.count()) !== 0) await this.drain();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #say(count) {
    this.#parts.bus.tell("line", lineWords(this.#trips, this.#downSince, this.#parts.clock.mono()), count);
  }

  async #failed(error, start) {
    if (!(error instanceof SignedOut)) return void (this.#downSince ??= start);
    await this.#parts.store.drop(error.kept);
    this.#parts.bus.tell("signed-out", error.message);
  }

  async #sendAll() {
    for (let rows = await this.#oldest(); rows.length; rows = await this.#oldest()) {
      if (!(await this.#send(rows))) throw new NoAnswer("some rows failed on the server");
    }
    this.#failures = 0;
  }

  async #oldest() {
    const { store, openScans } = this.#parts;
    return (await store.oldest(BATCH + 1)).filter(({ id }) => !openScans.isHeld(id)).slice(0, BATCH);
  }

  /**
   * One request: a row leaves the phone only once the server's answer to it is back, and nobody waits for it to have
   * left to see that answer. True when all did.
   */
  async #send(rows, stored, count) {
    const { store, openScans, bus } = this.#parts;
    const sent = await this.#messageOf(rows, stored, count);
    const { body } = await this.timed("scans", sent, (read) => usable(read, rows) !== null);
    const final = body.answers.map((answer, n) => this.#isFinal(answer) && !openScans.hasMore(answer, sent.scans[n]));
    const gone = store.drop(rows.filter((_, n) => final[n]).map(({ id }) => id));
    body.answers.forEach((answer, n) => bus.tell("answered", answer, sent.scans[n], final[n]));
    await gone;
    bus.tell("heard", body);
    await this.report();
    return final.every(Boolean);
  }

  /** Of these rows so many are surely still stored: the server must not hear "none left" while one is. */
  async #messageOf(rows, stored = rows.length, count = undefined) {
    const { store, about, clock, app } = this.#parts;
    const all = count === undefined ? await store.count() : count;
    const left = all === null ? SOME : Math.max(0, all - stored);
    return message(rows, left, about(), clock, app, Math.max(0, ...this.#trips));
  }

  /** An `error` is a failure of the server's own: the row stays for another try, but not for ever. */
  #isFinal({ id, verdict, fault }) {
    if (verdict !== "error" || UNREADABLE.includes(fault)) return true;
    this.#faults.set(id, (this.#faults.get(id) ?? 0) + 1);
    return this.#faults.get(id) >= FAULTS;
  }

  #later(error) {
    if (error instanceof SignedOut) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.drain(), wait(this.#failures++));
  }
}
