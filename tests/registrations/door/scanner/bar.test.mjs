import assert from "node:assert/strict";
import { test } from "node:test";
import { barFacts, barWarning } from "../../../../registrations/door/scanner/bar.mjs";

test("the bar says connection, scans to send, list and battery in words", () => {
  const facts = { connection: { state: "offline", minutes: 4 }, unsent: 3, listAt: "09:31", battery: 0.45 };
  assert.deepEqual(barFacts(facts), ["Offline 4 min", "3 to send", "guest list 09:31", "battery 45 %"]);
  assert.deepEqual(barFacts({ ...facts, listAt: "", battery: null }), ["Offline 4 min", "3 to send", "no guest list"]);
  assert.deepEqual(barFacts({ ...facts, battery: 0.51 }), ["Offline 4 min", "3 to send", "guest list 09:31"]);
});

for (const [state, word] of [["online", "Online"], ["slow", "Slow"], ["offline", "Offline"]]) {
  test(`a phone that is ${state} says ${word}`, () => {
    assert.equal(barFacts({ connection: { state, minutes: 0 }, unsent: 0, listAt: "", battery: null })[0], word);
  });
}

const fine = { durable: true, secondsLeft: 9000, ends: "18:00", clockOff: 3, battery: 0.9, news: "" };
for (const [but, words] of [
  [{}, ""],
  [{ durable: false }, "Online only: this phone keeps nothing"],
  [{ canCount: false }, "This phone's storage is full or broken: keep this page open, do not sign out"],
  [{ canCount: false, areInOtherTab: true }, "Another tab of this phone has scans to send: open it, do not sign out"],
  [{ areInOtherTab: true }, ""],
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
