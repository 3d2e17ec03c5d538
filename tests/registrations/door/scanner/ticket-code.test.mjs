import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { neverUsed, normalReference, parse } from "../../../../registrations/door/scanner/ticket-code.mjs";

const cases = (name) => JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url)));
const hex = (bytes) => bytes && Buffer.from(bytes).toString("hex");

for (const { text, secret, why } of cases("ticket_code")) {
  test(`${JSON.stringify(text).slice(0, 40)} is ${why || "read"}`, () => {
    const parsed = parse(text);
    assert.deepEqual({ secret: hex(parsed.secret), why: parsed.why }, { secret, why });
  });
}

for (const { typed, reference, never_used } of cases("reference")) {
  test(`${JSON.stringify(typed)} means ${reference ?? "no reference"}`, () => {
    assert.deepEqual([normalReference(typed), neverUsed(typed)], [reference, never_used]);
  });
}
