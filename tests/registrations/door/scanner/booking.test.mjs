import assert from "node:assert/strict";
import { test } from "node:test";
import { Booking } from "../../../../registrations/door/scanner/booking.mjs";

/** What a phone has booked, whose clock stands at a hundred seconds of the page and five thousand of the server. */
function phone() {
  const heard = { passed: [], undone: [], freed: 0, canUndo: [] };
  const clock = { wall: () => 100_000, mono: () => 100_000, run: 1 };
  const booking = new Booking({
    acts: { passed: ({ id }, way, at) => heard.passed.push([id, way, at]), undo: (id) => heard.undone.push(id) },
    pass: { now: () => 5000 },
    screen: { canUndo: (can) => heard.canUndo.push(can) },
    sightings: { free: () => heard.freed++ },
    clock,
  });
  return { booking, heard };
}
const row = (id, ago = 0, more = {}) => ({ id, proof: id, wall: 0, mono: 100_000 - ago * 1000, run: 1, ...more });

test("who goes in or out is kept as this phone's act, at the server's time of the scan, and can be undone", () => {
  const { booking, heard } = phone();
  booking.book(row("ada", 3), "ok");
  booking.book(row("bo", 1), "out");
  assert.deepEqual(heard.passed, [["ada", "in", 4997], ["bo", "out", 4999]]);
  assert.deepEqual(booking.lastAct(), { id: "bo", proof: "bo", at: 99_000, way: "out" });
  assert.deepEqual(heard.canUndo, [true, true]);
});

test("what lets nobody through books nothing", () => {
  const { booking, heard } = phone();
  for (const verdict of ["already_in", "check_id", "unknown", "undo_needs_lead"]) booking.book(row("ada"), verdict);
  assert.deepEqual([booking.lastAct(), heard.passed, heard.canUndo.includes(true)], [null, [], false]);
});

test("an older scan that is answered late is not the last act", () => {
  const { booking } = phone();
  booking.book(row("new", 1), "ok");
  booking.book(row("old", 9), "ok");
  assert.equal(booking.lastAct().id, "new");
});

test("an undo takes back the act and frees its code once, however often it is answered", () => {
  const { booking, heard } = phone();
  booking.book(row("ada"), "ok");
  for (let n = 0; n < 2; n++) booking.book(row("undo", 0, { undoes: "ada" }), "undone");
  assert.deepEqual([booking.lastAct(), heard.undone, heard.freed, heard.canUndo.at(-1)], [null, ["ada"], 1, false]);
});

test("an undo of another scan leaves the last act", () => {
  const { booking, heard } = phone();
  booking.book(row("ada"), "ok");
  booking.book(row("undo", 0, { undoes: "bo" }), "undone");
  assert.deepEqual([booking.lastAct().id, heard.undone], ["ada", ["bo"]]);
});

test("DR-30 a steward may take an act back for sixty seconds", () => {
  const { booking } = phone();
  assert.deepEqual([booking.isLate({ at: 40_000 }), booking.isLate({ at: 39_999 })], [false, true]);
});

test("of another pass there is nothing to undo", () => {
  const { booking } = phone();
  booking.book(row("ada"), "ok");
  booking.start();
  assert.equal(booking.lastAct(), null);
});
