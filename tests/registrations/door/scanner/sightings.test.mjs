import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, Intake, Sightings, Unread } from "../../../../registrations/door/scanner/sightings.mjs";

/** When a code, seen at these milliseconds, was taken. */
const taken = (times, sightings = new Sightings()) => times.filter((at) => sightings.take("M1...", at, true));
const every = (step, from, to) => Array.from({ length: (to - from) / step + 1 }, (_, n) => from + n * step);

test("DR-12 a code held up for half a minute is one scan", () => {
  assert.deepEqual(taken(every(80, 0, 30_000)), [0]);
});

test("a code out of view for long enough counts again", () => {
  assert.deepEqual(taken([0, 80, 4999, 5080, 6581]), [0, 6581]);
});

test("out of view for a second and a half is not enough before five seconds have passed", () => {
  assert.deepEqual(taken([0, 2000, 4000, 4999]), [0]);
});

test("five seconds are not enough while it was hardly out of view", () => {
  assert.deepEqual(taken([0, 4000, 5400, 6800]), [0]);
});

test("two codes have two locks", () => {
  const sightings = new Sightings();
  const seen = [["a", 0], ["b", 700], ["a", 1400], ["b", 2000], ["c", 2100]];
  assert.deepEqual(seen.map(([text, at]) => sightings.take(text, at, true)), [true, true, false, false, true]);
});

test("while a verdict waits for a tap nothing new is taken, and the code shown keeps its lock", () => {
  const sightings = new Sightings();
  const waiting = [["a", 0, true], ["b", 1000, false], ["a", 2400, false], ["a", 3800, false]];
  const tapped = [["a", 5200, true], ["b", 5300, true]];
  const took = [...waiting, ...tapped].map(([text, at, open]) => sightings.take(text, at, open));
  assert.deepEqual(took, [true, false, false, false, false, true]);
});

test("after an undo the same code may be scanned again as soon as it was out of view, and not while it stays there", () => {
  const sightings = new Sightings();
  assert.equal(sightings.take("a", 0, true), true);
  sightings.free();
  const took = [100, 1500, 1600, 3101].map((at) => sightings.take("a", at, true));
  assert.deepEqual(took, [false, false, false, true]);
});

for (const [says, found, chosen] of [
  ["no code", [], {}],
  ["one code, however far out", [{ text: "a", off: 300 }], { text: "a" }],
  ["one of two, when the other is twice as far", [{ text: "b", off: 100 }, { text: "a", off: 50 }], { text: "a" }],
  ["neither of two as near as each other", [{ text: "a", off: 60 }, { text: "b", off: 100 }], { two: true }],
  ["the same code found twice", [{ text: "a", off: 60 }, { text: "a", off: 61 }], { text: "a" }],
]) {
  test(`a picture with ${says}`, () => assert.deepEqual(choose(found), chosen));
}

/** At which of these milliseconds it is said that what is in view cannot be read. */
const said = (looks, unread = new Unread()) => looks.filter(([at, isPartly, isRead = false]) => unread.look(isRead, isPartly, at)).map(([at]) => at);
const held = (from, to) => every(400, from, to).map((at) => [at, true]);

test("a code that cannot be read for three seconds is said to be that, until it is read or gone", () => {
  assert.deepEqual(said(held(0, 3600)), [3200, 3600]);
  assert.deepEqual(said([...held(0, 3200), [3280, false], [5201, false]]), [3200, 3280], "gone");
  assert.deepEqual(said([...held(0, 2800), [2900, false, true], ...held(3000, 5800)]), [], "read meanwhile");
  assert.deepEqual(said([...held(0, 2000), ...held(4400, 7200)]), [], "another one");
});

test("the steward is told to show all of it", async () => {
  let mono = 0;
  const hints = [];
  const intake = new Intake({
    screen: { hint: (words) => hints.push(words) }, clock: { mono: () => mono }, direction: { used() {} },
    scanning: { turnsEnd() {} }, sightings: new Sightings(),
  });
  for (mono of every(400, 0, 3200)) await intake.see([], true);
  await intake.see([]);
  assert.deepEqual([hints[0], new Set(hints.slice(-2)).size], ["", 1]);
  assert.equal(hints.at(-1), "This code cannot be read. Show all of it, hold it still, tilt it against glare");
});
