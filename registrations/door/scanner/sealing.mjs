// What is derived from a ticket's secret, and how a sealed row is opened.
// The twin of sealing.py: change tests/vectors/make.py first, then both.

export const ROW = 176; // id 16, version 4, nonce 12, sealed block 128, tag 16

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** One HKDF for three things: an id that finds the row, a proof that is sent instead of the code, a key for the row. */
export async function derive(secret, salt) {
  const okm = await hkdf(secret, salt, "muster door guest list 1", 64);
  return { id: okm.slice(0, 16), proof: okm.slice(16, 32), key: okm.slice(32) };
}

/** So many bytes that are made of the secret, for this purpose and event alone. */
export async function hkdf(secret, salt, purpose, length) {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: utf8.encode(purpose) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, material, length * 8));
}

/** Throws OperationError if the row belongs to another ticket or event, or if even one bit was changed. */
export async function openRow(row, key, salt) {
  const head = row.subarray(0, 20);
  const additionalData = new Uint8Array([...salt, ...head]);
  const opener = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: row.subarray(20, 32), additionalData };
  const padded = new Uint8Array(await crypto.subtle.decrypt(how, opener, row.subarray(32)));
  return JSON.parse(text.decode(padded.subarray(0, padded.lastIndexOf(0x80))));
}

/** Base 64 for addresses and JSON: with - and _, without padding. */
export function toBase64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromBase64url(written) {
  return Uint8Array.from(atob(written.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

export const toHex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
