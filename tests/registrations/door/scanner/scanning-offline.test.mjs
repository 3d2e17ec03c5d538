import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, FOREIGN, door, fresh, listed, ok } from "./scanning-door.mjs";

// What the phone says from its list when the server is slow or away, and what it makes of late answers

test("the list's word is on the screen at once, hollow; the server's fills it and sounds", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  assert.deepEqual(sid.since(), ["ONE MOMENT Ada Example", "touch"]);
  await sid.passes(399);
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ada Example", "buzz 1"]);
});

test("a come in is called out after 400 milliseconds, and the server's same word makes no second sound", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  sid.since();
  await sid.passes(400);
  assert.deepEqual(sid.since(), ["hollow COME IN Ada Example", "buzz 1"]);
  await sid.passes(300);
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ada Example"]);
});

test("the same code at two phones: the server's other word has its own sound", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  sid.since();
  sid.answers({ verdict: "already_in", ...listed, at: "09:12", door: "Main door" });
  assert.deepEqual(sid.since(), ["ALREADY IN Ada Example", "buzz 3"]);
});

test("DR-15 without an answer a fresh list lets in, striped, with no second sound and no tap", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  await sid.passes(1199);
  sid.since();
  await sid.passes(1);
  assert.deepEqual(sid.since(), ["can undo", "striped COME IN – OFFLINE Ada Example"]);
  const { offline, shown, tap } = (await sid.store.oldest(9))[0];
  assert.deepEqual({ offline, shown, tap }, { offline: true, shown: "ok", tap: "" });
  await sid.passes(4000);
  assert.deepEqual(sid.since(), ["clear"]);
});

test("a line that fails at once lets in from the list at once", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  sid.since();
  sid.sent[0].done(false);
  await sid.settle();
  assert.deepEqual(sid.since(), ["can undo", "striped COME IN – OFFLINE Ada Example", "buzz 1"]);
});

test("DR-14 a late answer that says the same takes the mark away, or nothing is shown", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  await sid.passes(1300);
  sid.since();
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ada Example"]);
  const bo = await door(fresh);
  await bo.holds(ADA);
  await bo.passes(6000);
  bo.since();
  bo.answers(ok);
  assert.deepEqual(bo.since(), ["can undo"]);
});

test("DR-14 a late answer that differs fills the screen until it is tapped", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  await sid.passes(3000);
  sid.since();
  sid.answers({ verdict: "ask_lead", reference: "HK7-4QD" });
  assert.deepEqual(sid.since(), ["can undo", "CHANGED to ASK THE LEAD, 1, 3 s ago", "buzz 5"]);
});

test("DR-14 who is through already when the server says no is told of to the server, and the change is shown once", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  const asked = { ...sid.sent[0].row };
  const no = { id: asked.id, verdict: "already_in", name: "Ada Example", at: "09:12", door: "Main door" };
  assert.equal(sid.openScans.hasMore(no, asked), false);
  await sid.passes(3000);
  assert.equal(sid.openScans.hasMore(no, asked), true);
  assert.equal(sid.openScans.hasMore({ ...no, verdict: "ok" }, asked), false);
  sid.since();
  sid.scanning.answered(no, false);
  assert.deepEqual(sid.since(), ["can undo", "CHANGED to ALREADY IN, 1, 3 s ago", "buzz 5"]);
  const [row] = await sid.store.oldest(9);
  assert.deepEqual([row.id, row.offline, row.shown], [asked.id, true, "ok"]);
  assert.equal(sid.openScans.hasMore(no, row), false);
  sid.scanning.answered(no, true);
  assert.deepEqual(sid.since(), ["can undo"]);
});

for (const [verdict, word, says] of [
  ["check_id", "id_seen", "CHECK ID, THEN IN Ada Example"],
  ["old_list", "lead", "ASK THE LEAD Ada Example"],
  ["issued_since", "lead", "ASK THE LEAD Ada Example"],
  ["not_on_phone", "lead", "ASK THE LEAD Ada Example"],
]) {
  test(`${verdict} waits for a tap, is not sent before, and the tap is recorded`, async () => {
    const sid = await door({ ...fresh, verdict });
    await sid.holds(ADA);
    sid.since();
    await sid.passes(1200);
    const [seen] = sid.since();
    assert.ok(seen.startsWith(`striped OFFLINE ${says.slice(0, 12)}`), seen);
    const { id } = sid.sent[0].row;
    assert.equal(sid.openScans.isHeld(id), true);
    await sid.scanning.tap(word);
    assert.deepEqual([sid.openScans.isHeld(id), sid.sent.length, sid.since()], [false, 2, ["clear", "can undo"]]);
    const [row] = await sid.store.oldest(9);
    assert.deepEqual([row.id, row.offline, row.shown, row.tap], [id, true, verdict, word]);
    sid.answers(ok);
    assert.deepEqual(sid.since(), ["can undo"]);
  });
}

test("who was not let in is recorded so, and may be scanned again", async () => {
  const sid = await door({ ...fresh, verdict: "check_id" });
  await sid.holds(ADA);
  await sid.passes(1200);
  await sid.scanning.tap("");
  await sid.passes(6000);
  await sid.holds(ADA);
  const rows = await sid.store.oldest(9);
  assert.deepEqual(rows.map(({ shown, tap }) => [shown, tap]), [["check_id", "no"], ["", ""]]);
  assert.notEqual(rows[0].id, rows[1].id);
  assert.equal(sid.scanning.lastAct(), null);
  sid.since();
  sid.answers({ verdict: "turned_away" }, sid.sent.find(({ row }) => row.tap === "no"));
  assert.deepEqual(sid.since(), []);
});

