// Keeps the ticks of a roll call through crashes and restarts, in a small database of their own.

import { answered, ROLL_CALL, within } from "./database.mjs";

/** Never fails: what the browser does not write is in memory, and `isDurable` says so. */
export class TickStore {
  #disk = null;
  #rows = new Map();

  static async open() {
    const store = new TickStore();
    store.#disk = await opened().catch(() => null);
    if (store.#disk) store.#disk.onversionchange = () => store.close(); // else a wipe would wait for ever
    return store;
  }

  isDurable() {
    return this.#disk !== null;
  }

  /** Everything that is stored, with what found no room. */
  async all() {
    const read = await this.#asked("readonly", (rows) => rows.getAll());
    for (const row of read ?? []) if (!this.#rows.has(row.id)) this.#rows.set(row.id, row);
    return [...this.#rows.values()];
  }

  async keep(row) {
    this.#rows.set(row.id, row);
    await this.#asked("readwrite", (rows) => rows.put(row));
  }

  async drop(ids) {
    for (const id of ids) this.#rows.delete(id);
    await this.#asked("readwrite", (rows) => ids.forEach((id) => rows.delete(id)));
  }

  close() {
    this.#disk?.close();
    this.#disk = null;
  }

  async #asked(mode, work) {
    if (!this.#disk) return undefined;
    try {
      return await within(this.#disk, "ticks", mode, work);
    } catch {
      this.close(); // full or broken: from now on this page holds them, and has to stay open
      return undefined;
    }
  }
}

async function opened() {
  const request = indexedDB.open(ROLL_CALL, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("ticks", { keyPath: "id" });
  return answered(request);
}
