// Scans that the server has not answered yet, this phone's own last acts, the list and the few things it remembers:
// kept through crash and restart.

export const NAME = "muster-door";

/**
 * Never fails: where the browser refuses or loses storage, all is kept in memory, and `onLost` is told. One failure is
 * no loss: browsers close a database under the page that has it open, and what is in it would wait for the next load.
 */
export async function openPending(onLost) {
  let store;
  let isLost = false;
  let isClosed = false; // for good: it is about to be erased
  let reopening = null;
  const lost = () => {
    if (isLost) return;
    isLost = true;
    store = inMemory();
    onLost();
  };
  const reopen = async () => {
    store.close();
    store = inDatabase(await opened());
  };
  const guarded = (name) => async (...given) => {
    const failed = store;
    try {
      return await failed[name](...given);
    } catch {
      return again(failed, name, given);
    }
  };
  async function again(failed, name, given) {
    try {
      if (isClosed) throw new Error("closed");
      if (store === failed) await (reopening ??= reopen().finally(() => (reopening = null)));
      return await store[name](...given);
    } catch {
      lost();
      return store[name](...given);
    }
  }
  try {
    store = inDatabase(await opened());
  } catch {
    lost();
  }
  const names = ["add", "put", "oldest", "count", "drop", "recall", "keep", "forget", "acts", "keepAct", "forgetActs"];
  const close = () => {
    isClosed = true;
    store.close();
  };
  return { ...Object.fromEntries(names.map((name) => [name, guarded(name)])), close };
}

export function inMemory() {
  const rows = new Map();
  const kept = new Map();
  const acts = new Map();
  return {
    add: async (row) => void rows.set(row.id, row),
    put: async (row) => void (rows.has(row.id) && rows.set(row.id, row)),
    oldest: async (count) => [...rows.values()].slice(0, count),
    count: async () => rows.size,
    drop: async (ids) => ids.forEach((id) => rows.delete(id)),
    recall: async (key) => kept.get(key),
    keep: async (values) => Object.entries(values).forEach(([key, value]) => kept.set(key, value)),
    forget: async (keys) => keys.forEach((key) => kept.delete(key)),
    acts: async () => [...acts.values()],
    keepAct: async (act) => void acts.set(act.proof, act),
    forgetActs: async (proofs) => proofs.forEach((proof) => acts.delete(proof)),
    close: () => {},
  };
}

async function opened() {
  const request = indexedDB.open(NAME, 2);
  request.onupgradeneeded = ({ oldVersion }) => upgrade(request.result, oldVersion);
  request.onblocked = () => {};
  const database = await answered(request);
  database.onversionchange = () => database.close(); // else a wipe, or a newer page in another tab, waits for ever
  return database;
}

function upgrade(database, from) {
  if (from < 1) {
    database.createObjectStore("pending", { autoIncrement: true }).createIndex("id", "id", { unique: true });
    database.createObjectStore("kept");
  }
  if (from < 2) database.createObjectStore("acts", { keyPath: "proof" });
}

function inDatabase(database) {
  const within = (name, mode, work) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode, { durability: "strict" });
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  return {
    add: (row) => within("pending", "readwrite", (store) => void store.add(row)),
    put: (row) => within("pending", "readwrite", (store) => rewriteById(store, row)),
    oldest: (count) => within("pending", "readonly", (store) => store.getAll(null, count)),
    count: () => within("pending", "readonly", (store) => store.count()),
    drop: (ids) => within("pending", "readwrite", (store) => ids.forEach((id) => deleteById(store, id))),
    recall: (key) => within("kept", "readonly", (store) => store.get(key)),
    keep: (values) =>
      within("kept", "readwrite", (store) => Object.entries(values).forEach(([key, value]) => store.put(value, key))),
    forget: (keys) => within("kept", "readwrite", (store) => keys.forEach((key) => store.delete(key))),
    acts: () => within("acts", "readonly", (store) => store.getAll()),
    keepAct: (act) => within("acts", "readwrite", (store) => void store.put(act)),
    forgetActs: (proofs) => within("acts", "readwrite", (store) => proofs.forEach((proof) => store.delete(proof))),
    close: () => database.close(),
  };
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
