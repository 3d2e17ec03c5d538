import assert from "node:assert/strict";
import { test } from "node:test";
import { Battery } from "../../../../registrations/door/scanner/battery.mjs";

const withBattery = (getBattery) => Object.defineProperty(globalThis, "navigator", { value: { getBattery }, configurable: true });

test("how full it is, and whether it charges, is followed", async () => {
  const told = { level: 0.4, charging: false };
  withBattery(async () => told);
  const battery = new Battery();
  const seen = [];
  await battery.watch(() => seen.push([battery.level(), battery.isCharging()]));
  told.level = 0.3;
  told.onlevelchange();
  told.charging = true;
  told.onchargingchange();
  assert.deepEqual(seen, [[0.4, false], [0.3, false], [0.3, true]]);
});

test("most browsers keep it to themselves: then nothing is known, and nothing fails", async () => {
  for (const getBattery of [undefined, () => Promise.reject(new Error("no"))]) {
    withBattery(getBattery);
    const battery = new Battery();
    await battery.watch(() => assert.fail("nothing has changed"));
    assert.deepEqual([battery.level(), battery.isCharging()], [null, false]);
  }
});
