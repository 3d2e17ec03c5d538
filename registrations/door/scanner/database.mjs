// The browser's database below the store: one transaction for each act, written to disk before it counts as done.

export const NAME = "muster-door";
export const ROLL_CALL = "muster-roll-call"; // a database of its own, for a marshal's ticks

/**
 * Browsers sometimes close a database that a page has open, so after a failure it is opened again, once. It may be a
 * new, empty one then, as a browser may delete a database when the disk is full. `onReopened(isNew, rows)` gets the
 * rows that it holds before anything else is read or written.
 */
export class Database {
  onReopened = async () => {};
  #database;
  #opening = null;
  #isClosed = false; // once true, it stays true

  static async open() {
    return new Database((await opened()).database);
  }

  constructor(database) {
    this.#watch(database);
    this.#database = database;
  }

  isClosed() {
    return this.#isClosed;
  }

  close() {
    this.#isClosed = true;
    this.#database.close();
  }

  add(row) {
    return this.#within("pending", "readwrite", (store) => store.add(row) && store.count());
  }

  put(row) {
    return this.#within("pending", "readwrite", (store) => rewriteById(store, row));
  }

  oldest(count) {
    return this.#within("pending", "readonly", (store) => store.getAll(null, count));
  }

  count() {
    return this.#within("pending", "readonly", (store) => store.count());
  }

  drop(ids) {
    return this.#within("pending", "readwrite", (store) => ids.forEach((id) => deleteById(store, id)));
  }

  recall(key) {
    return this.#within("kept", "readonly", (store) => store.get(key));
  }

  keep(values) {
    const write = (store) => Object.entries(values).forEach(([key, value]) => store.put(value, key));
    return this.#within("kept", "readwrite", write);
  }

  forget(keys) {
    return this.#within("kept", "readwrite", (store) => keys.forEach((key) => store.delete(key)));
  }

  act(proof) {
    return this.#within("acts", "readonly", (store) => store.get(proof));
  }

  acts() {
    return this.#within("acts", "readonly", (store) => store.getAll());
  }

  keepAct(act) {
    return this.#within("acts", "readwrite", (store) => void store.put(act));
  }

  forgetActs(proofs) {
    return this.#within("acts", "readwrite", (store) => proofs.forEach((proof) => store.delete(proof)));
  }

  async #within(...given) {
    const had = this.#database;
    try {
      return await within(had, ...given);
    } catch (error) {
      if (this.#isClosed) throw error;
      if (this.#database === had) await (this.#opening ??= this.#openAgain().finally(() => (this.#opening = null)));
      return within(this.#database, ...given);
    }
  }

  async #openAgain() {
    this.#database.close();
    const { database, isNew } = await opened();
    this.#watch(database);
    try {
      await this.onReopened(isNew, await within(database, "pending", "readonly", (store) => store.getAll()));
      this.#database = database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Otherwise a wipe, or a newer page in another tab, would wait for ever. */
  #watch(database) {
    database.onversionchange = () => {
      database.close();
      this.close();
    };
  }
}

/** What `work` has asked of the store of this name, once all of it is on the disk. */
export function within(database, name, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode, { durability: "strict" });
    const request = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

async function opened() {
  const request = indexedDB.open(NAME, 1);
  let isNew = false;
  request.onupgradeneeded = () => {
    isNew = true;
    makeStores(request.result);
  };
  return { database: await answered(request), isNew };
}

function makeStores(database) {
  database.createObjectStore("pending", { autoIncrement: true }).createIndex("id", "id", { unique: true });
  database.createObjectStore("kept");
  database.createObjectStore("acts", { keyPath: "proof" });
}

function deleteById(store, id) {
  const found = store.index("id").getKey(id);
  found.onsuccess = () => found.result !== undefined && store.delete(found.result);
}

/** Keeps the row's place in the order. A row that has left the phone in the meantime is not put back. */
function rewriteById(store, row) {
  const found = store.index("id").getKey(row.id);
  found.onsuccess = () => found.result !== undefined && store.put(row, found.result);
}

/** The result of a request outside of a transaction, such as a database that was opened. */
export function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
