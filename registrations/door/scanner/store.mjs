// Keeps through crashes and restarts: scans that the server has not answered, this phone's own last acts, the list, and
// a few small things.

import { Database } from "./database.mjs";
import { OtherTabs } from "./other-tabs.mjs";

export const EVERYTHING = 10_000; // more rows than a phone ever keeps

/** If the browser refuses storage altogether, everything is kept in memory. `page` is the name of this run of the page. */
export async function openStore(page) {
  return new Store(await Database.open().catch(() => null), new OtherTabs(page));
}

/** A request: a browser that is short of space then deletes other sites' data first. Nothing depends on its answer. */
export const askToKeep = () => navigator.storage?.persist?.().catch(() => {});

/**
 * Never fails. What cannot be written is kept in memory. If something cannot be read, that does not mean "none": what
 * this run of the page has written or read is used instead, and the number of scans is unknown. It is unknown, too,
 * while another tab has scans in its memory only.
 */
export class Store {
  #disk; // null if there is none
  #above = new Memory(); // what could not be written; it overrides what is on disk
  #seen = new Memory(); // what this run has written or read, in case the disk cannot be read or has lost it
  #dropped = new Set(); // ids of rows that could not be deleted
  #isDurable;
  #otherTabs;
  #areInOtherTab = false;

  constructor(disk, otherTabs) {
    this.#disk = disk;
    this.#otherTabs = otherTabs;
    this.#isDurable = disk !== null;
    if (disk) disk.onReopened = (isNew, rows) => this.#regain(isNew, rows);
  }

  /** Whether what is stored outlives the page. False for good once something could not be stored. */
  isDurable() {
    return this.#isDurable;
  }

  /** True if another tab had scans in its memory only when they were last counted: why their number is unknown. */
  areInOtherTab() {
    return this.#areInOtherTab;
  }

  // Scans

  /** Returns how many rows there are then; null if unknown. */
  async add(row) {
    await this.#seen.add(row);
    return this.#counted(this.#written("add", row));
  }

