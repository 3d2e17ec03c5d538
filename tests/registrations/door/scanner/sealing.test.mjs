import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { derive, fromBase64url, openRow, ROW, toBase64url } from "../../../../registrations/door/scanner/sealing.mjs";

const cases = JSON.parse(readFileSync(new URL("../../../vectors/sealing.json", import.meta.url)));
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (array) => Buffer.from(array).toString("hex");

for (const { secret, salt, id, proof, key, row, record } of cases) {
  test(`row ${id.slice(0, 8)} opens under its own secret`, async () => {
    const derived = await derive(bytes(secret), bytes(salt));
    assert.deepEqual([hex(derived.id), hex(derived.proof), hex(derived.key)], [id, proof, key]);
    assert.deepEqual([row.slice(0, 32), row.length / 2], [id, ROW]);
    assert.deepEqual(await openRow(bytes(row), derived.key, bytes(salt)), record);
  });
}

for (const at of [0, 17, 19, 21, 40, 175]) {
  test(`a row with byte ${at} changed does not open`, async () => {
    const row = bytes(cases[0].row);
    row[at] ^= 1;
    await assert.rejects(openRow(row, bytes(cases[0].key), bytes(cases[0].salt)), { name: "OperationError" });
  });
}

test("bytes go to base 64 for addresses and back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, n) => n);
  assert.equal(toBase64url(new Uint8Array([251, 255, 254])), "-__-");
  assert.equal(toBase64url(new Uint8Array(16)), "AAAAAAAAAAAAAAAAAAAAAA");
  assert.deepEqual(fromBase64url(toBase64url(all)), all);
});
