import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { markOf, marksIn } from "../../../../registrations/door/scanner/marks.mjs";

const cases = JSON.parse(readFileSync(new URL("../../../vectors/together.json", import.meta.url)));

for (const { proof, mark } of cases) {
  test(`DR-36 ${proof} is known to others by ${mark}, as the server has it`, async () => {
    assert.equal(await markOf(new Uint8Array(Buffer.from(proof, "hex"))), mark);
  });
}

test("a row has its marks one behind the other", () => {
  assert.deepEqual([marksIn("abcdef-_1234"), marksIn(undefined), marksIn("")], [["abcdef", "-_1234"], [], []]);
});
