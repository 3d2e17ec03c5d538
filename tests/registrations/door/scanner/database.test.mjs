import assert from "node:assert/strict";
import { test } from "node:test";
import { Database, NAME } from "../../../../registrations/door/scanner/database.mjs";
import { openStore } from "../../../../registrations/door/scanner/store.mjs";

/**
 * A browser's database, as much of it as the phone asks for. A request succeeds before its transaction completes, and
 * what is written counts only once that has; `disk.full` aborts, `disk.breaks` closes it under the page.
 */
function browser() {
  const disk = { full: false, breaks: 0, opened: 0, modes: [], stores: new Map(), versionchange: null };
  const later = (work) => setTimeout(work, 0);
  const open = () => {
    const request = {};
    later(() => {
      disk.opened++;
      const isNew = !disk.stores.size;
      request.result = databaseOn(disk);
      if (isNew) request.onupgradeneeded();
      request.onsuccess();
    });
    return request;
  };
  globalThis.indexedDB = { open: (name, version) => (assert.deepEqual([name, version], [NAME, 1]), open()) };
  return disk;
}

function databaseOn(disk) {
  const database = {
    createObjectStore(name) {
      disk.stores.set(name, { rows: new Map(), next: 1 });
      return { createIndex() {} };
    },
    close() {
      database.isClosed = true;
    },
    transaction(name, mode, how) {
      if (database.isClosed || disk.breaks-- > 0) throw new DOMException("closed", "InvalidStateError");
      disk.modes.push([name, mode, how?.durability]);
      return transactionOn(disk, name);
    },
  };
  disk.last = database;
  return database;
}

function transactionOn(disk, name) {
  const store = disk.stores.get(name);
  let rows = null; // as they are once the transactions before this one are done
  const transaction = { error: null };
  const waiting = [];
  const asks = (work) => {
    const request = {};
    waiting.push(() => {
      request.result = work();
      request.onsuccess?.();
    });
    return request;
  };
  const keyOf = (id) => [...rows].find(([, row]) => row.id === id)?.[0];
  transaction.objectStore = () => ({
    add: (row) => asks(() => rows.set(store.next++, row)),
    put: (row, key = row.proof) => asks(() => rows.set(key, row)),
    get: (key) => asks(() => rows.get(key)),
    getAll: (_, count = Infinity) => asks(() => [...rows.values()].slice(0, count)),
    count: () => asks(() => rows.size),
    delete: (key) => asks(() => rows.delete(key)),
    index: () => ({ getKey: (id) => asks(() => keyOf(id)) }),
  });
  const before = disk.running ?? Promise.resolve();
  let done;
  disk.running = new Promise((resolve) => (done = resolve));
  const run = () => {
    rows ??= new Map(store.rows);
    if (waiting.length) return waiting.shift()(), setTimeout(run, 0);
    done();
    if (disk.full) return (transaction.error = new DOMException("full", "QuotaExceededError")), transaction.onabort();
    store.rows = rows;
    transaction.oncomplete();
  };
  before.then(() => setTimeout(run, 0));
  return transaction;
}
const row = (id, shown = "") => ({ id, shown });

/** What Chromium does on a full disk: the database is closed, and an empty one made when it is opened again. */
function empty(disk) {
  disk.last.close();
  disk.stores = new Map();
}

test("rows come back oldest first, and one that is added says how many there are", async () => {
  browser();
  const database = await Database.open();
  assert.deepEqual([await database.add(row("a")), await database.add(row("b"))], [1, 2]);
  assert.deepEqual([await database.oldest(1), await database.count()], [[row("a")], 2]);
});

test("a row is rewritten in its place, and one that has left meanwhile stays away", async () => {
  browser();
  const database = await Database.open();
  for (const id of ["a", "b"]) await database.add(row(id));
  await database.put(row("a", "ok"));
  assert.deepEqual(await database.oldest(9), [row("a", "ok"), row("b")]);
  await database.drop(["a", "unknown"]);
  await database.put(row("a", "late"));
  assert.deepEqual(await database.oldest(9), [row("b")]);
});

test("what is remembered, and this phone's acts, are kept and forgotten", async () => {
  browser();
  const database = await Database.open();
  await database.keep({ initials: "AB", left: true });
  await database.forget(["left"]);
  assert.deepEqual([await database.recall("initials"), await database.recall("left")], ["AB", undefined]);
  for (const proof of ["p", "q"]) await database.keepAct({ proof, way: "in" });
  await database.forgetActs(["q"]);
  assert.deepEqual([await database.act("p"), await database.acts()], [{ proof: "p", way: "in" }, [{ proof: "p", way: "in" }]]);
});

test("all is written to the disk before it counts as done", async () => {
  const disk = browser();
  const database = await Database.open();
  await database.add(row("a"));
  await database.keep({ a: 1 });
  assert.deepEqual(disk.modes, [["pending", "readwrite", "strict"], ["kept", "readwrite", "strict"]]);
});

