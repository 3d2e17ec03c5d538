// Scans that the server has not answered yet, and the few things this phone remembers, kept through crash and restart.

export const NAME = "muster-door";

/** Never fails: where the browser refuses or loses storage, all is kept in memory, and `onLost` is told. */
export async function openPending(onLost) {
  let store;
  const lost = () => {
    store = inMemory();
    onLost();
  };
  const guarded = (name) => async (...given) => {
    try {
      return await store[name](...given);
    } catch {
      lost();
      return store[name](...given);
    }
  };
  try {
    store = inDatabase(await opened());
  } catch {
    lost();
  }
  const names = ["add", "oldest", "count", "drop", "recall", "keep"];
  return { ...Object.fromEntries(names.map((name) => [name, guarded(name)])), close: () => store.close() };
}

export function inMemory() {
  const rows = new Map();
  const kept = new Map();
  return {
    add: async (row) => void rows.set(row.id, row),
    oldest: async (count) => [...rows.values()].slice(0, count),
    count: async () => rows.size,
    drop: async (ids) => ids.forEach((id) => rows.delete(id)),
    recall: async (key) => kept.get(key),
    keep: async (key, value) => void kept.set(key, value),
    close: () => {},
  };
}

async function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("pending", { autoIncrement: true }).createIndex("id", "id", { unique: true });
    request.result.createObjectStore("kept");
  };
  request.onblocked = () => {};
  const database = await answered(request);
  database.onversionchange = () => database.close(); // else a wipe, or a newer page in another tab, waits for ever
  return database;
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
    oldest: (count) => within("pending", "readonly", (store) => store.getAll(null, count)),
    count: () => within("pending", "readonly", (store) => store.count()),
    drop: (ids) => within("pending", "readwrite", (store) => ids.forEach((id) => deleteById(store, id))),
    recall: (key) => within("kept", "readonly", (store) => store.get(key)),
    keep: (key, value) => within("kept", "readwrite", (store) => void store.put(value, key)),
    close: () => database.close(),
  };
}

function deleteById(store, id) {
  const found = store.index("id").getKey(id);
  found.onsuccess = () => found.result !== undefined && store.delete(found.result);
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
