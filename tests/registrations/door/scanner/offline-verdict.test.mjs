import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { actOf, markOf } from "../../../../registrations/door/scanner/marks.mjs";
import { agrees, judgeOffline, OfflineVerdict, passedOffline } from "../../../../registrations/door/scanner/offline-verdict.mjs";
import { Places } from "../../../../registrations/door/scanner/places.mjs";

const cases = JSON.parse(readFileSync(new URL("../../../vectors/verdict.json", import.meta.url)));
const REFUSES_TO_TELL = ["offline", "not_on_phone", "issued_since", "check_id", "old_list"];

for (const { says, known, record, door, window, at, verdict, offline } of cases) {
  test(`DR-48 offline, ${says}`, () => {
    for (const [age, expected] of Object.entries(offline)) {
      const listAge = age === "gone" ? null : Number(age);
      assert.equal(judgeOffline(record, undefined, { door, hours: window, at, listAge, full: known?.full }), expected, age);
      assert.ok(expected === verdict || REFUSES_TO_TELL.includes(expected) || verdict === "needs_answer");
    }
  });
}

const OPEN = { door: 1, hours: { opens: 100, closes: 200 }, at: 150, listAge: 0 };
const ada = { s: "ok" };
const inside = { s: "ok", i: [120, "Main door"] };
const left = { s: "ok", l: [120, "Main door", 130] };
const uncounted = { s: "ok", u: 1 };
const beside = { s: "ok", i: [120, "Side door"] }; // which is another entrance than this phone's
for (const [says, record, own, but, verdict] of [
  ["whom this phone let in is in", ada, { way: "in" }, {}, "already_in"],
  ["whom this phone let in is in, on no list", null, { way: "in" }, {}, "already_in"],
  ["a ticket withdrawn since is withdrawn first", { s: "revoked" }, { way: "in" }, {}, "revoked"],
  ["DR-48 who came in by another entrance is in", beside, undefined, {}, "already_in"],
  ["DR-31 an exit of who came in by another entrance asks nothing", beside, undefined, { kind: "out" }, "out"],
  ["who came in by another entrance and went out by this phone may come in again", beside, { way: "out" }, {}, "ok"],
  ["who went out by this phone may come in again", inside, { way: "out" }, {}, "ok"],
  ["DR-32 but not at a door that lets in once", inside, { way: "out" }, { policy: "once" }, "already_in"],
  ["who went out by another phone may come in again", left, undefined, {}, "ok"],
  ["DR-32 but not at a door that lets in once, by the list alone", left, undefined, { policy: "once" }, "already_in"],
  ["DR-48 whom this phone let in, and the door has closed since", ada, { way: "in" }, { at: 250 }, "too_late"],
  ["an exit of who went out by another phone", left, undefined, { kind: "out" }, "already_out"],
  ["an exit of who is in", inside, undefined, { kind: "out" }, "out"],
  ["an exit of whom this phone let in", ada, { way: "in" }, { kind: "out" }, "out"],
  ["an exit of who is out", inside, { way: "out" }, { kind: "out" }, "already_out"],
  ["DR-31 an exit of who never came in", ada, undefined, { kind: "out" }, "came_in_elsewhere"],
  ["an exit of who is on no list", null, undefined, { kind: "out" }, "not_on_phone"],
  ["an exit of a ticket issued since", { s: "reserve" }, undefined, { kind: "out" }, "issued_since"],
  ["an exit when the list is gone", inside, undefined, { kind: "out", listAge: null }, "offline"],
  ["an exit of a ticket withdrawn while inside", { ...inside, s: "revoked" }, undefined, { kind: "out" }, "out"],
  ["who is not counted at the entrance is a question", uncounted, undefined, {}, "not_counted"],
  ["in a full room they are no question", uncounted, undefined, { full: true }, "speak_to_lead"],
  ["an older list asks no question, since they may have been counted meanwhile", uncounted, undefined, { listAge: 301 }, "check_id"],
  ["an old list needs the lead all the same", uncounted, undefined, { listAge: 14_401 }, "old_list"],
  ["who was in here by this phone was counted then", uncounted, { way: "out" }, {}, "ok"],
  ["who leaves is not asked about the way in", uncounted, { way: "in" }, { kind: "out" }, "out"],
  ["DR-17 a question by the page, closed by the clock", uncounted, undefined, { jumped: 3600 }, "clock_doubted"],
  ["too early by a clock five minutes out", ada, undefined, { at: 50, clockOff: -301 }, "clock_doubted"],
  ["too late by a clock five minutes out", ada, undefined, { at: 250, clockOff: 301 }, "clock_doubted"],
  ["DR-17 a page that slept for five minutes is believed", ada, undefined, { jumped: 300 }, "ok"],
  ["DR-17 open by a page that slept, closed by the clock", ada, undefined, { jumped: 3600 }, "clock_doubted"],
  ["DR-17 open by the page and by a clock that was moved", ada, undefined, {
    jumped: 3600, hours: { opens: 100, closes: 9000 } }, "ok"],
  ["DR-17 a clock that was moved makes nobody less in", inside, undefined, { jumped: 3600 }, "already_in"],
  ["too early by a clock that is nearly right", ada, undefined, { at: 50, clockOff: 300 }, "too_early"],
  ["a list thought fresh for a minute only", ada, undefined, { listAge: 61, rules: { fresh: 60, old: 90 } }, "check_id"],
]) {
  test(says, () => assert.equal(judgeOffline(record, own, { ...OPEN, ...but }), verdict));
}

