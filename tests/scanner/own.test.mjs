import assert from "node:assert/strict";
import { test } from "node:test";
import { openOwn } from "../../registrations/scanner/own.mjs";
import { inMemory } from "../../registrations/scanner/pending.mjs";

test("DR-19 once the phone is signed out, an answer still on its way writes nothing down", async () => {
  const store = inMemory();
  const own = await openOwn(store, new Set(), { wall: () => 0, mono: () => 0, run: 1 });
  await own.keep({ proof: "before", id: "a" }, "in", 1000);
  own.close();
  await own.keep({ proof: "after", id: "b" }, "in", 1001);
  assert.deepEqual((await store.acts()).map(({ proof }) => proof), ["before"]);
});
