import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalActs } from "../../../../registrations/door/scanner/local-acts.mjs";
import { isFull, Places, placesWords } from "../../../../registrations/door/scanner/places.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";

/** A phone at a room for 30, where its list says that so many are in. */
async function phone(inside, { limit = 30, kind = "room" } = {}) {
  let now = 0;
  const clock = { mono: () => now };
  const store = new Memory();
  const acts = new LocalActs({ store, clock });
  await acts.open(new Set());
  const list = limit ? { inside, limit } : null;
  const places = new Places({ guestList: { places: () => list }, acts, pass: { get: () => ({ door: { kind } }) } });
  return { acts, places, inside: () => places.now().inside, later: () => (now += 1000) };
}

test("DR-33 its own scans since the list count, and each ticket once", async () => {
  const { acts, inside } = await phone(26);
  await acts.passed({ proof: "a", id: "1" }, "in", 0);
  await acts.passed({ proof: "b", id: "2" }, "in", 0);
  await acts.passed({ proof: "b", id: "2" }, "in", 0); // the server has confirmed what the phone said
  assert.equal(inside(), 28);
  await acts.passed({ proof: "b", id: "3" }, "in", 0); // a lead let them in again
  assert.equal(inside(), 28);
  await acts.passed({ proof: "a", id: "4" }, "out", 0);
  await acts.passed({ proof: "c", id: "5" }, "out", 0); // who was in by the list
  assert.equal(inside(), 26);
  await acts.undo("4");
  assert.equal(inside(), 27);
});

test("DR-33 what a newer list knows is not counted twice", async () => {
  const { acts, inside, later } = await phone(26);
  await acts.passed({ proof: "a", id: "1" }, "in", 0);
  await acts.passed({ proof: "b", id: "2" }, "in", 0);
  acts.answered("1");
  later();
  await acts.known({ mono: 500 });
  assert.equal(inside(), 27);
});

test("where there is no limit nobody is counted, and nothing is full", async () => {
  const { places } = await phone(26, { limit: 0 });
  assert.deepEqual([places.now(), isFull(places.now()), placesWords(places.now(), false)], [null, false, ""]);
});

test("at an entrance it is the venue that is full", async () => {
  assert.equal((await phone(30)).places.now().cause, "capacity");
  assert.equal((await phone(30, { kind: "entrance" })).places.now().cause, "venue");
});

test("for who may only join, a room with free places is not full: those are kept for others", async () => {
  const causes = async (inside, joins) => (await phone(inside)).places.now(joins).cause;
  assert.deepEqual([await causes(28, true), await causes(28, false), await causes(30, true)], ["kept", "capacity", "capacity"]);
});

for (const [inside, limit, online, offline] of [
  [26, 30, "", ""],
  [27, 30, "3 left", "About 3 left"],
  [29, 30, "1 left", "About 1 left"],
  [30, 30, "Full: 30 of 30", "Full: about 30 of 30"],
  [33, 30, "Full: 33 of 30", "Full: about 33 of 30"],
  [0, 1, "", ""],
]) {
  test(`DR-33 with ${inside} of ${limit} in, the phone says "${online}", and "${offline}" without a network`, () => {
    const places = { inside, limit };
    assert.deepEqual([placesWords(places, false), placesWords(places, true), isFull(places)], [online, offline, inside >= limit]);
  });
}
