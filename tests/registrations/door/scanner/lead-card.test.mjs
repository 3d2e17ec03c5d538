import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deriveCard, parseCard } from "../../../../registrations/door/scanner/lead-card.mjs";
import { derive } from "../../../../registrations/door/scanner/sealing.mjs";
import { parse } from "../../../../registrations/door/scanner/ticket-code.mjs";

const cases = JSON.parse(readFileSync(new URL("../../../vectors/lead_card.json", import.meta.url)));
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (array) => array && Buffer.from(array).toString("hex");

for (const { text, secret, salt, id, proof } of cases) {
  test(`${JSON.stringify(text)} is ${secret ? "a card, with its id and proof" : "no card"}`, async () => {
    assert.equal(hex(parseCard(text)), secret);
    if (secret === null) return;
    const derived = await deriveCard(bytes(secret), bytes(salt));
    assert.deepEqual([hex(derived.id), hex(derived.proof)], [id, proof]);
    assert.equal(parse(text).secret, null, "no ticket");
  });
}

test("the same secret as a ticket's gives other values: a card opens no row", async () => {
  const { secret, salt } = cases[0];
  const [card, ticket] = [await deriveCard(bytes(secret), bytes(salt)), await derive(bytes(secret), bytes(salt))];
  assert.equal(new Set([card.id, card.proof, ticket.id, ticket.proof].map(hex)).size, 4);
});
