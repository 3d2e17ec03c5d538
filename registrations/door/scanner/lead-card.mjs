// The card of a door lead: reads its code, and derives what the list knows it by and what is sent in its place.
// The twin of lead_card.py: change tests/vectors/make.py first, then both.

import { hkdf } from "./sealing.mjs";
import { parse } from "./ticket-code.mjs";

const CARD = /^[ \t\r\n]*[Mm]2/;

/** The secret, or null for what is no card or was misread. Never throws, whatever the text. */
export function parseCard(text) {
  return CARD.test(text) ? parse(text.replace(CARD, "M1")).secret : null;
}

/** An id that finds it in the list, and a proof that is sent instead of the card. */
export async function deriveCard(secret, salt) {
  const okm = await hkdf(secret, salt, "muster door lead's card 1", 32);
  return { id: okm.slice(0, 16), proof: okm.slice(16) };
}
