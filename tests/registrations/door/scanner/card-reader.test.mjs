import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CardReader } from "../../../../registrations/door/scanner/card-reader.mjs";
import { toBase64url } from "../../../../registrations/door/scanner/sealing.mjs";

const [card, other] = JSON.parse(readFileSync(new URL("../../../vectors/lead_card.json", import.meta.url)));
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const PROOF = toBase64url(bytes(card.proof));

/** A phone whose list has the first card of the vectors. */
function phone({ leadAsks = false, verdictAsks = false, hasPass = true } = {}) {
  const said = [];
  const reader = new CardReader({
    guestList: { isCard: (id) => Buffer.from(id).toString("hex") === card.id },
    pass: { get: () => hasPass && { event: { salt: toBase64url(bytes(card.salt)) } } },
    scanning: { wantsCard: () => verdictAsks, byCard: (proof) => said.push(`lets in by ${proof}`) },
    lead: { wantsCard: () => leadAsks, byCard: (proof) => said.push(`offers reasons by ${proof}`) },
    screen: { news: (words) => words && said.push(words) },
  });
  return { reader, said };
}

for (const [says, given, text, heard] of [
  ["lets in whom the screen asks about", { verdictAsks: true }, card.text, `lets in by ${PROOF}`],
  ["offers the reasons where a lead was asked for one", { leadAsks: true, verdictAsks: true }, card.text, `offers reasons by ${PROOF}`],
  ["decides nothing where nothing is asked", {}, card.text, "Lead's card: hold it up when the phone asks for it."],
  ["is refused where the list has it not, as after its lead was revoked", { verdictAsks: true, leadAsks: true }, other.text,
    "This card is not on the guest list. Call an organiser."],
]) {
  test(`a card ${says}`, async () => {
    const { reader, said } = phone(given);
    await reader.take(text);
    assert.deepEqual(said, [heard]);
  });
}

test("what is no card, and a phone without a pass, decide nothing", async () => {
  const asking = phone({ verdictAsks: true, leadAsks: true });
  await asking.reader.take("M1" + card.text.slice(2));
  const lost = phone({ verdictAsks: true, hasPass: false });
  await lost.reader.take(card.text);
  assert.deepEqual([asking.said, lost.said], [[], []]);
});
