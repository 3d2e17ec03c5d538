import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deriveKeyCard, parseKeyCard } from "../../../../registrations/door/scanner/key-card.mjs";
import { parseCard } from "../../../../registrations/door/scanner/lead-card.mjs";
import { derive } from "../../../../registrations/door/scanner/sealing.mjs";
import { parse } from "../../../../registrations/door/scanner/ticket-code.mjs";

const cases = JSON.parse(readFileSync(new URL("../../../vectors/key_card.json", import.meta.url)));
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (array) => array && Buffer.from(array).toString("hex");

for (const { text, secret, salt, id, key } of cases) {
  test(`${JSON.stringify(text)} is ${secret ? "a key card, with its id and key" : "no key card"}`, async () => {
    assert.equal(hex(parseKeyCard(text)), secret);
    if (secret === null) return;
    const derived = await deriveKeyCard(bytes(secret), bytes(salt));
    assert.deepEqual([hex(derived.id), hex(derived.key)], [id, key]);
    assert.deepEqual([parse(text).secret, parseCard(text)], [null, null], "neither a ticket nor a lead's card");
  });
}

test("the same secret as a ticket's gives another key: a ticket opens no roll call", async () => {
  const { secret, salt } = cases.find((known) => known.secret);
  const [card, ticket] = [await deriveKeyCard(bytes(secret), bytes(salt)), await derive(bytes(secret), bytes(salt))];
  assert.equal(new Set([card.key, card.id, ticket.key, ticket.id, ticket.proof].map(hex)).size, 5);
});
