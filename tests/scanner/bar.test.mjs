import assert from "node:assert/strict";
import { test } from "node:test";
import { barFacts, barWarning } from "../../registrations/scanner/bar.mjs";
import { createPass } from "../../registrations/scanner/pass.mjs";
import { inMemory } from "../../registrations/scanner/store.mjs";
import { sampleIn, SAMPLES } from "../../registrations/scanner/practice.mjs";
import { describe } from "../../registrations/scanner/verdict-signs.mjs";
import { parse } from "../../registrations/scanner/ticket-code.mjs";
import { createWay } from "../../registrations/scanner/direction.mjs";

test("the bar says line, scans to send, list and battery in words", () => {
  const facts = { line: "Offline 4 min", unsent: 3, listAt: "09:31", battery: 0.45 };
  assert.deepEqual(barFacts(facts), ["Offline 4 min", "3 to send", "roster 09:31", "battery 45 %"]);
  assert.deepEqual(barFacts({ ...facts, listAt: "", battery: null }), ["Offline 4 min", "3 to send", "no roster"]);
  assert.deepEqual(barFacts({ ...facts, battery: 0.51 }), ["Offline 4 min", "3 to send", "roster 09:31"]);
});

const fine = { durable: true, secondsLeft: 9000, ends: "18:00", clockOff: 3, battery: 0.9, news: "" };
for (const [but, words] of [
  [{}, ""],
  [{ durable: false }, "Online only: this phone keeps nothing"],
  [{ secondsLeft: 1799 }, "This phone's pass ends at 18:00"],
  [{ battery: 0.2 }, "Battery at 20 %: charge it"],
  [{ battery: 0.08 }, "Battery at 8 %: charge it"],
  [{ battery: null }, ""],
  [{ clockOff: -31 }, "Clock out: the server's time counts"],
  [{ durable: false, news: "New version" }, "Online only: this phone keeps nothing. New version"],
]) {
  test(`with ${JSON.stringify(but)} the bar warns: ${words || "of nothing"}`, () => {
    assert.equal(barWarning({ ...fine, ...but }), words);
  });
}

test("DR-31 Out turns back to In by itself after ten minutes without a scan, and says so", () => {
  let now = 0;
  const turns = [];
  const way = createWay({ clock: { mono: () => now }, onTurn: (...turned) => turns.push(turned) });
  way.turn();
  now = 599_000;
  way.used();
  now = 1_198_999;
  way.look();
  assert.equal(way.get(), "out");
  now = 1_199_000;
  way.look();
  assert.deepEqual([way.get(), turns], ["in", [["out", false], ["in", true]]]);
});

test("every sample of the practice card shows something of its own, and none can be a ticket", () => {
  for (const [key, answer] of Object.entries(SAMPLES)) {
    const text = `MUSTER:PRACTICE:${key}`;
    assert.deepEqual([sampleIn(text), sampleIn(` ${text.toLowerCase()}\n`)], [answer, answer]);
    assert.equal(parse(text).why, "not_ours");
    if (key !== "CANNOT-TELL") assert.notDeepEqual(describe(answer), describe({ verdict: "error" }));
  }
});

test("what is no sample is none, not even by an odd name", () => {
  const odd = ["M1DE2YYFFZFEVFX9VWTAW6CB5HKCW", "MUSTER:PRACTICE:", "MUSTER:PRACTICE:__PROTO__", "MUSTER:PRACTICE:TOSTRING"];
  assert.deepEqual(odd.map(sampleIn), [null, null, null, null]);
});

test("DR-17 the server's time goes on by the clock that nobody can set; across a restart by the other", async () => {
  const store = inMemory();
  const time = { wall: 5_000_000, mono: 0, run: 1 };
  const clock = { wall: () => time.wall, mono: () => time.mono, get run() { return time.run; } };
  const pass = createPass({ store, clock });
  await pass.take({ id: 1, now: 1555316100, seconds_left: 100, zone: "Europe/London" });
  Object.assign(time, { wall: 99_000_000, mono: 60_000 });
  assert.deepEqual([pass.now(), pass.secondsLeft(), pass.hourOf(pass.now())], [1555316160, 40, "09:16"]);
  Object.assign(time, { wall: 5_090_000, mono: 0, run: 2 });
  const again = createPass({ store, clock });
  await again.recall();
  assert.deepEqual([again.get().id, again.now(), again.secondsLeft()], [1, 1555316190, 10]);
});

test("a rehearsal in another year is no fault of the phone's clock", async () => {
  const pass = createPass({ store: inMemory(), clock: { wall: () => 1_800_000_000_000, mono: () => 0, run: 1 } });
  await pass.take({ id: 1, now: 1555316100, moved: 1555316100 - 1_800_000_000, seconds_left: 100 });
  assert.equal(pass.clockOff(), 0);
  await pass.heard({ now: 1555316100, moved: 1555316100 - 1_799_999_960, seconds_left: 100 });
  assert.equal(pass.clockOff(), 40);
  await pass.heard({ now: 1_799_999_999, moved: 0, seconds_left: 100 });
  assert.equal(pass.clockOff(), 1);
});
