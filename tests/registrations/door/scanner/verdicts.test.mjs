// The closed list of verdicts: what Python says of each, and what this page draws for it, are the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LEAD_MAY, SHOWN, describe } from "../../../../registrations/door/scanner/verdict-signs.mjs";

const rules = JSON.parse(readFileSync(new URL("../../../vectors/verdicts.json", import.meta.url)));
const PAGE_SAYS = ["device_revoked"]; // which is a page of its own, since nothing is scanned any more
const drawn = rules.filter(({ heard_as, verdict }) => heard_as === null && !PAGE_SAYS.includes(verdict));

test("a sign for each verdict that a phone shows, and a verdict for each sign", () => {
  assert.deepEqual(Object.keys(SHOWN).sort(), drawn.map(({ verdict }) => verdict).sort());
});

for (const { verdict, sign, word } of drawn) {
  test(`${verdict} is ${sign} and says ${word}`, () => {
    const shown = describe({ verdict });
    assert.deepEqual([shown.sign, shown.word], [sign, word]);
  });
}

test("a lead may decide where the list says so, with its reasons and no others", () => {
  const here = Object.entries(LEAD_MAY).map(([verdict, { codes }]) => [verdict, codes.map(([code]) => code).sort()]);
  const there = rules.filter(({ overrides }) => overrides.length).map(({ verdict, overrides }) => [verdict, overrides]);
  assert.deepEqual(here.sort(), there.sort());
});
