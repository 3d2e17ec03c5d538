// The key card of an event's marshals: reads its code, and derives which card it is and the key of the sealed roll call.
// The twin of key_card.py: change tests/vectors/make.py first, then both.

import { hkdf } from "./sealing.mjs";
import { parse } from "./ticket-code.mjs";

const CARD = /^[ \t\r\n]*[Mm]3/;

/** The secret, or null for what is no key card or was misread. Never throws, whatever the text. */
export function parseKeyCard(text) {
  return CARD.test(text) ? parse(text.replace(CARD, "M1")).secret : null;
}

/** The key opens the list. The id says which card it is, and opens nothing. */
export async function deriveKeyCard(secret, salt) {
  const okm = await hkdf(secret, salt, "muster marshal's key card 1", 48);
  return { key: okm.slice(0, 32), id: okm.slice(32) };
}
