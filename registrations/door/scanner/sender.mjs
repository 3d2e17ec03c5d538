// Sends scans to the server: a new one at once, the others oldest first, each again until it is answered.

import { BATCH, connectionNow, message, usable, wait } from "./scan-row.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";

const UNREADABLE = ["id", "kind", "proof", "undoes"]; // it reads no better the next time, so this is final
const FAULTS = 5; // a row that makes the server fail this often is given up
const SOME = 1; // what the server is told if the phone cannot tell how many are left: it must not hear "none"

/**
 * `ask(path, body)` asks the server. `about()` is what the board is told about the phone. `openScans` knows which scan
 * is held back, and which ones the server does not know completely yet. `exclusively(work)` keeps a second tab from
 * sending the same queue. `pass` says under which pass is asked: the end of another one is no news. `bus` is told
 * "answered" (the answer, what was sent, whether the row has left the phone), "heard" (what the server says about the
 * list and the time), "connection" (its state, and how many are to send, or null) and "signed-out" (why; it is the last
 * answer).
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
    this.#parts = parts; // {store, ask, clock, app, about, openScans, exclusively, pass, bus}
  }

  // The connection

  async report() {
    this.#say(await this.#parts.store.count());
  }

  /** A scan has waited too long: for the steward this is offline, whatever the browser says. */
  doubt() {
    this.#downSince ??= this.#parts.clock.mono();
    return this.report();
  }

  /** Sends any request to the server and times it: this is how the bar knows the state of the connection. */
  async timed(path, body, accept = () => true) {
    const { ask, clock, pass } = this.#parts;
    const start = clock.mono();
    const under = pass.get()?.id;
    try {
      const answer = await ask(path, body);
      if (!accept(answer.body)) throw new NoAnswer("an answer to something else");
      this.#trips = [...this.#trips, clock.mono() - start].slice(-5);
      this.#downSince = null;
      return answer;
    } catch (error) {
      await this.#failed(error, { start, under, scans: body?.scans });
      throw error;
    } finally {
      this.report(); // not awaited: the phone's own verdict must not wait for the bar when the server is away
    }
  }

  // Scans

  /**
   * A new scan does not wait for older ones that got stuck, except for those of the same ticket. `count` is how many
   * rows are on the phone, including it, if known. False if no answer came; the queue keeps trying.
   */
  async sendNow(row, before = [], count = undefined) {
    this.#failures = 0;
    try {
      const sending = this.#send([...before.slice(1 - BATCH), row], 1, count); // the others may be answered before
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

  /** The network may be back, or a steward is asking, so it tries at once instead of waiting. */
  hurry() {
    this.#failures = 0;
    return this.drain();
  }

  /** Asks for news of the list, and whether this phone's pass is still good. Sends no scan. */
  async idle() {
    await this.#send([]).catch(() => {}); // the bar says Offline; if signed out, the phone is already leaving the page
  }

  /** Call this every few seconds while nobody scans. If the server answers, the waiting scans are sent too. */
  async beat() {
    if (this.#isDraining) return;
    await this.idle();
    if (this.#downSince === null && (await this.#parts.store.count()) !== 0) await this.drain();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #say(count) {
    this.#parts.bus.tell("connection", connectionNow(this.#trips, this.#downSince, this.#parts.clock.mono()), count);
  }

  async #failed(error, { start, under, scans = [] }) {
    const { store, pass, bus } = this.#parts;
    if (!(error instanceof SignedOut)) return void (this.#downSince ??= start);
    await store.drop(error.kept.filter((id) => !this.#hasMore(id, scans)));
    if (pass.get()?.id === under) bus.tell("signed-out", error.message); // else the phone has been paired anew meanwhile
  }

  /** The server kept a scan that it was asked about, and the phone has let them through since: that is sent later. */
  #hasMore(id, scans) {
    const sent = scans.find((scan) => scan.id === id);
    return sent !== undefined && this.#parts.openScans.hasMore({ id, verdict: "device_revoked" }, sent);
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
   * One request. A row leaves the phone only once the server's answer to it is back; the answer is passed on without
   * waiting for that. True if all rows left.
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

  /** `stored` of these rows are certainly still on the phone: the server must not hear "none left" while one is. */
  async #messageOf(rows, stored = rows.length, count = undefined) {
    const { store, about, clock, app } = this.#parts;
    const all = count === undefined ? await store.count() : count;
    const left = all === null ? SOME : Math.max(0, all - stored);
    return message(rows, left, about(), clock, app, Math.max(0, ...this.#trips));
  }

  /** An `error` is the server's own failure, so the row stays for another try, but not for ever. */
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