  async put(row) {
    await Promise.all([this.#above.put(row), this.#seen.put(row)]);
    await this.#written("put", row);
  }

  /** Up to `count` rows that can be read, oldest first. */
  async oldest(count) {
    const read = await this.#asked("oldest", count + this.#dropped.size);
    for (const row of read ?? []) if (!this.#dropped.has(row.id)) await this.#seen.add(row);
    const rows = await this.#merged(read ?? (await this.#standIn("oldest", Infinity)));
    return rows.slice(0, count);
  }

  /** null if unknown. */
  async count() {
    return this.#counted(this.#asked("count"));
  }

  async drop(ids) {
    await Promise.all([this.#above.drop(ids), this.#seen.drop(ids)]);
    await this.#tellOtherTabs();
    if ((await this.#asked("drop", ids)) === undefined) for (const id of ids) this.#dropped.add(id);
  }

  // What is remembered

  async recall(key) {
    const unwritten = await this.#above.recall(key);
    if (unwritten !== undefined) return unwritten;
    const written = await this.#asked("recall", key);
    if (written) await this.#seen.keep(inSmall({ [key]: written }));
    return (await this.#orElse(written, "recall", key)) ?? undefined;
  }

  async keep(values) {
    await this.#seen.keep(inSmall(values));
    const isWritten = (await this.#asked("keep", values)) !== undefined;
    await (isWritten ? this.#above.forget(Object.keys(values)) : this.#above.keep(values));
  }

  async forget(keys) {
    await Promise.all([this.#above.forget(keys), this.#seen.forget(keys)]);
    const isGone = (await this.#asked("forget", keys)) !== undefined;
    if (!isGone) await this.#above.keep(Object.fromEntries(keys.map((key) => [key, null])));
  }

  // This phone's own acts

  async act(proof) {
    const unwritten = await this.#above.act(proof);
    if (unwritten) return unwritten;
    const written = await this.#asked("act", proof);
    return (await this.#orElse(written, "act", proof)) ?? undefined;
  }

  async acts() {
    const written = (await this.#asked("acts")) ?? (await this.#standIn("acts"));
    const merged = new Map([...(written ?? []), ...(await this.#above.acts())].map((act) => [act.proof, act]));
    return [...merged.values()];
  }

  async keepAct(act) {
    await Promise.all([this.#above.forgetActs([act.proof]), this.#seen.keepAct(act)]);
    if ((await this.#asked("keepAct", act)) === undefined) await this.#above.keepAct(act);
  }

  async forgetActs(proofs) {
    await Promise.all([this.#above.forgetActs(proofs), this.#seen.forgetActs(proofs)]);
    await this.#asked("forgetActs", proofs);
  }

  close() {
    this.#disk?.close();
  }

  /** What the database says; undefined if it fails. */
  async #asked(name, ...given) {
    try {
      if (!this.#isGone()) return (await this.#disk[name](...given)) ?? null;
    } catch {
      // full, aborted, or broken
    }
    this.#isDurable = false;
  }

  /** There is none, or it was closed for good: another tab has wiped it, or a newer page has taken it over. */
  #isGone() {
    return this.#disk === null || this.#disk.isClosed();
  }

  /**
   * The database was opened again, and may be empty. Rows that it has lost are still to be sent. A row that another tab
   * has sent in the meantime is sent once more, which does no harm: the server knows it. Other values are restored only
   * into a new database, since another tab may have forgotten them on purpose.
   */
  async #regain(isNew, written) {
    const ids = new Set(written.map(({ id }) => id));
    const lost = (await this.#seen.oldest(Infinity)).filter(({ id }) => !ids.has(id));
    this.#above.drop(lost.map(({ id }) => id)); // not awaited, so that nobody counts between the two
    await Promise.all(lost.map((row) => this.#above.add(row))); // in their order: ages never rise from row to row
    await this.#tellOtherTabs();
    if (isNew) await this.#above.keep(await this.#seen.remembered());
    for (const act of isNew ? await this.#seen.acts() : []) await this.#above.keepAct(act);
    if (isNew || lost.length) this.#isDurable = false;
  }

  /** The value read, or a substitute if the database failed or has just turned out to be empty. */
  async #orElse(written, name, key) {
    return written === undefined ? this.#standIn(name, key) : (written ?? this.#above[name](key));
  }

  /** The substitute for what the database could not say. */
  async #standIn(name, ...given) {
    return this.#isGone() ? undefined : this.#seen[name](...given);
  }

  /** A row that finds no room is kept in memory, unless it was dropped. */
  async #written(name, row) {
    const count = await this.#asked(name, row);
    if (count !== undefined || this.#dropped.has(row.id)) return count;
    await this.#above.add(row);
    await this.#tellOtherTabs();
  }

  async #tellOtherTabs() {
    this.#otherTabs.tell((await this.#above.count()) > 0);
  }

  /**
   * Adds what is kept outside the database to its own count, which is undefined if it failed. Null if unknown. The
   * other tabs are asked at the same time, so that no scan waits for it.
   */
  async #counted(counting) {
    const [count, areInOtherTab] = await Promise.all([counting, this.#otherTabs.haveUnwritten()]);
    this.#areInOtherTab = areInOtherTab;
    if (areInOtherTab) return null;
    const isWhole = !this.#dropped.size && !(await this.#above.count());
    if (isWhole && count) return count;
    const written = this.#isGone() ? [] : await this.#asked("oldest", EVERYTHING);
    return written === undefined ? null : (await this.#merged(written)).length;
  }

  async #merged(written) {
    const known = (written ?? []).filter(({ id }) => !this.#dropped.has(id));
    const unwritten = new Map((await this.#above.oldest(Infinity)).map((row) => [row.id, row]));
    const merged = known.map((row) => unwritten.get(row.id) ?? row);
    for (const { id } of known) unwritten.delete(id);
    for (const row of unwritten.values()) insert(merged, row);
    return merged;
  }
}

/** Before what came later in the same run, which may have found room again: ages never rise from row to row. */
function insert(rows, late) {
  const place = rows.findIndex(({ run, mono }) => run === late.run && mono > late.mono);
  rows.splice(place < 0 ? rows.length : place, 0, late);
}

/** Everything except the guest list, which can be fetched again. */
function inSmall(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !(value instanceof Uint8Array)));
}

export class Memory {
  #rows = new Map();
  #kept = new Map();
  #acts = new Map();

  isClosed() {
    return false;
  }

  async add(row) {
    return this.#rows.set(row.id, row).size;
  }

  async put(row) {
    if (this.#rows.has(row.id)) this.#rows.set(row.id, row);
  }

  async oldest(count) {
    return [...this.#rows.values()].slice(0, count);
  }

  async count() {
    return this.#rows.size;
  }

  async drop(ids) {
    for (const id of ids) this.#rows.delete(id);
  }

  async recall(key) {
    return this.#kept.get(key);
  }

  async remembered() {
    return Object.fromEntries(this.#kept);
  }

  async keep(values) {
    for (const [key, value] of Object.entries(values)) this.#kept.set(key, value);
  }

  async forget(keys) {
    for (const key of keys) this.#kept.delete(key);
  }

  async act(proof) {
    return this.#acts.get(proof);
  }

  async acts() {
    return [...this.#acts.values()];
  }

  async keepAct(act) {
    this.#acts.set(act.proof, act);
  }

  async forgetActs(proofs) {
    for (const proof of proofs) this.#acts.delete(proof);
  }

  close() {}
}
