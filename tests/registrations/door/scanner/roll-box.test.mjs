import assert from "node:assert/strict";
import { test } from "node:test";
import { openBox } from "../../../../registrations/door/scanner/roll-box.mjs";
import { toHex } from "../../../../registrations/door/scanner/sealing.mjs";
import { ADA, BO, cardKey, SALT, sealed, START } from "./roll-phone.mjs";

const key = await cardKey();
const box = await sealed([ADA, BO], key);
const of = { salt: SALT, id: box.key };

test("DR-38 an opened list has surname, badge name, time and row of each, in the server's order, and nothing else", async () => {
  assert.deepEqual(await openBox(box.bytes, key.key, of), {
    at: START,
    rows: [
      { surname: "Example", badge: "Ada Example", hour: "09:05", row: "aa".repeat(16) },
      { surname: "Sample", badge: "Bo Sample", hour: "09:07", row: "bb".repeat(16) },
    ],
  });
});

test("its length tells how many there are only in steps of thousands of bytes", async () => {
  const nobody = await sealed([], key);
  assert.equal(nobody.bytes.length, box.bytes.length);
  const many = await sealed(Array.from({ length: 200 }, () => ADA), key);
  assert.equal((many.bytes.length - 28) % 4096, 0);
  assert.equal((await openBox(many.bytes, key.key, of)).rows.length, 200);
});

for (const at of [0, 11, 12, 500, -1]) {
  test(`one wrong bit at ${at} and it does not open`, async () => {
    const bytes = box.bytes.slice();
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    await assert.rejects(openBox(bytes, key.key, of), { name: "OperationError" });
  });
}

test("another card, another event or another key's name opens nothing", async () => {
  const other = await cardKey(new Uint8Array(16).fill(8));
  await assert.rejects(openBox(box.bytes, other.key, of), { name: "OperationError" });
  await assert.rejects(openBox(box.bytes, key.key, { ...of, salt: "AAAAAAAAAAAAAAAAAAAAAA" }), { name: "OperationError" });
  await assert.rejects(openBox(box.bytes, key.key, { ...of, id: toHex(other.id) }), { name: "OperationError" });
});
