import assert from "node:assert/strict";
import { test } from "node:test";
import { phone } from "./roll-phone.mjs";

test("DR-38 a print is kept until the server has logged it, with its age", async () => {
  const sid = await phone();
  await sid.prints.made("R");
  sid.passes(9);
  const [print] = sid.prints.of("R");
  assert.deepEqual([print.age, print.id.length, sid.prints.of("S"), sid.prints.count()], [9, 22, [], 1]);
  const again = await sid.restarts();
  assert.equal(again.prints.of("R")[0].id, print.id, "it outlives a restart");
  await again.prints.join("R", "S");
  assert.deepEqual(again.prints.rolls(), ["S"]);
  await again.prints.settled([print.id, "another"]);
  assert.deepEqual([again.prints.count(), await sid.store.recall("roll-prints")], [0, undefined]);
});

test("a new print on paper is due from the start, and half an hour after the last", async () => {
  const sid = await phone();
  assert.equal(sid.prints.isDue(), true);
  await sid.prints.paper();
  sid.passes(1799);
  assert.equal(sid.prints.isDue(), false);
  sid.passes(1);
  assert.equal(sid.prints.isDue(), true);
  await sid.prints.made("R");
  assert.equal(sid.prints.isDue(), false, "one from the phone counts");
});
