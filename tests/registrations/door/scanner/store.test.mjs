import assert from "node:assert/strict";
import { test } from "node:test";
import { askToKeep, Memory, openStore, Store } from "../../../../registrations/door/scanner/store.mjs";

const READS = ["oldest", "count", "recall", "act", "acts"];
const WRITES = ["add", "put", "drop", "keep", "forget", "keepAct", "forgetActs"];

/**
 * A database that fails while the disk is full, for what it is asked to write; or altogether, once it is closed. `tabs`
 * says what this tab has told the others, and what they have.
 */
function phone({ none = false } = {}) {
  const written = new Memory();
  const disk = { full: false, broken: false, closed: false };
  const guarded = (name) => async (...given) => {
    if (disk.closed || disk.broken || (disk.full && !READS.includes(name))) throw new Error("QuotaExceededError");
    return written[name](...given);
  };
  const durable = Object.fromEntries([...READS, ...WRITES].map((name) => [name, guarded(name)]));
  durable.isClosed = () => disk.closed;
  const tabs = { told: false, asked: 0, have: false };
  const otherTabs = { tell: (has) => (tabs.told = has), haveUnwritten: async () => (tabs.asked++, tabs.have) };
  return { store: new Store(none ? null : durable, otherTabs), written, disk, tabs, durable };
}
const ids = async (store) => (await store.oldest(99)).map(({ id }) => id);

test("what is written is written, and nothing is said of loss", async () => {
  const { store, written } = phone();
  await store.add({ id: "a" });
  await store.keep({ initials: "AB" });
  assert.deepEqual([await ids(written), await written.recall("initials"), store.isDurable()], [["a"], "AB", true]);
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
  await store.keep({ initials: "AB" });
  assert.deepEqual([await ids(store), await store.count(), await store.recall("initials")], [["a"], 1, "AB"]);
  assert.equal(store.isDurable(), false);
});

