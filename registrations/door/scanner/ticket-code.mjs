// Reads ticket codes, references and pairing codes.
// The twin of ticket_code.py: change tests/vectors/make.py first, then both.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base 32
const REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
const REFERENCE_LENGTH = 6;
const PAIRING_LENGTH = 10;

const OURS = /^[ \t\r\n]*[Mm]1([0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26})([0-9A-HJKMNP-TV-Za-hjkmnp-tv-z])[ \t\r\n]*$/;

/** {secret, why: ""}, or {secret: null, why: "not_ours" | "misread"}. Never throws, whatever the text. */
export function parse(text) {
  const match = OURS.exec(text);
  if (!match) return { secret: null, why: "not_ours" };
  const body = match[1].toUpperCase();
  let number = 0n;
  for (const character of body) number = (number << 5n) | BigInt(ALPHABET.indexOf(character));
  if (check(body) !== match[2].toUpperCase() || number & 3n) return { secret: null, why: "misread" };
  return { secret: bytesOf(number >> 2n), why: "" };
}

/** The normal form of what a person typed, or null if it cannot be a reference. */
export function normalReference(typed) {
  const letters = lettersOf(typed);
  if (letters.length !== REFERENCE_LENGTH || neverUsed(typed)) return null;
  return `${letters.slice(0, 3).join("")}-${letters.slice(3).join("")}`;
}

/** The first typed character that no reference contains, or "". For the sentence "That letter is never used". */
export function neverUsed(typed) {
  return lettersOf(typed).find((character) => !REFERENCE_ALPHABET.includes(character)) ?? "";
}

/** The 10 characters of a pairing code as typed, or null for anything else. They come from the same alphabet. */
export function normalPairing(typed) {
  const letters = lettersOf(typed);
  return letters.length === PAIRING_LENGTH && !neverUsed(typed) ? letters.join("") : null;
}

// Only a to z become capitals, as in Python: toUpperCase would turn some single letters into two.
function lettersOf(typed) {
  return [...typed.replace(/[ \t\r\n-]/g, "").replace(/[a-z]/g, (letter) => letter.toUpperCase())];
}

// Luhn modulo 32: detects every single wrong character, and nearly every swap of two neighbours.
function check(body) {
  let total = 0;
  let factor = 2;
  for (const character of [...body].reverse()) {
    const addend = factor * ALPHABET.indexOf(character);
    total += (addend >> 5) + (addend & 31);
    factor = 3 - factor;
  }
  return ALPHABET[(32 - (total % 32)) % 32];
}

function bytesOf(number) {
  const bytes = new Uint8Array(16);
  for (let i = 15; i >= 0; i--, number >>= 8n) bytes[i] = Number(number & 255n);
  return bytes;
}
