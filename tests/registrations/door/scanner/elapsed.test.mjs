import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { after, atMost, clockOfThisRun, jump, since, stamp, unsure } from "../../../../registrations/door/scanner/elapsed.mjs";

const at = (wall, mono, run = 1) => ({ wall: () => wall * 1000, mono: () => mono * 1000, run });
const then = { wall: 100_000, mono: 10_000, run: 1 };

for (const [says, clock, passed, most, differ] of [
  ["in one run", at(160, 70), 60, 60, 0],
  ["the clock having been put forward an hour", at(3760, 70), 60, 3660, 3600],
  ["the clock having been put back an hour", at(-3440, 70), 60, 60, 3600],
  ["after a restart", at(160, 1, 2), 60, 60, 30],
  ["after a restart with the clock put back", at(-3440, 1, 2), 0, Infinity, 43_200],
]) {
  test(`DR-17 what has passed ${says}`, () => {
    assert.deepEqual([since(then, clock), atMost(then, clock, 100_000), unsure(then, clock)], [passed, most, differ]);
  });
}

test("after a restart a clock below the highest ever seen is never believed, but for being set right", () => {
  const past = (wall) => atMost(then, at(wall, 1, 2), 1_000_000);
  assert.deepEqual([past(879), past(880)], [Infinity, 780]);
});

test("a clock that goes on more than the page has was moved, or the phone slept", () => {
  assert.deepEqual([jump(then, at(160, 70)), jump(then, at(3760, 70))], [0, 3600]);
});

test("two runs of the page are told apart, and a moment names its run", () => {
  const [one, other] = [clockOfThisRun(), clockOfThisRun()];
  assert.match(one.run, /^[0-9a-f]{8}$/);
  assert.notEqual(one.run, other.run);
  const moment = stamp(one);
  assert.ok(Math.abs(moment.wall - Date.now()) < 1000 && moment.mono <= performance.now());
  assert.equal(moment.run, one.run);
});

test("what is to be done after a while is done once, and can be stopped", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const done = [];
  after(100, () => done.push("a"));
  const stop = after(100, () => done.push("b"));
  mock.timers.tick(99);
  stop();
  mock.timers.tick(1000);
  assert.deepEqual(done, ["a"]);
  mock.timers.reset();
});
