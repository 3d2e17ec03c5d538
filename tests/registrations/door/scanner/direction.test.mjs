import assert from "node:assert/strict";
import { test } from "node:test";
import { Bus } from "../../../../registrations/door/scanner/bus.mjs";
import { Direction } from "../../../../registrations/door/scanner/direction.mjs";

test("DR-31 Out turns back to In by itself after ten minutes without a scan, and says so", () => {
  let now = 0;
  const turns = [];
  const bus = new Bus();
  bus.on("turned", (...turned) => turns.push(turned));
  const direction = new Direction({ bus, clock: { mono: () => now } });
  direction.turn();
  now = 599_000;
  direction.used();
  now = 1_198_999;
  direction.look();
  assert.equal(direction.get(), "out");
  now = 1_199_000;
  direction.look();
  assert.deepEqual([direction.get(), turns], ["in", [["out", false], ["in", true]]]);
});