test("a disk that is full hides none of the scans that were kept before, and loses none that come after", async () => {
  const { store, disk } = phone();
  await store.add({ id: "a", shown: "" });
  await store.add({ id: "b", shown: "" });
  disk.full = true;
  await store.keep({ "guest-list": "a long list" });
  await store.add({ id: "c", shown: "" });
  await store.put({ id: "b", shown: "ok" });
  assert.deepEqual([await store.count(), store.isDurable()], [3, false]);
  assert.deepEqual(await store.oldest(99), [{ id: "a", shown: "" }, { id: "b", shown: "ok" }, { id: "c", shown: "" }]);
  assert.equal(await store.recall("guest-list"), "a long list");
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
  await store.keep({ "guest-list": "a long list" });
  disk.full = true;
  await store.forget(["guest-list"]);
  assert.equal((await store.recall("guest-list")) ?? null, null);
  disk.full = false;
  await store.keep({ "guest-list": "another" });
  assert.equal(await store.recall("guest-list"), "another");
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

test("a read that fails is not none: nobody can tell, and what this run wrote or read is still in sight", async () => {
  const { store, written, disk } = phone();
  await written.add({ id: "before" });
  await store.add({ id: "a" });
  disk.broken = true;
  assert.equal(await store.count(), null);
  assert.deepEqual(await ids(store), ["a"], "what was never read cannot be seen, which is why nobody can tell");
  assert.equal(await store.add({ id: "b" }), null);
  assert.deepEqual([await ids(store), await store.count(), store.isDurable()], [["a", "b"], null, false]);
  disk.broken = false;
  assert.deepEqual([await ids(store), await store.count()], [["before", "a", "b"], 3]);
});

test("what was read before the disk broke is in sight as well, and goes once it was sent", async () => {
  const { store, written, disk } = phone();
  await written.add({ id: "before" });
  await store.oldest(99);
  disk.broken = true;
  assert.deepEqual(await ids(store), ["before"]);
  await store.drop(["before"]);
  assert.deepEqual([await ids(store), await store.count()], [[], null]);
  disk.broken = false;
  assert.deepEqual([await ids(store), await store.count()], [[], 0], "it is not sent again");
});

test("while the disk cannot be read, what was written in a row's place is what is sent", async () => {
  const { store, disk } = phone();
  await store.add({ id: "a", shown: "" });
  disk.broken = true;
  await store.put({ id: "a", shown: "ok" });
  assert.deepEqual(await store.oldest(9), [{ id: "a", shown: "ok" }]);
});

test("a row that was dropped and could not be deleted does not come back when it is put", async () => {
  const { store, disk } = phone();
  await store.add({ id: "a" });
  disk.full = true;
  await store.drop(["a"]);
  await store.put({ id: "a", shown: "late" });
  assert.deepEqual([await ids(store), await store.count()], [[], 0]);
});

test("what is remembered and this phone's acts outlast a disk that cannot be read", async () => {
  const { store, written, disk } = phone();
  await written.keep({ draining: true });
  await store.recall("draining");
  await store.keep({ initials: "AB" });
  await store.keepAct({ proof: "p", way: "in" });
  disk.broken = true;
  assert.deepEqual([await store.recall("draining"), await store.recall("initials"), await store.recall("other")], [true, "AB", undefined]);
  assert.deepEqual([await store.act("p"), await store.acts()], [{ proof: "p", way: "in" }, [{ proof: "p", way: "in" }]]);
  await store.forget(["initials"]);
  await store.forgetActs(["p"]);
  assert.deepEqual([(await store.recall("initials")) ?? null, await store.acts()], [null, []]);
});

test("the guest list is not held twice in memory for the day that the disk breaks", async () => {
  const { store, disk } = phone();
  await store.keep({ "guest-list": new Uint8Array(9), highest: 1 });
  disk.broken = true;
  assert.deepEqual([await store.recall("guest-list"), await store.recall("highest")], [undefined, 1]);
});

test("a browser is asked to keep what is stored, and nothing hangs on its answer", async () => {
  const asked = [];
  const browser = (storage) => Object.defineProperty(globalThis, "navigator", { value: { storage }, configurable: true });
  for (const answer of [Promise.resolve(true), Promise.reject(new Error("no"))]) {
    browser({ persist: () => (asked.push(1), answer) });
    await askToKeep();
  }
  browser(undefined);
  askToKeep();
  assert.equal(asked.length, 2);
});

test("DR-20 where the browser refuses a database there is a store all the same", async () => {
  globalThis.indexedDB = { open: () => { throw new DOMException("refused", "SecurityError"); } };
  const store = await openStore();
  await store.add({ id: "a" });
  assert.deepEqual([await store.count(), store.isDurable()], [1, false]);
});

test("what found no room stands before what came later in the same run: no row is said to be as old as those after it", async () => {
  const { store, disk } = phone();
  const row = (id, run, mono) => ({ id, run, mono });
  await store.add(row("a", "earlier", 900));
  disk.full = true;
  await store.add(row("b", "now", 100));
  await store.add(row("c", "now", 200));
  disk.full = false;
  await store.add(row("d", "now", 300));
  assert.deepEqual(await ids(store), ["a", "b", "c", "d"]);
});

test("while another tab has scans in its memory only nobody can tell how many there are, and each is in sight all the same", async () => {
  const { store, tabs } = phone();
  tabs.have = true;
  assert.deepEqual([await store.add({ id: "a" }), await store.count(), store.areInOtherTab()], [null, null, true]);
  assert.deepEqual([await ids(store), store.isDurable()], [["a"], true]);
  tabs.have = false;
  assert.deepEqual([await store.count(), await store.add({ id: "b" }), store.areInOtherTab()], [1, 2, false]);
});

test("the other tabs are told for as long as a row of this one is in its memory only", async () => {
  const { store, disk, tabs } = phone();
  await store.add({ id: "a" });
  assert.equal(tabs.told, false);
  disk.full = true;
  await store.put({ id: "a", shown: "ok" });
  assert.equal(tabs.told, true, "they would send it as it was");
  await store.add({ id: "b" });
  await store.drop(["a"]);
  assert.equal(tabs.told, true);
  await store.drop(["b"]);
  assert.equal(tabs.told, false);
});

test("they are told of rows that the disk has lost, and where there is no disk of every row", async () => {
  const { store, tabs, durable } = phone();
  await store.add({ id: "a" });
  await durable.onReopened(false, []);
  assert.equal(tabs.told, true);
  const without = phone({ none: true });
  await without.store.add({ id: "a" });
  assert.equal(without.tabs.told, true);
});

test("they are asked while the disk is, so that no scan waits for their word", async () => {
  const { store, durable, tabs } = phone();
  for (const name of ["add", "count"]) {
    durable[name] = () => new Promise(() => {});
    store[name]({ id: "a" });
    await new Promise(setImmediate);
  }
  assert.equal(tabs.asked, 2);
});
