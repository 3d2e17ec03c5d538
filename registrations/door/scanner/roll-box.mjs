// The list of a roll call as it is sent and stored: sealed under a key that the phone does not keep.

const NONCE = 12; // bytes

const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * {at, rows}: the server's seconds when it was made, and {surname, badge, hour, row} of everybody who is checked in.
 * Throws if the key is another, or if even one bit was changed. `salt` is the event's as the pass writes it, `id` says
 * which key it is sealed under.
 */
export async function openBox(bytes, key, { salt, id }) {
  const opener = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const additionalData = utf8.encode(`muster roll call 1|${salt}|${id}`);
  const how = { name: "AES-GCM", iv: bytes.subarray(0, NONCE), additionalData };
  const opened = await crypto.subtle.decrypt(how, opener, bytes.subarray(NONCE));
  const { at, rows } = JSON.parse(text.decode(opened));
  return { at, rows: rows.map(([surname, badge, hour, row]) => ({ surname, badge, hour, row })) };
}