test("a request that succeeded in a transaction that did not is a failure", async () => {
  const disk = browser();
  const database = await Database.open();
  disk.full = true;
  await assert.rejects(database.add(row("a")), { name: "QuotaExceededError" });
  disk.full = false;
  assert.equal(await database.count(), 0);
});

test("closed under the page by the browser it is opened again, once for all that wait", async () => {
  const disk = browser();
  const database = await Database.open();
  disk.last.close();
  assert.deepEqual(await Promise.all([database.add(row("a")), database.add(row("b"))]), [1, 2]);
  assert.equal(disk.opened, 2);
  disk.breaks = 2;
  await assert.rejects(database.count());
});

test("a wipe or a newer page in another tab closes it for good", async () => {
  const disk = browser();
  const database = await Database.open();
  assert.equal(database.isClosed(), false);
  disk.last.onversionchange();
  assert.equal(database.isClosed(), true);
  await assert.rejects(database.add(row("a")));
  assert.equal(disk.opened, 1);
});

test("that holds for one that was opened again, too", async () => {
  const disk = browser();
  const database = await Database.open();
  disk.last.close();
  await database.count();
  disk.last.onversionchange();
  assert.equal(database.isClosed(), true);
});

test("opened again it says what it still holds, before anything else is asked of it", async () => {
  const disk = browser();
  const database = await Database.open();
  await database.add(row("a"));
  const heard = [];
  database.onReopened = async (isNew, rows) => heard.push([isNew, rows, database.isClosed()]);
  disk.last.close();
  await database.count();
  empty(disk);
  assert.equal(await database.count(), 0);
  assert.deepEqual(heard, [[false, [row("a")], false], [true, [], false]]);
});

test("one that cannot be read when it is opened again is not kept open: a wipe would wait for it", async () => {
  const disk = browser();
  const database = await Database.open();
  disk.breaks = 2;
  await assert.rejects(database.count());
  assert.equal(disk.last.isClosed, true);
  assert.equal(await database.count(), 0);
});

test("what a full disk has thrown away is still counted and sent, with what comes after", async () => {
  const disk = browser();
  const store = await openStore();
  await store.add(row("a"));
  await store.add(row("b"));
  await store.keep({ draining: true });
  await store.keepAct({ proof: "p", way: "in" });
  empty(disk);
  assert.deepEqual([await store.count(), store.isDurable()], [2, false]);
  assert.equal(await store.add(row("c")), 3);
  assert.deepEqual((await store.oldest(9)).map(({ id }) => id).sort(), ["a", "b", "c"]);
  assert.deepEqual([await store.recall("draining"), await store.act("p")], [true, { proof: "p", way: "in" }]);
  await store.drop(["a", "b", "c"]);
  assert.deepEqual([await store.count(), await store.oldest(9)], [0, []]);
});

test("an emptied disk is seen by whatever is asked of it first", async () => {
  const firsts = {
    recall: (store) => store.recall("initials").then((found) => assert.equal(found, "AB")),
    act: (store) => store.act("p").then((found) => assert.deepEqual(found, { proof: "p", way: "in" })),
    acts: (store) => store.acts().then((found) => assert.deepEqual(found, [{ proof: "p", way: "in" }])),
    oldest: (store) => store.oldest(9).then((found) => assert.deepEqual(found, [row("a", "ok")])),
    add: (store) => store.add(row("b")).then((count) => (assert.equal(count, 2), store.drop(["b"]))),
    drop: (store) => store.drop(["another"]),
    put: (store) => store.put(row("a", "ok")),
  };
  for (const [name, first] of Object.entries(firsts)) {
    const disk = browser();
    const store = await openStore();
    await store.add(row("a"));
    await store.put(row("a", "ok"));
    await store.keep({ initials: "AB" });
    await store.keepAct({ proof: "p", way: "in" });
    empty(disk);
    await first(store);
    assert.deepEqual([await store.oldest(9), await store.count()], [[row("a", "ok")], 1], name);
  }
});

test("what another tab has sent meanwhile is sent once more, and the count comes to 0", async () => {
  const disk = browser();
  const store = await openStore();
  const first = disk.last;
  await store.add(row("a"));
  await store.keep({ draining: true });
  const another = await openStore();
  await another.drop(["a"]);
  await another.forget(["draining"]);
  first.close();
  assert.equal(await store.count(), 1);
  await store.drop((await store.oldest(9)).map(({ id }) => id));
  assert.deepEqual([await store.count(), await store.recall("draining")], [0, undefined]);
});

test("it is sent in its place, before what found no room since: no row is said to be as old as those after it", async () => {
  const disk = browser();
  const store = await openStore();
  const first = disk.last;
  await store.add(row("a"));
  disk.full = true;
  await store.add(row("b"));
  disk.full = false;
  await (await openStore()).drop(["a"]);
  first.close();
  disk.last.close();
  assert.deepEqual([await store.count(), (await store.oldest(9)).map(({ id }) => id)], [2, ["a", "b"]]);
});
