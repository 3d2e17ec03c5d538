import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findRow, hasCard, openRecord, readList, withNews, writeList } from "../../../../registrations/door/scanner/sealed-list.mjs";
import { ROW } from "../../../../registrations/door/scanner/sealing.mjs";

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const cases = JSON.parse(readFileSync(new URL("../../../vectors/sealing.json", import.meta.url)));
const salt = bytes(cases[0].salt);
const joined = (rows) => new Uint8Array(Buffer.concat(rows.toSorted(Buffer.compare)));
const listOf = (some, fields = {}) => {
  const rows = joined(some.map(({ row }) => bytes(row)));
  return { base: 0, version: 20, madeAt: 1555315200000, inside: 27, limit: 30, kept: 2, salt, rows, count: some.length, cards: new Uint8Array(), ...fields };
};
const rewritten = ({ row }, last) => ({ row: row.slice(0, -2) + last }); // the same id, other contents

test("a list is read back as it was written", () => {
  const list = listOf(cases);
  const read = readList(writeList(list));
  assert.deepEqual({ ...read, rows: [...read.rows] }, { ...list, rows: [...list.rows] });
});

test("leads' cards stand behind the rows, are read back, and are those of the newest list alone", () => {
  const [one, two, three] = [1, 2, 3].map((n) => new Uint8Array(16).fill(n));
  const list = readList(writeList(listOf(cases, { cards: new Uint8Array([...one, ...two]) })));
  assert.deepEqual([list.count, list.rows.length], [cases.length, cases.length * ROW]);
  assert.deepEqual([one, two, three].map((id) => hasCard(list, id)), [true, true, false]);
  const news = readList(writeList(listOf([], { base: 20, version: 21, cards: three })));
  const after = withNews(list, news);
  assert.deepEqual([one, two, three].map((id) => hasCard(after, id)), [false, false, true]);
  assert.equal(after.count, cases.length);
  assert.equal(readList(writeList(listOf(cases, { cards: one })).slice(0, -1)), null);
});

test("what is no list is none: a captive portal's page, a list cut short, another format", () => {
  const good = writeList(listOf(cases.slice(0, 2)));
  const other = good.slice();
  other[3] = 0x31;
  const removing = good.slice();
  removing[27] = 1;
  const odd = [new TextEncoder().encode("<html>Welcome to our Wi-Fi</html>"), good.slice(0, -1), other, removing];
  assert.deepEqual([...odd, new Uint8Array(0)].map(readList), [null, null, null, null, null]);
});

for (const { id, key, record } of cases) {
  test(`the row ${id.slice(0, 8)} is found among twenty and opened`, async () => {
    assert.deepEqual(await openRecord(listOf(cases), { id: bytes(id), key: bytes(key) }), record);
  });
}

test("a ticket that has no row finds none, at either end or between", () => {
  const list = listOf(cases.slice(1));
  const edges = ["00".repeat(16), "ff".repeat(16), cases[0].id];
  assert.deepEqual(edges.map((id) => findRow(list, bytes(id))), [null, null, null]);
  assert.equal(findRow(listOf([]), bytes(cases[0].id)), null);
});

test("a row that another key should open says nothing", async () => {
  const other = { id: bytes(cases[0].id), key: bytes(cases[1].key) };
  assert.equal(await openRecord(listOf(cases), other), null);
});

test("news replace the rows they are about, bring new ones, and keep the order", () => {
  const [a, b, c, d] = cases;
  const list = listOf([a, b, c]);
  const made = withNews(list, listOf([rewritten(b, "00"), d], { base: 20, version: 22 }));
  const expected = listOf([a, rewritten(b, "00"), c, d], { version: 22 });
  assert.deepEqual({ ...made, rows: [...made.rows] }, { ...expected, rows: [...expected.rows] });
});

test("news about another list are none: a version missed, an older one, another salt, no list at all", () => {
  const list = listOf(cases);
  const news = (fields) => listOf(cases.slice(0, 1), { base: 20, version: 21, ...fields });
  assert.equal(withNews(list, news({ base: 19 })), null);
  assert.equal(withNews(list, news({ version: 19 })), null);
  assert.equal(withNews(list, news({ salt: new Uint8Array(16) })), null);
  assert.equal(withNews(null, news({})), null);
});

test("a whole list takes the place of whatever there was", () => {
  const whole = listOf(cases.slice(3), { version: 5 });
  assert.equal(withNews(null, whole), whole);
  assert.equal(withNews(listOf(cases), whole), whole);
});

test("twenty thousand rows are read, and one found, within the time of a scan", () => {
  const count = 20_000;
  const rows = new Uint8Array(count * ROW);
  for (let n = 0; n < count; n++) new DataView(rows.buffer).setUint32(n * ROW, n * 2);
  const whole = writeList({ ...listOf([]), rows });
  const began = performance.now();
  const list = readList(whole);
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, 2 * 12_345);
  assert.equal(findRow(list, id).byteOffset, 56 + 12_345 * ROW);
  id[3]++;
  assert.equal(findRow(list, id), null);
  assert.ok(performance.now() - began < 100);
});
