import assert from "node:assert/strict";
import { test } from "node:test";
import { Pass } from "../../../../registrations/door/scanner/pass.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";

test("DR-17 the server's time goes on by the clock that nobody can set; across a restart by the other", async () => {
  const store = new Memory();
  const time = { wall: 5_000_000, mono: 0, run: 1 };
  const clock = { wall: () => time.wall, mono: () => time.mono, get run() { return time.run; } };
  const pass = new Pass({ store, clock });
  await pass.take({ id: 1, now: 1555316100, seconds_left: 100, zone: "Europe/London" });
  Object.assign(time, { wall: 99_000_000, mono: 60_000 });
  assert.deepEqual([pass.now(), pass.secondsLeft(), pass.hourOf(pass.now())], [1555316160, 40, "09:16"]);
  Object.assign(time, { wall: 5_090_000, mono: 0, run: 2 });
  const again = new Pass({ store, clock });
  await again.recall();
  assert.deepEqual([again.get().id, again.now(), again.secondsLeft()], [1, 1555316190, 10]);
});

test("a rehearsal in another year is no fault of the phone's clock", async () => {
  const pass = new Pass({ store: new Memory(), clock: { wall: () => 1_800_000_000_000, mono: () => 0, run: 1 } });
  await pass.take({ id: 1, now: 1555316100, moved: 1555316100 - 1_800_000_000, seconds_left: 100 });
  assert.equal(pass.clockOff(), 0);
  await pass.heard({ now: 1555316100, moved: 1555316100 - 1_799_999_960, seconds_left: 100 });
  assert.equal(pass.clockOff(), 40);
  await pass.heard({ now: 1_799_999_999, moved: 0, seconds_left: 100 });
  assert.equal(pass.clockOff(), 1);
});
