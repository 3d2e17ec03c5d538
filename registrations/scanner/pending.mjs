// Scans that the server has not answered yet, this phone's own last acts, the list and the few things it remembers:
// kept through crash and restart.

export const NAME = "muster-door";
export const EVERYTHING = 10_000; // more rows than a phone ever keeps

/** Where the browser refuses storage altogether, all is kept in memory, and `onLost` is told. */
export async function openPending(onLost) {
  return layered(await opened().then(inDatabase, () => null), onLost);
}

/**
 * Never fails: what cannot be written is kept in memory, and `onLost` is told once. What had been written before stays
 * in sight, so that no scan is lost with a full disk. `durable` is the database, null where there is none.
 */
export function layered(durable, onLost) {
  const above = inMemory(); // what could not be written: it goes before what is written
  const dropped = new Set(); // ids of rows that could not be deleted
  let lost = false;

  function lose() {
    if (!lost) onLost();
    lost = true;
  }

  /** What the database says; undefined where it fails. */
  async function asked(name, ...given) {
    try {
      if (durable) return (await durable[name](...given)) ?? null;
    } catch {
      // full, aborted, or closed for a wipe in another tab
    }
    lose();
  }

  async function rows(count) {
    const written = ((await asked("oldest", count + dropped.size)) ?? []).filter(({ id }) => !dropped.has(id));
    const unwritten = new Map((await above.oldest(Infinity)).map((row) => [row.id, row]));
    const merged = written.map((row) => unwritten.get(row.id) ?? row);
    for (const { id } of written) unwritten.delete(id);
    return [...merged, ...unwritten.values()].slice(0, count);
  }

  /** What the database counts, where nothing stands beside it. */
  async function counted(written) {
    const alone = !dropped.size && !(await above.count());
    return (alone && (await written())) || (await rows(EVERYTHING)).length;
  }

  if (!durable) lose();
  return {
    /** How many rows there are then. */
    async add(row) {
      const count = await asked("add", row);
      if (count === undefined) await above.add(row);
      return counted(() => count);
    },
    async put(row) {
      await above.put(row);
      if ((await asked("put", row)) === undefined && !dropped.has(row.id)) await above.add(row);
    },
    oldest: rows,
    count: () => counted(() => asked("count")),
    async drop(ids) {
      await above.drop(ids);
      if ((await asked("drop", ids)) === undefined) for (const id of ids) dropped.add(id);
    },
    async recall(key) {
      const unwritten = await above.recall(key);
      return unwritten === undefined ? ((await asked("recall", key)) ?? undefined) : unwritten;
    },
    async keep(values) {
      const written = (await asked("keep", values)) !== undefined;
      await (written ? above.forget(Object.keys(values)) : above.keep(values));
    },
    async forget(keys) {
      await above.forget(keys);
      if ((await asked("forget", keys)) === undefined) await above.keep(Object.fromEntries(keys.map((key) => [key, null])));
    },
    async act(proof) {
      return (await above.act(proof)) ?? (await asked("act", proof)) ?? undefined;
    },
    async acts() {
      const merged = new Map(((await asked("acts")) ?? []).map((act) => [act.proof, act]));
      for (const act of await above.acts()) merged.set(act.proof, act);
      return [...merged.values()];
    },
    async keepAct(act) {
      await above.forgetActs([act.proof]);
      if ((await asked("keepAct", act)) === undefined) await above.keepAct(act);
    },
    async forgetActs(proofs) {
      await above.forgetActs(proofs);
      await asked("forgetActs", proofs);
    },
    close: () => durable?.close(),
  };
}

/** A wish: a browser that is short of room then throws others' things away first. Nothing depends on its answer. */
export const askToKeep = () => navigator.storage?.persist?.().catch(() => {});

export function inMemory() {
  const rows = new Map();
  const kept = new Map();
  const acts = new Map();
  return {
    add: async (row) => rows.set(row.id, row).size,
    put: async (row) => void (rows.has(row.id) && rows.set(row.id, row)),
    oldest: async (count) => [...rows.values()].slice(0, count),
    count: async () => rows.size,
    drop: async (ids) => ids.forEach((id) => rows.delete(id)),
    recall: async (key) => kept.get(key),
    keep: async (values) => Object.entries(values).forEach(([key, value]) => kept.set(key, value)),
    forget: async (keys) => keys.forEach((key) => kept.delete(key)),
    act: async (proof) => acts.get(proof),
    acts: async () => [...acts.values()],
    keepAct: async (act) => void acts.set(act.proof, act),
    forgetActs: async (proofs) => proofs.forEach((proof) => acts.delete(proof)),
    close: () => {},
  };
}

async function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => makeStores(request.result);
  request.onblocked = () => {};
  const database = await answered(request);
  return database;
}

function makeStores(database) {
  database.createObjectStore("pending", { autoIncrement: true }).createIndex("id", "id", { unique: true });
  database.createObjectStore("kept");
  database.createObjectStore("acts", { keyPath: "proof" });
}

/** One failure is no loss: browsers close a database under the page that has it open. It is opened again, once. */
function inDatabase(first) {
  let database = first;
  let opening = null;
  let isClosed = false; // for good

  function close() {
    isClosed = true;
    database.close();
  }

  async function openAgain() {
    database.close();
    database = await opened();
    database.onversionchange = close;
  }

  async function within(...given) {
    const had = database;
    try {
      return await once(...given);
    } catch (error) {
      if (isClosed) throw error;
      if (database === had) await (opening ??= openAgain().finally(() => (opening = null)));
      return once(...given);
    }
  }

  const once = (name, mode, work) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode, { durability: "strict" });
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  database.onversionchange = close; // else a wipe, or a newer page in another tab, waits for ever
  return {
    add: (row) => within("pending", "readwrite", (store) => store.add(row) && store.count()),
    put: (row) => within("pending", "readwrite", (store) => rewriteById(store, row)),
    oldest: (count) => within("pending", "readonly", (store) => store.getAll(null, count)),
    count: () => within("pending", "readonly", (store) => store.count()),
    drop: (ids) => within("pending", "readwrite", (store) => ids.forEach((id) => deleteById(store, id))),
    recall: (key) => within("kept", "readonly", (store) => store.get(key)),
    keep: (values) =>
      within("kept", "readwrite", (store) => Object.entries(values).forEach(([key, value]) => store.put(value, key))),
    forget: (keys) => within("kept", "readwrite", (store) => keys.forEach((key) => store.delete(key))),
    act: (proof) => within("acts", "readonly", (store) => store.get(proof)),
    acts: () => within("acts", "readonly", (store) => store.getAll()),
    keepAct: (act) => within("acts", "readwrite", (store) => void store.put(act)),
    forgetActs: (proofs) => within("acts", "readwrite", (store) => proofs.forEach((proof) => store.delete(proof))),
    close,
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
