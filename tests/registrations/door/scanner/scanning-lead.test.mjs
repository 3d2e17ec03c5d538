import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ADA, door, fresh, listed, ok } from "./scanning-door.mjs";

// What a lead decides on a verdict, online and offline, and what comes once scanning has ended

const alreadyIn = { verdict: "already_in", ...listed, at: "09:12", door: "Main door" };
const decided = ({ kind, proof, undoes, code, tap, offline, shown }) => ({ kind, proof, undoes, code, tap, offline, shown });

test("the lead decides on who is already in: a scan of its own, with the reason, that lets in", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.answers(alreadyIn);
  assert.equal(sid.seen.isLeads, true);
  const asked = sid.scanning.question();
  assert.deepEqual(asked.codes.map(([code]) => code), ["scanned_twice", "left_without_scan", "wrong_person_before", "code_shared"]);
  sid.since();
  sid.scanning.decide(asked, "left_without_scan", false);
  await sid.settle();
  assert.deepEqual(sid.since(), ["clear", "ONE MOMENT Ada Example", "touch"]);
  const [first, second] = sid.sent.map(({ row }) => row);
  assert.notEqual(first.id, second.id);
  assert.deepEqual(decided(second), {
    kind: "in", proof: first.proof, undoes: null, code: "left_without_scan", tap: "lead", offline: false, shown: "",
  });
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ada Example", "buzz 1"]);
  assert.equal(sid.seen.isLeads, false);
});

for (const isOffline of [false, true]) {
  test(`the lead says that it was scanned twice by mistake${isOffline ? ", offline" : ""}: nobody comes in by it, and nobody is alarmed`, async () => {
    const sid = await door({ verdict: "already_in", ...listed, at: "09:12", door: "Main door" });
    await sid.holds(ADA);
    if (isOffline) await sid.passes(1200);
    else sid.answers(alreadyIn);
    sid.scanning.decide(sid.scanning.question(), "scanned_twice", isOffline);
    await sid.settle();
    const { code, tap, kind } = sid.sent[1].row;
    assert.deepEqual({ code, tap, kind }, { code: "scanned_twice", tap: "lead", kind: "in" });
    const calm = isOffline ? "striped OFFLINE SCANNED TWICE Ada Example" : "SCANNED TWICE Ada Example";
    assert.equal(sid.since().filter((seen) => seen.includes("SCANNED")).at(-1), calm);
    assert.equal(await sid.acts.of(sid.sent[1].row.proof), undefined, "nobody is in by it here");
    sid.answers({ ...alreadyIn, twice: "lead" }, sid.sent[1]);
    assert.deepEqual(sid.since(), ["SCANNED TWICE Ada Example"]);
    assert.deepEqual([sid.seen.isLeads, sid.scanning.question()], [false, null], "it is decided");
  });
}

test("the network goes while the lead decides: the lead's override lets in, and is on record as that", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.answers(alreadyIn);
  sid.scanning.decide(sid.scanning.question(), "code_shared", false);
  await sid.settle();
  await sid.passes(1200);
  assert.equal(sid.since().at(-1), "striped COME IN – OFFLINE Ada Example");
  const { code, tap, offline, shown } = sid.sent[1].row;
  assert.deepEqual({ code, tap, offline, shown }, { code: "code_shared", tap: "lead", offline: true, shown: "ok" });
  sid.answers(ok);
  assert.deepEqual(sid.since().filter((seen) => seen.startsWith("CHANGED")), []);
});