/** What a phone with this role says by itself of somebody, whose record is this. */
function says(record, { role = "steward", mine, listAge = 0, kind = "in", opens = 100, closes = 200, cards = false, room = null, letIn } = {}) {
  const door = { id: 1, name: "Main door", opens, closes, policy: "again" };
  const offline = new OfflineVerdict({
    guestList: { record: async () => record, age: () => listAge, facts: () => ({ at: 90 }), hasCards: () => cards },
    acts: { of: async () => mine, letInAt: (proof) => letIn?.[proof] },
    places: { now: (joins) => (joins ? { ...room, cause: "kept" } : room), areFull: (joins) => room !== null && room.inside + (joins ? 2 : 0) >= room.limit },
    pass: { get: () => ({ door, role }), now: () => 150, clockOff: () => 0, jumped: () => 0, hourOf: (seconds) => `at ${seconds}` },
  });
  return offline.judge({}, "proof", kind);
}
const OPEN_DOOR = { id: 1, name: "Main door", opens: 100, closes: 200, policy: "again" };
const known = { s: "ok", n: "Ada Example", b: "Ada", o: "Example", t: "Delegate", y: "E" };
const named = { name: "Ada Example", badge_name: "Ada", organisation: "Example", badge: "Delegate" };
const person = { ...named, tray: "E", photos: false };
const hours = { opens: "at 100", closes: "at 200", list: "at 90" };

test("a phone names whom its list knows, with the hours of the door and of the list", async () => {
  assert.deepEqual(await says(known), { verdict: "ok", ...person, ...hours });
  assert.deepEqual(await says({ ...known, b: undefined }), { verdict: "ok", ...person, badge_name: "Ada Example", ...hours });
});

test("it says in which tray the badge lies, and who is in photographs, of whoever has no badge yet", async () => {
  const handed = async (more, given) => {
    const { tray, photos } = await says({ ...known, ...more }, given);
    return [tray, photos];
  };
  assert.deepEqual(await handed({ p: 1 }), ["E", true]);
  assert.deepEqual(await handed({ y: "" }), ["", false], "of another alphabet");
  assert.deepEqual(await handed({ y: undefined }), [undefined, false], "the lead has it");
  assert.deepEqual(await handed({ l: [120, "Side door", 140], p: 1 }), [undefined, undefined]);
});

test("where leads have cards it says so, with whatever verdict", async () => {
  assert.deepEqual(await says(known, { cards: true }), { verdict: "ok", ...person, ...hours, card: true });
  assert.equal((await says(null, { cards: true })).card, true);
});

test("where the hours of the door were taken away it is too early, and no hour is named", async () => {
  const opens = 253_370_764_800; // as the server sends it
  assert.deepEqual(await says(known, { opens }), { verdict: "too_early", ...person, ...hours, opens: false });
});

test("it says when somebody came in: by its own act, else by the list", async () => {
  const there = { ...known, i: [120, "Side door"] };
  assert.deepEqual(await says(there), { verdict: "already_in", ...named, ...hours, at: "at 120", door: "Side door" });
  const mine = { way: "in", at: 130 };
  assert.deepEqual(await says(there, { mine }), { verdict: "already_in", ...named, ...hours, at: "at 130", door: "Main door" });
  const gone = await says({ ...known, l: [120, "Side door", 140] }, { kind: "out" });
  assert.deepEqual([gone.verdict, gone.at], ["already_out", "at 140"]);
});

