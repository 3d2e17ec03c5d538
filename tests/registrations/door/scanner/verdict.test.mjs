import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isRepeat, judge } from "../../../../registrations/door/scanner/verdict.mjs";

const vectors = (name) => JSON.parse(readFileSync(new URL(`../../../vectors/${name}`, import.meta.url)));

const cases = vectors("verdict.json");

for (const { says, known, window, at, verdict } of cases) {
  test(says, () => assert.equal(judge(known, window, at), verdict));
}

for (const { ago, repeat } of vectors("repeat.json")) {
  test(`let in here ${ago} seconds ago is ${repeat ? "" : "no "}repeat`, () => assert.equal(isRepeat(ago), repeat));
}
