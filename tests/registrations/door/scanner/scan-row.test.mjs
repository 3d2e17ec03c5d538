import assert from "node:assert/strict";
import { test } from "node:test";
import { age, connectionNow, message, newScan, usable, wait } from "../../../../registrations/door/scanner/scan-row.mjs";

const clock = (wall, mono, run = "run 1") => ({ wall: () => wall, mono: () => mono, run });
const ascending = (bytes) => bytes.map((_, n) => n);
const id = "000102030405060708090a0b0c0d0e0f";

test("a scan is written down with its proof and its clocks, and nothing of the code", () => {
  assert.deepEqual(newScan({ proof: "cHJvb2Y" }, clock(5000, 70), ascending), {
    id, kind: "in", proof: "cHJvb2Y", undoes: null, length: null, offline: false, shown: "", tap: "", code: "",
    pass_mark: "", wall: 5000, mono: 70, run: "run 1",
  });
});

test("two scans never have the same id", () => {
  const ids = new Set(Array.from({ length: 500 }, () => newScan({}, clock(0, 0)).id));
  assert.equal(ids.size, 500);
  assert.ok([...ids].every((id) => /^[0-9a-f]{32}$/.test(id)));
});

for (const [says, later, seconds] of [
  ["in the same run of the page is what passed", clock(5000, 2070), 2],
  ["does not mind that the clock was put forward a day", clock(86_405_000, 2070), 2],
  ["nor that it was put back to 1970", clock(0, 2070), 2],
  ["after a restart is the difference of the wall clocks", clock(65_000, 10, "run 2"), 60],
  ["after a restart with the clock put back is nothing, not less", clock(1000, 10, "run 2"), 0],
]) {
  test(`the age of a scan ${says}`, () => assert.equal(age(newScan({}, clock(5000, 70)), later), seconds));
}

test("the message carries what the server is told and nothing else", () => {
  const row = newScan({ kind: "invalid", length: 28, shown: "invalid", initials: "AB" }, clock(5000, 70), ascending);
  const scan = {
    id, kind: "invalid", proof: null, undoes: null, length: 28, offline: false, shown: "invalid", tap: "", code: "",
    pass_mark: "", initials: "AB", age: 1.5, unsure: 0, app: "7",
  };
  const about = { list_version: 4, initials: "AB" };
  assert.deepEqual(message([row], 3, about, clock(6500, 1570), "7"), { scans: [scan], to_send: 3, ...about });
});

test("DR-16 a scan's time is unsure by half a round trip, beside what the clocks differ by", () => {
  const row = newScan({}, clock(5000, 70), ascending);
  const unsure = (trip, run) => message([row], 0, {}, clock(65_000, 60_070, run), "7", trip).scans[0].unsure;
  assert.deepEqual([unsure(0), unsure(3000), unsure(3000, "run 2")], [0, 1.5, 31.5]);
});

test("DR-17 an undo stays behind its entry, though the clock was put back and the page loaded anew between them", () => {
  const entry = newScan({}, clock(300_000, 70));
  const undo = newScan({ kind: "undo", undoes: entry.id }, clock(10_000, 20, "run 2"));
  const later = newScan({}, clock(40_000, 30_020, "run 2"));
  const sent = message([entry, undo, later], 0, {}, clock(60_000, 50_020, "run 2"), "7").scans;
  assert.deepEqual(sent.map(({ age, unsure }) => [age, unsure]), [[50, 43_200], [50, 0], [20, 0]]);
});

test("a scan whose age is raised, as a later one is older, is unsure by as much", () => {
  const first = newScan({}, clock(600_000, 70));
  const second = newScan({}, clock(0, 70, "run 2"));
  const sent = message([first, second], 0, {}, clock(660_000, 10, "run 3"), "7").scans;
  assert.deepEqual(sent.map(({ age, unsure }) => [age, unsure]), [[660, 600], [660, 30]]);
});

test("DR-45 a scan kept by an older version of the page is sent with what that version did not know", () => {
  const old = { id, kind: "in", proof: "cHJvb2Y", undoes: null, length: null, wall: 5000, mono: 70, run: "run 0" };
  const [sent] = message([old], 0, {}, clock(65_000, 10), "8").scans;
  assert.deepEqual(sent, {
    id, kind: "in", proof: "cHJvb2Y", undoes: null, length: null, offline: false, shown: "", tap: "", code: "",
    pass_mark: "", initials: "", age: 60, unsure: 30, app: "8",
  });
});

const rows = [{ id: "a" }, { id: "b" }];
const answers = [{ id: "a", verdict: "ok" }, { id: "b", verdict: "unknown" }];
for (const [says, body, read] of [
  ["the answers to these scans in their order", { answers }, answers],
  ["another order", { answers: [...answers].reverse() }, null],
  ["one answer too few", { answers: answers.slice(1) }, null],
  ["an answer without a verdict", { answers: [{ id: "a" }, answers[1]] }, null],
  ["a page of a captive portal", { html: "Welcome" }, null],
  ["nothing", null, null],
]) {
  test(`of ${says} the phone takes ${read ? "all" : "nothing"}`, () => assert.deepEqual(usable(body, rows), read));
}

test("tries come apart, to a minute at most, and never all at once", () => {
  const longest = [0, 1, 2, 6, 20].map((n) => wait(n, () => 1));
  const shortest = [0, 1, 2, 6, 20].map((n) => wait(n, () => 0));
  assert.deepEqual([longest, shortest], [[1000, 2000, 4000, 60_000, 60_000], [500, 1000, 2000, 30_000, 30_000]]);
});

for (const [trips, downSince, state, minutes = 0] of [
  [[], null, "online"],
  [[100, 5000, 200, 9000, 300], null, "online"],
  [[100, 1200, 1300, 200, 1400], null, "slow"],
  [[1400, 1400, 1400, 100, 100, 100, 100], null, "online"],
  [[100], 290_000, "offline"],
  [[100], 60_000, "offline", 4],
]) {
  test(`after ${JSON.stringify(trips)}, down since ${downSince}, the phone is ${state}`, () => {
    assert.deepEqual(connectionNow(trips, downSince, 300_000), { state, minutes });
  });
}