test("whom this phone let in within a minute it asks about calmly, also once its list says that they are in", async () => {
  const there = { ...known, i: [140, "Main door"] };
  const twice = async (letIn, more) => (await says(there, { letIn, ...more })).twice;
  assert.deepEqual([await twice({ proof: 143.5 }), await twice({ proof: 90 }), await twice({ proof: 89 })], [6, 60, undefined]);
  assert.deepEqual([await twice({ other: 143 }), await twice({ proof: 143 }, { kind: "out" })], [undefined, undefined]);
  assert.equal((await says(known, { letIn: { proof: 143 } })).twice, undefined, "an entry that the lead of another phone took back");
});

for (const s of ["revoked", "cancelled", "not_approved", "waitlisted"]) {
  test(`DR-06 of ${s} a steward's phone names nobody and says no why, a lead's says the code`, async () => {
    assert.deepEqual(await says({ ...known, s }), { verdict: "ask_lead" });
    assert.deepEqual(await says({ ...known, s }, { role: "door_lead" }), { verdict: "ask_lead", code: s });
  });
}

test("DR-35 whom the lead meets a steward's phone names in no verdict and says no why, a lead's by the name on the badge", async () => {
  const met = { s: "ok", m: 1, n: "Sparrow", o: "Example", t: "Delegate" };
  assert.deepEqual(await says(met), await says({ ...known, s: "revoked" }));
  const sparrow = { name: "Sparrow", badge_name: "Sparrow", organisation: "Example", badge: "Delegate" };
  assert.deepEqual(await says(met, { role: "door_lead" }), { verdict: "lead_meets", ...sparrow, photos: false, ...hours });
  for (const more of [{ opens: 160 }, { kind: "out" }, { mine: { way: "in", at: 130 } }]) {
    const told = await says(met, more);
    assert.deepEqual([told.verdict === "ask_lead", "name" in told], [false, false], told.verdict);
  }
});

test("DR-36 it says who comes with them and is not in, and knows whom it let in beside somebody", async () => {
  const proof = new Uint8Array(16);
  const own = await markOf(proof);
  const judge = (acts) => {
    const offline = new OfflineVerdict({
      guestList: { record: async () => ({ ...known, c: "abcdefghijkl" }), age: () => 0, facts: () => ({ at: 90 }), hasCards: () => false },
      acts: { of: async (key) => acts[key], letInAt: (key) => acts[key]?.at },
      pass: { get: () => ({ door: OPEN_DOOR, role: "steward" }), now: () => 150, clockOff: () => 0, jumped: () => 0, hourOf: String },
      places: { now: () => null, areFull: () => false },
    });
    return offline.judge({ proof }, "proof", "in");
  };
  const came = { way: "in", at: 130 };
  const [none, one, both, theirs] = [
    await judge({}), await judge({ [actOf("abcdef")]: came }),
    await judge({ [actOf("abcdef")]: came, [actOf("ghijkl")]: came }), await judge({ [actOf(own)]: came }),
  ];
  assert.deepEqual([none, one, both].map(({ along, own: mark }) => [along, mark]), [
    [["abcdef", "ghijkl"], own], [["ghijkl"], own], [undefined, own],
  ]);
  assert.deepEqual([none.verdict, theirs.verdict, theirs.twice], ["ok", "already_in", 20]);
});

test("of a ticket that the list does not know it names nobody", async () => {
  assert.deepEqual(await says(null), { verdict: "not_on_phone", ...hours });
});

for (const [says_, row, passed] of [
  ["a come in of the phone's own", { shown: "ok" }, true],
  ["one that waits for a tap", { shown: "check_id" }, false],
  ["one that was tapped in", { shown: "check_id", tap: "id_seen" }, true],
  ["one that was not let in", { shown: "check_id", tap: "no" }, false],
  ["a come in that the steward let nobody in by", { shown: "ok", tap: "no" }, false],
  ["one that a lead found scanned twice", { shown: "already_in", tap: "lead", code: "scanned_twice" }, false],
  ["one that a lead has sent on", { shown: "turned_away", tap: "lead", code: "other_entrance" }, false],
  ["an exit", { kind: "out", shown: "out" }, true],
  ["an undo", { kind: "undo", shown: "undone", tap: "lead" }, false],
  ["one that the server judged", { shown: "ok", offline: false }, false],
]) {
  test(`${says_} ${passed ? "went" : "did not go"} through by this phone`, () => {
    assert.equal(!!passedOffline({ kind: "in", offline: true, tap: "", ...row }), passed);
  });
}

