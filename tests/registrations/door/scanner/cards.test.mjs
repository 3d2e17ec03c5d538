import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deriveKeyCard, parseKeyCard } from "../../../../registrations/door/scanner/key-card.mjs";
import { deriveCard, parseCard } from "../../../../registrations/door/scanner/lead-card.mjs";
import { derive } from "../../../../registrations/door/scanner/sealing.mjs";
import { parse } from "../../../../registrations/door/scanner/ticket-code.mjs";

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (array) => array && Buffer.from(array).toString("hex");
const ticket = (text) => parse(text).secret;
const cards = {
  lead_card: { parsed: parseCard, derived: deriveCard, made: ["id", "proof"], others: [ticket, parseKeyCard] },
  key_card: { parsed: parseKeyCard, derived: deriveKeyCard, made: ["id", "key"], others: [ticket, parseCard] },
};

for (const [name, { parsed, derived, made, others }] of Object.entries(cards)) {
  const cases = JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url)));
  for (const known of cases)
    test(`${JSON.stringify(known.text)} is ${known.secret ? "a" : "no"} ${name}`, async () => {
      assert.equal(hex(parsed(known.text)), known.secret);
      if (known.secret === null) return;
      const values = await derived(bytes(known.secret), bytes(known.salt));
      assert.deepEqual(made.map((what) => hex(values[what])), made.map((what) => known[what]));
      assert.deepEqual(others.map((parse) => parse(known.text)), [null, null], "neither a ticket nor the other card");
    });

  test(`the same secret as a ticket's gives other values: a ${name} opens no row`, async () => {
    const { secret, salt } = cases.find((known) => known.secret);
    const [card, row] = [await derived(bytes(secret), bytes(salt)), await derive(bytes(secret), bytes(salt))];
    const all = [...made.map((what) => card[what]), row.id, row.key, row.proof];
    assert.equal(new Set(all.map(hex)).size, 5);
  });
}
