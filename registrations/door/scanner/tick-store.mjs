// Keeps the ticks of a roll call through crashes and restarts, in a small database of their own.

import { ROLL_CALL } from "./database.mjs";

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
      return await within(this.#disk, mode, work);
    } catch {
      this.close(); // full or broken: from now on this page holds them, and has to stay open
      return undefined;
    }
  }
}

function within(database, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("ticks", mode, { durability: "strict" });
    const request = work(transaction.objectStore("ticks"));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(ROLL_CALL, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("ticks", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