for (const [says_, row, verdict, same] of [
  ["the same verdict", { shown: "ok" }, "ok", true],
  ["another one", { shown: "ok" }, "already_in", false],
  ["ask the lead, whatever the reason is", { shown: "ask_lead" }, "revoked", true],
  ["a come in, and it was tapped in", { shown: "check_id", tap: "lead" }, "ok", true],
  ["out, and it was tapped out", { kind: "out", shown: "not_on_phone", tap: "lead" }, "out", true],
  ["a come in, and nobody was let in", { shown: "check_id", tap: "no" }, "ok", false],
  ["anything else, and nobody was let in", { shown: "check_id", tap: "no" }, "already_in", true],
  ["already in, as a lead has decided", { shown: "already_in", tap: "lead", code: "scanned_twice" }, "already_in", true],
  ["a come in, where a lead has said scanned twice", { shown: "already_in", tap: "lead", code: "scanned_twice" }, "ok", false],
  ["turned away, as a lead has decided", { shown: "turned_away", tap: "lead", code: "refused" }, "turned_away", true],
  ["ask the lead of whom the lead meets", { shown: "ask_lead" }, "lead_meets", true],
  ["an undo that a lead has tapped", { kind: "undo", shown: "undone", tap: "lead" }, "undone", true],
]) {
  test(`the server says ${says_}: that is ${same ? "no" : "a"} change`, () => {
    assert.equal(agrees({ kind: "in", tap: "", ...row }, verdict), same);
  });
}

test("DR-33 a phone alone asks the lead once the room is full, by its list and its own scans, and says how full", async () => {
  const room = { inside: 30, limit: 30, cause: "capacity" };
  assert.deepEqual(await says(known, { room }), { verdict: "speak_to_lead", ...person, ...hours, ...room });
  assert.equal((await says(known, { room: { ...room, inside: 29 } })).verdict, "ok");
  assert.equal((await says(known, { room, listAge: 500 })).verdict, "speak_to_lead");
  assert.equal((await says({ ...known, i: [120, "Room"] }, { room })).verdict, "already_in");
  assert.equal((await says({ ...known, i: [120, "Room"] }, { room, kind: "out" })).verdict, "out");
  assert.equal((await says({ ...known, s: "revoked" }, { room })).verdict, "ask_lead");
  assert.equal((await says(null, { room })).verdict, "not_on_phone");
});

test("a phone alone sends somebody to the room where they are due, and lets in who may join only where a place is free", async () => {
  const elsewhere = { ...known, w: "Workshop B, Room 2" };
  assert.deepEqual(await says(elsewhere), { verdict: "wrong_door", ...person, due: "Workshop B, Room 2", ...hours });
  assert.deepEqual([(await says({ ...known, w: "" })).verdict, (await says({ ...known, w: "" })).due], ["wrong_door", ""]);
  const room = { inside: 27, limit: 30, cause: "capacity" };
  const joins = { ...known, j: 1 };
  assert.deepEqual([(await says(joins, { room })).verdict, (await says(joins)).verdict], ["ok", "ok"]);
  room.inside = 28; // and 2 are kept
  assert.deepEqual([(await says(joins, { room })).verdict, (await says(known, { room })).verdict], ["speak_to_lead", "ok"]);
  assert.equal((await says(joins, { room })).cause, "kept");
});

test("DR-33 DR-36 beside somebody who takes the last place nobody is let in by the phone alone", () => {
  const beside = (inside, people) =>
    new OfflineVerdict({
      guestList: { age: () => 0 },
      pass: { get: () => ({}) },
      places: new Places({
        guestList: { places: () => ({ inside, limit: 30 }) }, acts: { balance: () => 0 },
        pass: { get: () => ({ door: { kind: "room" } }) },
      }),
    }).beside(people).verdict;
  assert.deepEqual([beside(28, 1), beside(29, 1), beside(30, 1)], ["ok", "ok", "speak_to_lead"]);
  assert.deepEqual([beside(28, 2), beside(29, 2)], ["ok", "speak_to_lead"], "of two beside them the second has none");
});
