import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalActs } from "../../../../registrations/door/scanner/local-acts.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";

const START = 1555311600; // seconds
const at = (wall, mono, run = 1) => ({ wall: () => wall * 1000, mono: () => mono * 1000, run });

/** What this phone did, as far as it knows once the page has started. */
async function opened(store, waiting, clock, asked = null) {
  const acts = new LocalActs({ store, clock });
  await acts.open(waiting, asked);
  return acts;
}

test("DR-19 once the phone is signed out, an answer still on its way writes nothing down", async () => {
  const store = new Memory();
  const acts = await opened(store, new Set(), { wall: () => 0, mono: () => 0, run: 1 });
  await acts.passed({ proof: "before", id: "a" }, "in", 1000);
  acts.close();
  await acts.passed({ proof: "after", id: "b" }, "in", 1001);
  assert.deepEqual((await store.acts()).map(({ proof }) => proof), ["before"]);
});

test("an entry that follows at once on an undo is remembered", async () => {
  const store = new Memory();
  const acts = await opened(store, new Set(), { wall: () => 0, mono: () => 0, run: 1 });
  await acts.passed({ proof: "ada", id: "entry" }, "in", 1000);
  const undone = acts.undo("entry");
  await acts.passed({ proof: "ada", id: "again" }, "in", 1001);
  await undone;
  assert.equal((await acts.of("ada")).id, "again");
  await acts.undo("again");
  assert.equal(await acts.of("ada"), undefined);
});

test("an act of this phone's own is kept until a list asked for after the answer says it", async () => {
  const store = new Memory();
  const clock = at(0, 5);
  const acts = await opened(store, new Set(), clock);
  await acts.passed({ proof: "ada", id: "1" }, "in", START);
  await acts.known({ mono: 9_000 });
  assert.equal((await acts.of("ada")).way, "in");
  acts.answered("1");
  await acts.known({ mono: 4_999 });
  assert.equal((await acts.of("ada")).way, "in");
  await acts.known({ mono: 5_000 });
  assert.deepEqual([await acts.of("ada"), await store.acts()], [undefined, []]);
});

test("acts outlive a restart, and an undo ends one", async () => {
  const store = new Memory();
  const acts = await opened(store, new Set(), at(0, 0));
  await acts.passed({ proof: "ada", id: "1" }, "in", START);
  await acts.passed({ proof: "bo", id: "2" }, "in", START);
  const again = await opened(store, new Set(["2"]), at(0, 0, 2));
  await again.known({ mono: 0 });
  assert.deepEqual([await again.of("ada"), (await again.of("bo")).way], [undefined, "in"]);
  await again.undo("2");
  assert.deepEqual(await store.acts(), []);
});

test("a list that one tab hears of takes nothing away that another tab has done since", async () => {
  const store = new Memory();
  const [tab, other] = [await opened(store, new Set(), at(0, 0)), await opened(store, new Set(), at(0, 0, 2))];
  await tab.passed({ proof: "ada", id: "1" }, "in", START);
  await tab.passed({ proof: "bo", id: "2" }, "in", START);
  for (const id of ["1", "2"]) tab.answered(id);
  await other.passed({ proof: "ada", id: "3" }, "out", START);
  await tab.known({ mono: 9 });
  assert.deepEqual([(await other.of("ada")).id, await tab.of("bo")], ["3", undefined]);
});

test("an exit taken back leaves the entry before it", async () => {
  const store = new Memory();
  const acts = await opened(store, new Set(), at(0, 0));
  await acts.passed({ proof: "ada", id: "1" }, "in", START);
  await acts.passed({ proof: "ada", id: "2" }, "out", START + 60);
  await acts.passed({ proof: "ada", id: "2" }, "out", START + 60); // the server says the same
  await acts.undo("2");
  assert.deepEqual([(await acts.of("ada")).way, (await acts.of("ada")).id, (await store.acts())[0].way], ["in", "1", "in"]);
});

test("whom this phone has just let in it knows until they leave, are taken back, or the page is left, whatever the list says", async () => {
  const acts = await opened(new Memory(), new Set(), at(0, 5));
  await acts.passed({ proof: "ada", id: "1" }, "in", START);
  acts.answered("1");
  await acts.known({ mono: 9_000 });
  assert.deepEqual([await acts.of("ada"), await acts.letInAt("ada"), await acts.letInAt("bo")], [undefined, START, undefined]);
  await acts.passed({ proof: "bo", id: "2" }, "in", START + 10);
  await acts.passed({ proof: "bo", id: "3" }, "out", START + 20);
  await acts.undo("1");
  assert.deepEqual([await acts.letInAt("ada"), await acts.letInAt("bo")], [undefined, undefined]);
  await acts.passed({ proof: "ada", id: "4" }, "in", START + 30);
  await acts.passed({ proof: "cleo", id: "5" }, "in", START + 331);
  assert.deepEqual([await acts.letInAt("ada"), await acts.letInAt("cleo")], [undefined, START + 331], "five minutes at most");
  acts.close();
  assert.equal(await acts.letInAt("cleo"), undefined);
});

test("after a page is loaded again it knows whom it let in within the minute, and keeps no proof of them", async () => {
  const store = new Memory();
  const acts = await opened(store, new Set(), at(0, 5));
  for (const [n, proof] of ["ada", "bo", "cleo", "dan"].entries()) await acts.passed({ proof, id: `${n}` }, "in", START + n);
  for (const id of ["0", "1", "2", "3"]) acts.answered(id);
  await acts.undo("1");
  await acts.passed({ proof: "cleo", id: "4" }, "out", START + 9);
  await acts.known({ mono: 9_000 });
  await acts.passed({ proof: "ed", id: "5" }, "in", START + 61);
  const kept = await untilKept(store, 2);
  assert.equal(/ada|bo|cleo|dan|"ed"/.test(JSON.stringify(kept)), false);
  const again = await opened(store, new Set(), at(0, 5, 2));
  const known = await Promise.all(["ada", "bo", "cleo", "dan", "ed"].map((proof) => again.letInAt(proof)));
  assert.deepEqual(known, [undefined, undefined, undefined, START + 3, START + 61]);
  await again.passed({ proof: "dan", id: "6" }, "out", START + 62);
  assert.equal(await again.letInAt("dan"), undefined);
  await again.forgetAll();
  assert.deepEqual([await again.letInAt("ed"), await store.recall("let-in")], [undefined, undefined]);
});

/** So many, once the last write is done. */
async function untilKept(store, number) {
  for (let turn = 0; turn < 200; turn++) {
    const kept = await store.recall("let-in");
    if (kept?.length === number) return kept;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return assert.fail("never kept");
}