test("offline one tap of the lead's lets in at once, and is recorded as such", async () => {
  const sid = await door({ ...listed, verdict: "too_early", opens: "09:00" });
  await sid.holds(ADA);
  await sid.passes(1200);
  assert.deepEqual([sid.since().at(-1), sid.seen.isLeads], ["striped OFFLINE TOO EARLY", true]);
  sid.scanning.decide(sid.scanning.question(), "early", true);
  await sid.settle();
  assert.deepEqual(sid.since(), ["clear", "can undo", "striped COME IN – OFFLINE Ada Example", "buzz 1"]);
  const rows = await sid.store.oldest(9);
  assert.deepEqual(rows.map(({ code, tap, offline, shown }) => [code, tap, offline, shown]), [
    ["", "", true, "too_early"],
    ["early", "lead", true, "ok"],
  ]);
  assert.equal((await sid.acts.of(rows[0].proof)).way, "in");
  sid.answers(ok, sid.sent[1]);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ada Example"]);
});

test("a lead may practise to decide: a come in of the card, of which nothing is stored or sent", async () => {
  const sid = await door();
  await sid.holds("MUSTER:PRACTICE:ALREADY-IN");
  assert.equal(sid.seen.isLeads, true);
  const asked = sid.scanning.question();
  assert.deepEqual([asked.isPractice, asked.codes.length], [true, 4]);
  sid.since();
  sid.scanning.decide(asked, "code_shared", false);
  assert.deepEqual(sid.since(), ["striped PRACTICE COME IN Practice Person", "buzz 1"]);
  assert.deepEqual([sid.sent, await sid.store.count(), sid.scanning.lastAct()], [[], 0, null]);
});

test("what comes once nobody scans any more changes nothing here", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  sid.scanning.end();
  assert.deepEqual([sid.since().at(-1), sid.scanning.isOn()], ["clear", false]);
  sid.answers(ok);
  await sid.passes(5000);
  assert.deepEqual([sid.since(), sid.scanning.onScreen()], [[], null]);
});

test("DR-30 after a minute the lead takes an entry back, and says why", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.answers(ok);
  assert.equal(sid.scanning.isLate(sid.scanning.lastAct()), false);
  await sid.passes(61_000);
  const act = sid.scanning.lastAct();
  assert.equal(sid.scanning.isLate(act), true);
  sid.since();
  await sid.scanning.undo(act, "wrong_person");
  assert.deepEqual(decided(sid.sent[1].row), {
    kind: "undo", proof: act.proof, undoes: act.id, code: "wrong_person", tap: "lead", offline: false, shown: "",
  });
  sid.answers({ verdict: "undone" });
  assert.deepEqual([sid.since(), sid.scanning.lastAct()], [["ONE MOMENT", "touch", "UNDONE", "buzz 5"], null]);
});

test("DR-30 offline the lead's tap takes it back, and the server's same word changes nothing", async () => {
  const sid = await door(fresh);
  await sid.holds(ADA);
  await sid.passes(70_000);
  sid.since();
  await sid.scanning.undo(sid.scanning.lastAct(), "test", true);
  assert.deepEqual(sid.since(), ["striped OFFLINE UNDONE", "buzz 5"]);
  assert.deepEqual(decided(sid.sent[1].row), {
    kind: "undo", proof: sid.sent[0].row.proof, undoes: sid.sent[0].row.id, code: "test", tap: "lead", offline: true, shown: "undone",
  });
  sid.answers({ verdict: "undone" });
  assert.deepEqual(sid.since(), ["UNDONE"]);
});

test("DR-30 a steward's undo that comes a moment too late may be the lead's", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.answers(ok);
  await sid.scanning.undo();
  sid.answers({ verdict: "undo_needs_lead" });
  assert.equal(sid.seen.isLeads, true);
  sid.scanning.decide(sid.scanning.question(), "did_not_enter", false);
  await sid.settle();
  const { undoes, code } = sid.sent[2].row;
  assert.deepEqual([undoes, code], [sid.sent[0].row.id, "did_not_enter"]);
});

