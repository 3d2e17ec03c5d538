// What all tabs of one phone share: its clock, its chance, its browser's database, and the locks between tabs.

import { IDBFactory } from "fake-indexeddb";
import { Locks } from "./locks.mjs";

const NAME = "muster-door";

export class Device {
  isFull = false; // nothing can be written then, as Chromium does it; what is there can be read and deleted
  made = []; // rows that pages have added, {tab, row}
  #world;
  #factory = new IDBFactory();
  #open = new Map(); // database -> its page
  #locks = new Locks();

  constructor({ world, begins, clockOff, random }) {
    [this.#world, this.begins, this.clockOff, this.random] = [world, begins, clockOff * 1000, random];
  }

  wall() {
    return this.begins + this.#world.now + this.clockOff;
  }

  /** As this page sees it: {tab, isOver}. */
  indexedDB(page) {
    const asked = (name) => (...given) => {
      if (page.isOver) return {}; // never answered
      const request = this.#factory[name](...given);
      this.#busyUntil(request, ["success", "error"]);
      request.addEventListener("success", () => request.result && this.#watched(page, request.result));
      return request;
    };
    return { open: asked("open"), deleteDatabase: asked("deleteDatabase") };
  }

  locks(page) {
    return this.#locks.of(page);
  }

  closes(page) {
    this.#locks.closes(page);
    for (const [database, mine] of this.#open) if (mine === page) this.#close(database);
  }

  /** As Clear-Site-Data tells a browser to. */
  forgetAll() {
    for (const database of this.#open.keys()) this.#close(database);
    this.#factory = new IDBFactory();
  }

  /** Scans written since it was asked last, and what lies there; nothing where the browser has forgotten all. */
  async stored() {
    const made = this.made.splice(0);
    const known = await this.#factory.databases();
    if (!known.length) return { made, rows: [], list: "" };
    const database = await answered(this.#factory.open(NAME));
    const stores = database.transaction(["pending", "kept"]);
    const rows = await answered(stores.objectStore("pending").getAll());
    const list = await answered(stores.objectStore("kept").get("guest-list"));
    database.close();
    return { made, rows, list: list ? Buffer.from(list).toString("base64") : "" };
  }

  #close(database) {
    database.close();
    this.#open.delete(database);
  }

  #watched(page, database) {
    if (page.isOver) return database.close();
    this.#open.set(database, page);
    const begin = database.transaction.bind(database);
    database.transaction = (...given) => {
      const transaction = begin(...given);
      this.#busyUntil(transaction, ["complete", "abort"]);
      return this.#overheard(page, transaction);
    };
  }

  #overheard(page, transaction) {
    const storeOf = transaction.objectStore.bind(transaction);
    transaction.objectStore = (name) => {
      const store = storeOf(name);
      for (const way of ["add", "put"]) {
        const write = store[way].bind(store);
        store[way] = (value, ...key) => {
          if (way === "add") this.made.push({ tab: page.tab, row: { ...value } });
          return this.#refusing(transaction, write(value, ...key));
        };
      }
      return store;
    };
    return transaction;
  }

  #refusing(transaction, request) {
    if (this.isFull) request.addEventListener("success", () => transaction._abort("QuotaExceededError"));
    return request;
  }

  #busyUntil(target, ends) {
    this.#world.begun();
    let isOver = false;
    const end = () => {
      if (!isOver) this.#world.ended();
      isOver = true;
    };
    for (const name of ends) target.addEventListener(name, end);
  }
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
