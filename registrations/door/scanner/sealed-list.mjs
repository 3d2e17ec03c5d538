// The guest list as it is sent and stored: one blob of sealed rows of equal length. Without tickets it is only a count.

import { openRow, ROW } from "./sealing.mjs";

const MAGIC = [0x4d, 0x53, 0x52, 0x32]; // MSR2
const HEAD = 56; // magic 4, base 4, version 4, made at 8, rows 4, cards 4, inside 4, limit 4, kept 4, salt 16
const SALT = 40; // where the salt begins
const ID = 16;

/**
 * {base, version, madeAt (milliseconds by the server's clock), inside, limit, kept, salt, rows, count, cards}, or null if it
 * is no list.
 */
export function readList(bytes) {
  if (bytes.length < HEAD || MAGIC.some((byte, n) => bytes[n] !== byte)) return null;
  const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD);
  const count = head.getUint32(20);
  const end = HEAD + count * ROW;
  if (bytes.length !== end + head.getUint32(24) * ID) return null;
  return {
    base: head.getUint32(4),
    version: head.getUint32(8),
    madeAt: head.getFloat64(12),
    inside: head.getUint32(28), // people in the phone's room, or at an entrance in the venue, of so many:
    kept: head.getUint32(36), // of the free places, for those whose room it is
    limit: head.getUint32(32), // 0: any number, and then nobody is counted
    salt: bytes.slice(SALT, HEAD),
    rows: bytes.subarray(HEAD, end),
    count,
    cards: bytes.subarray(end), // ids of the leads' cards that count, all of them in each list and in all news
  };
}

/** The reverse of `readList`: the list as bytes. */
export function writeList({ base, version, madeAt, inside = 0, limit = 0, kept = 0, salt, rows, cards = new Uint8Array() }) {
  const bytes = new Uint8Array(HEAD + rows.length + cards.length);
  const head = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  head.setUint32(4, base);
  head.setUint32(8, version);
  head.setFloat64(12, madeAt);
  head.setUint32(20, rows.length / ROW);
  head.setUint32(24, cards.length / ID);
  head.setUint32(28, inside);
  head.setUint32(32, limit);
  head.setUint32(36, kept);
  bytes.set(salt, SALT);
  bytes.set(rows, HEAD);
  bytes.set(cards, HEAD + rows.length);
  return bytes;
}

/** Whether a lead's card with this id counts. */
export function hasCard({ cards }, id) {
  for (let at = 0; at < cards.length; at += ID) if (compare(cards, at, id, 0) === 0) return true;
  return false;
}

/** The list with its news added. Null if the news belong to another list: then the whole list is requested. */
export function withNews(list, news) {
  if (news.base === 0) return news;
  if (!list || news.base !== list.version || news.version < list.version || !same(news.salt, list.salt)) return null;
  const rows = merged(list.rows, news.rows);
  return { ...news, base: 0, rows, count: rows.length / ROW };
}

/** Both are sorted by id. If both have a row, the newer one stays. */
function merged(old, fresh) {
  const made = new Uint8Array(old.length + fresh.length);
  let a = 0, b = 0, end = 0;
  while (a < old.length || b < fresh.length) {
    const order = a >= old.length ? 1 : b >= fresh.length ? -1 : compare(old, a, fresh, b);
    const row = order < 0 ? old.subarray(a, a + ROW) : fresh.subarray(b, b + ROW);
    if (order <= 0) a += ROW;
    if (order >= 0) b += ROW;
    made.set(row, end);
    end += ROW;
  }
  return made.slice(0, end);
}

/** The row with this id, or null. The rows are sorted, so no index is needed. */
export function findRow({ rows, count }, id) {
  let low = 0, high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compare(rows, middle * ROW, id, 0);
    if (order === 0) return rows.subarray(middle * ROW, (middle + 1) * ROW);
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return null;
}

/** What the list says about the ticket with this id and key; null if no row opens with it. */
export async function openRecord(list, { id, key }) {
  const row = findRow(list, id);
  return row && openRow(row, key, list.salt).catch(() => null);
}

function compare(bytes, at, other, there) {
  for (let n = 0; n < ID; n++) if (bytes[at + n] !== other[there + n]) return bytes[at + n] - other[there + n];
  return 0;
}

const same = (bytes, other) => bytes.every((byte, n) => byte === other[n]);
