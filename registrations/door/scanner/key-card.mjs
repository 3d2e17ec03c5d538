// The key card of an event's marshals: reads its code, and derives which card it is and the key of the sealed roll call.
// The twin of key_card.py: change tests/vectors/make.py first, then both.

import { parse } from "./ticket-code.mjs";

const CARD = /^[ \t\r\n]*[Mm]3/;
const utf8 = new TextEncoder();

/** The secret, or null for what is no key card or was misread. Never throws, whatever the text. */
export function parseKeyCard(text) {
  return CARD.test(text) ? parse(text.replace(CARD, "M1")).secret : null;
}

/** The key opens the list. The id says which card it is, and opens nothing. */
export async function deriveKeyCard(secret, salt) {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: utf8.encode("muster marshal's key card 1") };
  const okm = new Uint8Array(await crypto.subtle.deriveBits(how, material, 384));
  return { key: okm.slice(0, 32), id: okm.slice(32) };
}
