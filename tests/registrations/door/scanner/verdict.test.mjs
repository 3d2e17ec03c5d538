import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judge } from "../../../../registrations/door/scanner/verdict.mjs";

const cases = JSON.parse(readFileSync(new URL("../../../vectors/verdict.json", import.meta.url)));

for (const { says, known, window, at, verdict } of cases) {
  test(says, () => assert.equal(judge(known, window, at), verdict));
}
