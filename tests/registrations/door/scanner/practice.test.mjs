import assert from "node:assert/strict";
import { test } from "node:test";
import { isPracticeOver, sampleIn, SAMPLES } from "../../../../registrations/door/scanner/practice.mjs";
import { parse } from "../../../../registrations/door/scanner/ticket-code.mjs";
import { describe } from "../../../../registrations/door/scanner/verdict-signs.mjs";

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

test("practice is over once the door opens, and where a door has no hours it never was", () => {
  const pass = (opens, now) => ({ get: () => ({ door: { opens } }), now: () => now });
  assert.deepEqual([[100, 99], [100, 100], [null, 1]].map((given) => isPracticeOver(pass(...given))), [false, true, true]);
});
