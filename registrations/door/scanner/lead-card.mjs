// The card of a door lead: reads its code, and derives what the list knows it by and what is sent in its place.
// The twin of lead_card.py: change tests/vectors/make.py first, then both.

import { parse } from "./ticket-code.mjs";

const CARD = /^[ \t\r\n]*[Mm]2/;
const utf8 = new TextEncoder();

/** The secret, or null for what is no card or was misread. Never throws, whatever the text. */
export function parseCard(text) {
  return CARD.test(text) ? parse(text.replace(CARD, "M1")).secret : null;
}

/** An id that finds it in the list, and a proof that is sent instead of the card. */
export async function deriveCard(secret, salt) {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: utf8.encode("muster door lead's card 1") };
  const okm = new Uint8Array(await crypto.subtle.deriveBits(how, material, 256));
  return { id: okm.slice(0, 16), proof: okm.slice(16) };
}