test("of an undo the screen says which way it was: by the answer, without a network, and by the lead", async () => {
  for (const [way, verdict, says] of [["in", "ok", "The entry is taken back"], ["out", "out", "The exit is taken back"]]) {
    const sid = await door(fresh);
    if (way === "out") sid.countsOut();
    await sid.holds(ADA);
    sid.answers({ ...ok, verdict });
    await sid.scanning.undo();
    sid.answers({ verdict: "undone" });
    assert.equal(sid.seen.first, says);
    await sid.scanning.undo({ id: "b".repeat(32), proof: "proof", at: 0, way });
    await sid.passes(1300);
    assert.equal(sid.seen.first, says);
    sid.answers({ verdict: "undo_needs_lead" });
    sid.scanning.dismiss();
    sid.scanning.decide({ row: sid.sent.at(-1).row, answer: { verdict: "undo_needs_lead", way } }, "test", true);
    await sid.settle();
    assert.equal(sid.seen.first, says);
  }
});

const CARD = JSON.parse(readFileSync(new URL("../../../vectors/lead_card.json", import.meta.url)))[0].text;

for (const verdict of ["old_list", "issued_since", "not_on_phone", "clock_doubted"]) {
  test(`where leads have cards ${verdict} offers no tap of the lead's, and the card lets them in`, async () => {
    const sid = await door({ verdict, name: "Ada Example", list: "09:31", card: true });
    await sid.holds(ADA);
    assert.equal(sid.scanning.wantsCard(), false, "the server may still answer");
    await sid.passes(1300);
    assert.deepEqual(sid.scanning.onScreen().taps, [["", "Not let in"]]);
    assert.equal(sid.scanning.wantsCard(), true);
    sid.scanning.byCard("proof");
    const [{ tap, card, offline }] = await sid.store.oldest(9);
    assert.deepEqual({ tap, card, offline }, { tap: "lead", card: "proof", offline: true });
    assert.equal(sid.scanning.wantsCard(), false, "one decision");
    assert.equal((await sid.acts.of(sid.sent.at(-1).row.proof)).way, "in");
  });
}

test("where no lead has a card the tap stays, and no card is waited for", async () => {
  const sid = await door({ verdict: "old_list", name: "Ada Example", list: "09:31" });
  await sid.holds(ADA);
  await sid.passes(1300);
  assert.deepEqual(sid.scanning.onScreen().taps.map(([choice]) => choice), ["lead", ""]);
  assert.equal(sid.scanning.wantsCard(), false);
});

test("what a steward may decide takes no card", async () => {
  const sid = await door({ verdict: "check_id", name: "Ada Example", list: "09:31", card: true });
  await sid.holds(ADA);
  await sid.passes(1300);
  assert.deepEqual(sid.scanning.onScreen().taps.map(([choice]) => choice), ["id_seen", ""]);
  assert.equal(sid.scanning.wantsCard(), false);
});

test("a card before the camera is no ticket, whatever is on the screen, and is told of once while it is in view", async () => {
  const sid = await door({ verdict: "old_list", name: "Ada Example", list: "09:31", card: true });
  await sid.holds(ADA);
  await sid.passes(1300);
  sid.since();
  for (let n = 0; n < 3; n++) await sid.holds(CARD);
  assert.deepEqual(sid.since(), [`card ${CARD.slice(0, 4)}`]);
  assert.deepEqual((await sid.store.oldest(9)).length, 1, "no scan is made of it");
});

test("a lead's reason by card is a scan of its own that carries the card, and so is what is taken back", async () => {
  const sid = await door({ verdict: "already_in", name: "Ada Example", at: "09:00", door: "Main door", card: true });
  await sid.holds(ADA);
  await sid.passes(1300);
  await sid.scanning.decide(sid.scanning.question(), "left_without_scan", true, "proof");
  await sid.scanning.undo({ id: "a".repeat(32), proof: "p", way: "in" }, "test", true, "proof");
  const cards = (await sid.store.oldest(9)).map(({ kind, code, card, tap }) => [kind, code, card, tap]);
  assert.deepEqual(cards.slice(1), [["in", "left_without_scan", "proof", "lead"], ["undo", "test", "proof", "lead"]]);
});
