// The ticks of a roll call: this phone's, kept until the server has them, and what it says of other marshals' phones.

import { since, stamp } from "./elapsed.mjs";
import { toBase64url } from "./sealing.mjs";

export const BATCH = 200; // as many as the server accepts at once

/** 22 characters that nobody else draws. */
export const drawn = (random = (bytes) => crypto.getRandomValues(bytes)) => toBase64url(random(new Uint8Array(16)));

/**
 * A tick is stored before it is shown. It names its row by what the ticket code derives, and nobody by name. The latest
 * counts, by whichever phone, and the others are disputes where they differ. The server alone knows which is the latest
 * of several phones'; one that it does not have yet was made here a moment ago.
 */
export class RollTicks {
  #parts;
  #ours = new Map(); // id -> tick, in the order in which they were made
  #heard = new Map(); // row -> what the server says of it
  #cursor = 0;
  #roll = "";

  constructor(parts) {
    this.#parts = parts; // {store, clock, pass}
  }

  /** Those of an earlier run of the page. */
  async load() {
    const rows = await this.#parts.store.all();
    for (const tick of rows.toSorted((a, b) => a.at - b.at)) this.#ours.set(tick.id, tick);
  }

  /** Ticks are of this roll call from now on. What was heard of another one is forgotten. */
  async turnTo(roll) {
    if (roll === this.#roll) return;
    this.#roll = roll;
    this.#heard.clear();
    this.#cursor = 0;
    const old = [...this.#ours.values()].filter((tick) => tick.isKept && tick.roll !== roll);
    await this.#drop(old.map(({ id }) => id));
  }

  /** The server has joined a roll call of this phone to another that was running already. */
  async join(mine, theirs) {
    for (const tick of [...this.#ours.values()].filter(({ roll }) => roll === mine)) await this.#keep({ ...tick, roll: theirs });
    await this.turnTo(theirs);
  }

  async mark(row, mark, byTicket = false) {
    const { clock, pass } = this.#parts;
    const tick = { id: drawn(), roll: this.#roll, row, mark, by_ticket: byTicket, isKept: false, at: pass.now(), ...stamp(clock) };
    await this.#keep(tick);
    return tick;
  }

  /** {mark, at, device, isWaiting, disputes}, or null while nobody has ticked the row. `device` is "" for this phone. */
  of(row) {
    const [latest, ...others] = this.#entries(row);
    return latest ? { ...latest, disputes: others.filter(({ mark }) => mark !== latest.mark) } : null;
  }

  /** How many different people this phone or another has ticked in this roll call, whether or not a list is open. */
  people() {
    const ours = [...this.#ours.values()].filter(({ roll }) => roll === this.#roll).map(({ row }) => row);
    return new Set([...ours, ...this.#heard.keys()]).size;
  }

  /** How many the server does not have yet. */
  async count() {
    return this.#waiting().length;
  }

  /** The roll calls that have ticks to send, this one first, if it has any. */
  rolls() {
    return [...new Set(this.#waiting().map(({ roll }) => roll))].toSorted((a) => (a === this.#roll ? -1 : 1));
  }

  /** A batch of the oldest, as they are sent: each with its age, since no phone's clock is believed. */
  batch(roll) {
    const waiting = this.#waiting().filter((tick) => tick.roll === roll).slice(0, BATCH);
    const age = (tick) => since(tick, this.#parts.clock);
    return waiting.map((tick) => ({ id: tick.id, row: tick.row, mark: tick.mark, age: age(tick), by_ticket: tick.by_ticket }));
  }

  cursor(roll) {
    return roll === this.#roll ? this.#cursor : 0;
  }

  /** What the server answered to a batch. */
  async answered(roll, { kept = [], refused = [], cursor, ticks = [] }) {
    for (const id of kept) if (this.#ours.has(id)) await this.#keep({ ...this.#ours.get(id), isKept: true });
    await this.#drop(refused.filter((id) => this.#ours.has(id)));
    if (roll !== this.#roll) return;
    for (const tick of ticks) this.#heard.set(tick.row, tick);
    this.#cursor = cursor ?? this.#cursor;
  }

  /** The roll call is over: only what is still to be sent stays. */
  async end() {
    await this.turnTo("");
  }

  #waiting() {
    return [...this.#ours.values()].filter(({ isKept }) => !isKept);
  }

  /** One of each phone at most, the latest first. */
  #entries(row) {
    const own = [...this.#ours.values()].filter((tick) => tick.roll === this.#roll && tick.row === row).at(-1);
    const ours = own && { mark: own.mark, at: own.at, device: "", isWaiting: !own.isKept };
    const heard = this.#heard.get(row);
    const told = (heard ? [heard, ...(heard.others ?? [])] : []).map(entryOf);
    if (ours?.isWaiting) return [ours, ...told.filter(({ device }) => device)];
    return told.length || !ours ? told : [ours];
  }

  async #keep(tick) {
    this.#ours.set(tick.id, tick);
    await this.#parts.store.keep(tick);
  }

  async #drop(ids) {
    for (const id of ids) this.#ours.delete(id);
    if (ids.length) await this.#parts.store.drop(ids);
  }
}

const entryOf = ({ mark, at, device, mine }) => ({ mark, at, device: mine ? "" : device, isWaiting: false });
