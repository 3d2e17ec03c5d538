import assert from "node:assert/strict";
import { test } from "node:test";
import { BATCH, drawn } from "../../../../registrations/door/scanner/roll-ticks.mjs";
import { phone, START } from "./roll-phone.mjs";

const ROW = "aa".repeat(16);
const other = (row, mark, at, more = {}) => ({ row, mark, at, device: "Marshal 2", mine: false, others: [], ...more });
const short = (tick) => tick && [tick.mark, tick.device, tick.isWaiting, tick.disputes.map(({ mark, device }) => `${mark} ${device}`)];

async function ticking() {
  const sid = await phone();
  await sid.ticks.turnTo("R");
  return sid;
}

test("what is drawn is 22 characters, and nobody draws it twice", () => {
  const ids = new Set(Array.from({ length: 1000 }, () => drawn()));
  assert.equal(ids.size, 1000);
  assert.ok([...ids].every((id) => /^[\w-]{22}$/.test(id)));
});

test("a tick is kept until the server has it, with its age and without any name", async () => {
  const { ticks, passes, tickStore } = await ticking();
  const { id } = await ticks.mark(ROW, "safe", true);
  passes(7);
  assert.deepEqual(ticks.batch("R"), [{ id, row: ROW, mark: "safe", age: 7, by_ticket: true }]);
  assert.deepEqual([await ticks.count(), short(ticks.of(ROW))], [1, ["safe", "", true, []]]);
  assert.deepEqual(Object.keys(tickStore.rows.get(id)).toSorted(), ["at", "by_ticket", "id", "isKept", "mark", "mono", "roll", "row", "run", "wall"]);
  await ticks.answered("R", { kept: [id], cursor: 4 });
  assert.deepEqual([await ticks.count(), short(ticks.of(ROW)), ticks.cursor("R")], [0, ["safe", "", false, []], 4]);
});

test("a tick outlives a restart, sent or not, and is sent once more only if it was not", async () => {
  const sid = await ticking();
  const { id } = await sid.ticks.mark(ROW, "safe");
  await sid.ticks.mark("bb", "left");
  await sid.ticks.answered("R", { kept: [id] });
  const again = await sid.restarts();
  await again.ticks.turnTo("R");
  assert.deepEqual([short(again.ticks.of(ROW)), again.ticks.batch("R").map(({ row }) => row)], [["safe", "", false, []], ["bb"]]);
});

test("the latest of this phone's ticks counts, and its own earlier ones are no dispute", async () => {
  const { ticks, passes } = await ticking();
  await ticks.mark(ROW, "not_seen");
  passes(1);
  await ticks.mark(ROW, "safe");
  assert.deepEqual(short(ticks.of(ROW)), ["safe", "", true, []]);
  assert.equal(ticks.batch("R").length, 2, "each is sent");
});

test("DR-39 the latest counts, whoever ticked, as the server says; and the other is shown where it differs", async () => {
  const { ticks } = await ticking();
  const mine = (mark) => ({ mark, at: START, device: "Marshal 1", mine: true });
  const { id } = await ticks.mark(ROW, "safe");
  await ticks.answered("R", { ticks: [other(ROW, "not_seen", START - 1)] });
  assert.deepEqual(short(ticks.of(ROW)), ["safe", "", true, ["not_seen Marshal 2"]], "what was just pressed is shown");
  await ticks.answered("R", { kept: [id], ticks: [other(ROW, "not_seen", START, { others: [mine("safe")] })] });
  assert.deepEqual(short(ticks.of(ROW)), ["not_seen", "Marshal 2", false, ["safe "]], "in the same second, too");
  const later = await ticks.mark(ROW, "left");
  assert.deepEqual(short(ticks.of(ROW)), ["left", "", true, ["not_seen Marshal 2"]]);
  await ticks.answered("R", { kept: [later.id], ticks: [other(ROW, "left", START + 130)] });
  assert.deepEqual(short(ticks.of(ROW)), ["left", "Marshal 2", false, []], "they agree now");
});

test("what the server says of this phone's own tick is not another's", async () => {
  const { ticks } = await ticking();
  await ticks.answered("R", { ticks: [other(ROW, "safe", 5, { mine: true, device: "Marshal 1", others: [other(ROW, "left", 4)] })] });
  assert.deepEqual(short(ticks.of(ROW)), ["safe", "", false, ["left Marshal 2"]]);
  assert.equal(ticks.of("nobody"), null);
  await ticks.mark("2", "left");
  await ticks.answered("R", { ticks: [other("2", "safe", 5, { mine: true, device: "Marshal 1" })] });
  assert.deepEqual(short(ticks.of("2")), ["left", "", true, []], "an earlier one of its own is no dispute");
});

test("a refused tick is gone: it is an answer", async () => {
  const { ticks, tickStore } = await ticking();
  const { id } = await ticks.mark("unknown", "safe");
  await ticks.answered("R", { refused: [id] });
  assert.deepEqual([await ticks.count(), tickStore.rows.size, ticks.of("unknown")], [0, 0, null]);
});

test("a batch is as many as the server takes, the oldest first", async () => {
  const { ticks } = await ticking();
  for (let n = 0; n < BATCH + 1; n++) await ticks.mark(`row ${n}`, "safe");
  const batch = ticks.batch("R");
  assert.deepEqual([batch.length, batch[0].row, BATCH], [200, "row 0", 200]);
  await ticks.answered("R", { kept: batch.map(({ id }) => id) });
  assert.deepEqual(ticks.batch("R").map(({ row }) => row), ["row 200"]);
});

test("ticks of a roll call that was begun here go to the one that it was joined to", async () => {
  const { ticks } = await ticking();
  await ticks.mark(ROW, "safe");
  await ticks.join("R", "S");
  assert.deepEqual([ticks.rolls(), ticks.batch("S").length, ticks.batch("R").length, short(ticks.of(ROW))[0]], [["S"], 1, 0, "safe"]);
});

test("at the end only what is still to be sent stays, and it is sent under its own roll call", async () => {
  const { ticks, tickStore } = await ticking();
  const { id } = await ticks.mark("1", "safe");
  await ticks.mark("2", "safe");
  await ticks.answered("R", { kept: [id], cursor: 3, ticks: [other("3", "safe", 1)] });
  assert.equal(ticks.people(), 3);
  await ticks.end();
  assert.deepEqual([tickStore.rows.size, ticks.rolls(), ticks.of("1"), ticks.of("3"), ticks.people()], [1, ["R"], null, null, 0]);
  await ticks.turnTo("S");
  await ticks.mark("4", "left");
  assert.deepEqual([ticks.rolls(), ticks.cursor("S"), ticks.cursor("R")], [["S", "R"], 0, 0]);
});

test("an answer about an earlier roll call says nothing of this one", async () => {
  const { ticks } = await ticking();
  await ticks.answered("old", { cursor: 9, ticks: [other(ROW, "safe", 1)] });
  assert.deepEqual([ticks.of(ROW), ticks.cursor("R")], [null, 0]);
});
