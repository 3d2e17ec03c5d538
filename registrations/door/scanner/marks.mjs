// The marks of people who come together: each stands for one of them, in the rows and answers of the others.
// The twin of together.py: change tests/vectors/make.py first, then both.

import { toBase64url, toHex } from "./sealing.mjs";

const MARK = 6; // letters

const utf8 = new TextEncoder();
const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** The mark of whoever has the ticket with this proof. Nobody finds the proof by the mark. */
export async function markOf(proof) {
  const hash = toHex(await digest(proof));
  return toBase64url(await digest(utf8.encode(`comes together ${hash}`))).slice(0, MARK);
}

/** The marks in a sealed row. */
export const marksIn = (text = "") => text.match(/.{6}/g) ?? [];

/** Under which this phone keeps what it did with somebody whose ticket it has not seen. */
export const actOf = (mark) => `beside ${mark}`;
