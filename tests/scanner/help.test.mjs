import assert from "node:assert/strict";
import { test } from "node:test";
import { createHelp } from "../../registrations/scanner/help.mjs";
import { inMemory } from "../../registrations/scanner/pending.mjs";

/** A phone whose server hears only while `line.up`. */
function phone() {
  const time = { now: 0, run: 1 };
  const clock = { wall: () => time.now, mono: () => time.now, get run() { return time.run; } };
  const [line, told, store] = [{ up: true }, [], inMemory()];
  const ask = async (path, body) => {
    if (!line.up) throw new Error("no network");
    told.push([path, body]);
  };
  return { time, line, told, store, help: createHelp({ store, ask, clock }), anew: () => createHelp({ store, ask, clock }) };
}

test("a call for help is told at once, and not twice", async () => {
  const { told, store, help } = phone();
  assert.equal(await help.call(), true);
  assert.equal(await help.send(), true);
  assert.deepEqual([told, await store.recall("help")], [[["help", { age: 0 }]], undefined]);
});

test("without a network it waits, through a restart, and says how old it is", async () => {
  const { time, line, told, help, anew } = phone();
  line.up = false;
  assert.equal(await help.call(), false);
  Object.assign(time, { now: 90_000, run: 2 });
  const again = anew();
  await again.recall();
  assert.equal(await again.send(), false);
  line.up = true;
  assert.equal(await again.send(), true);
  assert.equal(await again.send(), true);
  assert.deepEqual(told, [["help", { age: 90 }]]);
});
