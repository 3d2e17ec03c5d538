import assert from "node:assert/strict";
import { test } from "node:test";
import { openOwn } from "../../registrations/scanner/local-acts.mjs";
import { inMemory } from "../../registrations/scanner/store.mjs";

test("DR-19 once the phone is signed out, an answer still on its way writes nothing down", async () => {
  const store = inMemory();
  const own = await openOwn(store, new Set(), { wall: () => 0, mono: () => 0, run: 1 });
  await own.keep({ proof: "before", id: "a" }, "in", 1000);
  own.close();
  await own.keep({ proof: "after", id: "b" }, "in", 1001);
  assert.deepEqual((await store.acts()).map(({ proof }) => proof), ["before"]);
});

test("an entry that follows at once on an undo is remembered", async () => {
  const store = inMemory();
  const own = await openOwn(store, new Set(), { wall: () => 0, mono: () => 0, run: 1 });
  await own.keep({ proof: "ada", id: "entry" }, "in", 1000);
  const undone = own.undo("entry");
  await own.keep({ proof: "ada", id: "again" }, "in", 1001);
  await undone;
  assert.equal((await own.of("ada")).id, "again");
  await own.undo("again");
  assert.equal(await own.of("ada"), undefined);
});
