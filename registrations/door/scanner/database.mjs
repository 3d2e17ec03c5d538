// The browser's database under the store: one transaction an act, written to the disk before it counts as done.

export const NAME = "muster-door";

/** One failure is no loss: browsers close a database under the page that has it open. It is opened again, once. */
export class Database {
  #database;
  #opening = null;
  #isClosed = false; // for good

  static async open() {
    return new Database(await opened());
  }

  constructor(database) {
    this.#use(database);
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
      return await this.#once(...given);
    } catch (error) {
      if (this.#isClosed) throw error;
      if (this.#database === had) await (this.#opening ??= this.#openAgain().finally(() => (this.#opening = null)));
      return this.#once(...given);
    }
  }

  #once(name, mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(name, mode, { durability: "strict" });
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }

  async #openAgain() {
    this.#database.close();
    this.#use(await opened());
  }

  #use(database) {
    this.#database = database;
    database.onversionchange = () => this.close(); // else a wipe, or a newer page in another tab, waits for ever
  }
}

function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => makeStores(request.result);
  return answered(request);
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

/** In its place in the order; a row that has left the phone meanwhile stays away. */
function rewriteById(store, row) {
  const found = store.index("id").getKey(row.id);
  found.onsuccess = () => found.result !== undefined && store.put(row, found.result);
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
