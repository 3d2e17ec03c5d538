import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judgeOffline } from "../../registrations/scanner/offline-verdict.mjs";

const cases = JSON.parse(readFileSync(new URL("../vectors/verdict.json", import.meta.url)));
const REFUSES_TO_TELL = ["offline", "not_on_phone", "issued_since", "check_id", "old_list"];

for (const { says, record, door, window, at, verdict, offline } of cases) {
  test(`DR-48 offline, ${says}`, () => {
    for (const [age, expected] of Object.entries(offline)) {
      const listAge = age === "gone" ? null : Number(age);
      assert.equal(judgeOffline(record, undefined, { door, hours: window, at, listAge }), expected, age);
      assert.ok(expected === verdict || REFUSES_TO_TELL.includes(expected) || verdict === "needs_answer");
    }
  });
}

const OPEN = { door: 1, hours: { opens: 100, closes: 200 }, at: 150, listAge: 0 };
const ada = { s: "ok" };
const inside = { s: "ok", i: [120, "Main door"] };
const left = { s: "ok", l: [120, "Main door", 130] };
for (const [says, record, own, but, verdict] of [
  ["whom this phone let in is in", ada, { way: "in" }, {}, "already_in"],
  ["whom this phone let in is in, on no list", null, { way: "in" }, {}, "already_in"],
  ["a ticket withdrawn since is withdrawn first", { s: "revoked" }, { way: "in" }, {}, "revoked"],
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
