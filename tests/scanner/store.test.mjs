import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory, Store } from "../../registrations/scanner/store.mjs";

const READS = ["oldest", "count", "recall", "act", "acts"];
const WRITES = ["add", "put", "drop", "keep", "forget", "keepAct", "forgetActs"];

/** A database that fails while the disk is full, for what it is asked to write; or altogether, once it is closed. */
function phone({ none = false } = {}) {
  const written = new Memory();
  const disk = { full: false, broken: false, closed: false };
  const guarded = (name) => async (...given) => {
    if (disk.closed || disk.broken || (disk.full && !READS.includes(name))) throw new Error("QuotaExceededError");
    return written[name](...given);
  };
  const durable = Object.fromEntries([...READS, ...WRITES].map((name) => [name, guarded(name)]));
  durable.isClosed = () => disk.closed;
  return { store: new Store(none ? null : durable), written, disk };
}
const ids = async (store) => (await store.oldest(99)).map(({ id }) => id);

test("what is written is written, and nothing is said of loss", async () => {
  const { store, written } = phone();
  await store.add({ id: "a" });
  await store.keep({ holder: "AB" });
  assert.deepEqual([await ids(written), await written.recall("holder"), store.isDurable()], [["a"], "AB", true]);
});

test("a row that is added says how many there are with it, wherever they are kept", async () => {
  const { store, disk } = phone();
  assert.deepEqual([await store.add({ id: "a" }), await store.add({ id: "b" })], [1, 2]);
  disk.full = true;
  assert.equal(await store.add({ id: "c" }), 3);
  disk.full = false;
  assert.equal(await store.add({ id: "d" }), 4);
});

test("DR-20 without any storage all is in memory, and it is not durable", async () => {
  const { store } = phone({ none: true });
  await store.add({ id: "a" });
  await store.keep({ holder: "AB" });
  assert.deepEqual([await ids(store), await store.count(), await store.recall("holder")], [["a"], 1, "AB"]);
  assert.equal(store.isDurable(), false);
});

test("a disk that is full hides none of the scans that were kept before, and loses none that come after", async () => {
  const { store, disk } = phone();
  await store.add({ id: "a", shown: "" });
  await store.add({ id: "b", shown: "" });
  disk.full = true;
  await store.keep({ roster: "a long list" });
  await store.add({ id: "c", shown: "" });
  await store.put({ id: "b", shown: "ok" });
  assert.deepEqual([await store.count(), store.isDurable()], [3, false]);
  assert.deepEqual(await store.oldest(99), [{ id: "a", shown: "" }, { id: "b", shown: "ok" }, { id: "c", shown: "" }]);
  assert.equal(await store.recall("roster"), "a long list");
});

test("a row that cannot be deleted is not sent for ever", async () => {
  const { store, disk } = phone();
  for (const id of ["a", "b", "c"]) await store.add({ id });
  disk.full = true;
  await store.drop(["a", "c"]);
  assert.deepEqual([await ids(store), await store.count(), (await store.oldest(1)).length], [["b"], 1, 1]);
});

test("what cannot be erased is not read again either", async () => {
  const { store, disk } = phone();
  await store.keep({ roster: "a long list" });
  disk.full = true;
  await store.forget(["roster"]);
  assert.equal((await store.recall("roster")) ?? null, null);
  disk.full = false;
  await store.keep({ roster: "another" });
  assert.equal(await store.recall("roster"), "another");
});

test("this phone's own acts are the last ones, wherever they are kept", async () => {
  const { store, disk } = phone();
  await store.keepAct({ proof: "p", way: "in" });
  disk.full = true;
  await store.keepAct({ proof: "p", way: "out" });
  assert.deepEqual([await store.acts(), await store.act("p")], [[{ proof: "p", way: "out" }], { proof: "p", way: "out" }]);
  disk.full = false;
  await store.keepAct({ proof: "p", way: "in" });
  assert.deepEqual([await store.acts(), await store.act("p")], [[{ proof: "p", way: "in" }], { proof: "p", way: "in" }]);
  assert.equal(await store.act("another"), undefined);
});

test("a database that was closed under us is no failure of a scan", async () => {
  const { store, disk } = phone();
  await store.add({ id: "a" });
  disk.closed = true;
  await store.add({ id: "b" });
  await store.drop(["a"]);
  assert.deepEqual([await ids(store), await store.count(), await store.acts()], [["b"], 1, []]);
});