test("offline, a second time with the same ticket is already in, at once", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  await sid.passes(10_000);
  sid.since();
  await sid.holds(ADA);
  assert.deepEqual(sid.since(), ["ALREADY IN Ada Example", "buzz 3", "touch"]);
  await sid.passes(1200);
  assert.deepEqual(sid.since(), ["can undo", "striped OFFLINE ALREADY IN Ada Example"]);
  assert.equal(await sid.store.count(), 2);
});

test("what was said at once and tapped away is no change when the server says it too", async () => {
  const sid = await door({ ...listed, verdict: "too_late" });
  await sid.holds(ADA);
  sid.scanning.dismiss();
  sid.since();
  sid.answers({ verdict: "too_late" });
  assert.deepEqual(sid.since(), []);
});

test("an undo offline takes back this phone's own entry, and the ticket is good again", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  await sid.passes(5000);
  sid.since();
  await sid.scanning.undo();
  await sid.passes(1200);
  assert.deepEqual(sid.since(), ["ONE MOMENT", "touch", "striped OFFLINE UNDONE", "buzz 5"]);
  sid.scanning.dismiss();
  await sid.passes(301);
  await sid.holds(ADA);
  assert.equal(sid.since().at(-2), "ONE MOMENT Ada Example");
  assert.deepEqual((await sid.store.oldest(9)).map(({ kind }) => kind), ["in", "undo", "in"]);
});

test("an undo offline after a minute is the lead's", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  await sid.passes(61_300);
  sid.since();
  await sid.scanning.undo();
  await sid.passes(1200);
  assert.deepEqual(sid.since(), [
    "ONE MOMENT",
    "touch",
    "can undo",
    "striped OFFLINE ASK THE LEAD",
    "buzz 3",
  ]);
  assert.equal((await sid.acts.of(sid.sent[0].row.proof)).way, "in");
});

test("DR-31 leaving without having come in is one question, whose yes is a scan of its own", async () => {
  const sid = await door({ ...listed, verdict: "came_in_elsewhere" });
  sid.countsOut();
  await sid.holds(ADA);
  await sid.passes(1200);
  assert.deepEqual(sid.since(), ["ONE MOMENT", "touch", "striped OFFLINE ONE QUESTION Ada Example", "buzz 5"]);
  await sid.scanning.tap("came_in_elsewhere");
  await sid.settle();
  const rows = await sid.store.oldest(9);
  assert.deepEqual(rows.map(({ kind, code }) => [kind, code]), [["out", ""], ["out", "came_in_elsewhere"]]);
  await sid.passes(1200);
  assert.equal(sid.since().at(-2), "striped OFFLINE OUT Ada Example");
  assert.equal((await sid.acts.of(rows[0].proof)).way, "out");
});

test("a late answer is no question, since whom it is about has gone", async () => {
  const sid = await door({ verdict: "out" });
  sid.countsOut();
  await sid.holds(ADA);
  await sid.passes(1200);
  sid.since();
  sid.answers({ verdict: "came_in_elsewhere" });
  assert.deepEqual(sid.since(), ["can undo", "CHANGED to ASK THE LEAD, 1, 1.2 s ago", "buzz 5"]);
});

test("DR-14 a change outlasts the four seconds of the come in beneath it", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  await sid.passes(3000);
  sid.answers({ verdict: "already_in", ...listed, at: "09:12", door: "Main door" });
  sid.since();
  await sid.passes(60_000);
  assert.deepEqual(sid.since(), ["clear"]);
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), []);
  sid.scanning.dismiss();
  assert.deepEqual(sid.since(), ["back"]);
});

test("what the server has not heard of the same ticket goes with an undo or an exit, and nothing of another one", async () => {
  const sid = await door(fresh);
  await sid.scanning.letIn("another proof");
  await sid.passes(1200);
  sid.scanning.dismiss();
  await sid.holds(ADA);
  await sid.passes(1200);
  sid.scanning.undo();
  await sid.settle();
  const [other, entry, undo] = sid.sent;
  assert.deepEqual([other.before, entry.before, undo.before], [[], [], [entry.row]]);
  assert.deepEqual([undo.row.kind, undo.row.undoes], ["undo", entry.row.id]);
  sid.answers(ok, entry);
  await sid.passes(1200);
  sid.scanning.dismiss();
  sid.countsOut();
  await sid.holds(ADA);
  assert.deepEqual(sid.sent[3].before, [undo.row]);
});

test("DR-30 an older scan that is answered late does not become the last one", async () => {
  const sid = await door(fresh);
  await sid.scanning.letIn("another proof");
  await sid.passes(1200);
  sid.scanning.dismiss();
  await sid.holds(ADA);
  sid.answers(ok);
  const [older, newest] = sid.sent.map(({ row }) => row.id);
  assert.equal(sid.scanning.lastAct().id, newest);
  sid.answers(ok, sid.sent[0]);
  assert.equal(sid.scanning.lastAct().id, newest);
  assert.notEqual(older, newest);
});

for (const verdict of ["issued_since", "not_on_phone"]) {
  test(`an exit by the lead's override is an exit, and the server's word is no change: ${verdict}`, async () => {
    const sid = await door({ verdict, list: "09:31" });
    sid.countsOut();
    await sid.holds(ADA);
    await sid.passes(1200);
    sid.since();
    await sid.scanning.tap("lead");
    assert.equal(sid.scanning.lastAct().way, "out");
    assert.equal((await sid.acts.of(sid.sent[0].row.proof)).way, "out");
    sid.since();
    sid.answers({ verdict: "out", at: "09:31" });
    assert.deepEqual(sid.since(), ["can undo"]);
  });
}
