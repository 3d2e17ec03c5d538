import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, FOREIGN, door, fresh, ok } from "./scanning-door.mjs";

// What is held to the camera: tickets, samples of the practice card, and everything else

test("two tickets side by side are neither", async () => {
  const sid = await door();
  sid.intake.see([{ text: ADA, off: 50 }, { text: FOREIGN, off: 60 }]);
  await sid.settle();
  assert.deepEqual([sid.since(), sid.sent], [["hint: One ticket at a time"], []]);
});

const OTHERS = {
  "one changed character": ADA.replace("E2", "E3"),
  "a URL": FOREIGN,
  "4 kB of text": "never ending ".repeat(315),
  "an emoji": "🎟",
  "another system's ticket": "TICKET-2019-0042-7F3A",
};
for (const [what, text] of Object.entries(OTHERS)) {
  test(`DR-10 ${what} is no ticket, and one tap later the scanner takes a good one`, async () => {
    const sid = await door();
    await sid.holds(text);
    assert.deepEqual(sid.since(), ["NOT A TICKET", "buzz 1", "field opens"]);
    assert.deepEqual([sid.sent[0].row.kind, sid.sent[0].row.length], ["invalid", text.length]);
    assert.equal(JSON.stringify(await sid.store.oldest(9)).includes(text.slice(0, 12)), false);
    sid.scanning.dismiss();
    await sid.holds(ADA);
    sid.answers(ok);
    assert.deepEqual(sid.since().slice(-2), ["COME IN Ada Example", "buzz 1"]);
  });
}

test("DR-10 a code that was never issued is unknown by the server's word, and alone not on the phone's list", async () => {
  const sid = await door({ verdict: "not_on_phone", list: "10:43" });
  await sid.holds(ADA);
  sid.answers({ verdict: "unknown" });
  assert.deepEqual(sid.since().slice(-2), ["NOT A TICKET", "buzz 1"]);
  sid.scanning.dismiss();
  await sid.passes(6000);
  await sid.holds(ADA);
  sid.since();
  sid.sent.at(-1).done(false);
  await sid.settle();
  assert.deepEqual(sid.since(), ["striped OFFLINE ASK THE LEAD", "buzz 3"]);
});

test("DR-12 a code in view for half a minute is one request and one sound", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.answers(ok);
  for (let n = 0; n < 300; n++) {
    await sid.intake.see([{ text: ADA, off: 0 }]);
    await sid.passes(100);
  }
  assert.equal(sid.sent.length, 1);
  assert.deepEqual(sid.since(), ["ONE MOMENT", "touch", "can undo", "COME IN Ada Example", "buzz 1", "clear"]);
});

test("DR-13 of two codes typed in one go the second waits until the first was seen, and both come in order", async () => {
  const sid = await door();
  sid.intake.takeTyped([ADA, ADA, FOREIGN]);
  await sid.settle();
  sid.answers(ok);
  await sid.passes(600);
  assert.deepEqual([sid.sent.length, sid.since().at(-2)], [1, "COME IN Ada Example"]);
  await sid.passes(200);
  assert.deepEqual(sid.since(), ["NOT A TICKET", "buzz 1", "field opens"]);
  assert.deepEqual(sid.sent.map(({ row }) => row.kind), ["in", "invalid"]);
});

test("DR-13 behind a verdict that waits for a tap the second code waits too", async () => {
  const sid = await door();
  sid.intake.takeTyped([FOREIGN, ADA]);
  await sid.passes(9000);
  assert.deepEqual(sid.since(), ["NOT A TICKET", "buzz 1", "field opens"]);
  sid.scanning.dismiss();
  await sid.passes(200);
  assert.deepEqual(sid.since().slice(0, 2), ["clear", "ONE MOMENT"]);
});

test("a sample of the practice card is shown and never stored, sent or booked", async () => {
  const sid = await door(fresh);
  await sid.holds("MUSTER:PRACTICE:COME-IN");
  assert.deepEqual(sid.since(), ["striped PRACTICE COME IN Practice Person", "buzz 1"]);
  assert.deepEqual([sid.sent, await sid.store.count(), sid.scanning.lastAct()], [[], 0, null]);
});

test("once the door is open a sample of the practice card lets nobody in, and raises no alarm", async () => {
  const sid = await door(fresh);
  sid.opens();
  for (const sample of ["COME-IN", "ALREADY-IN", "CHECK-ID"]) {
    await sid.holds(`MUSTER:PRACTICE:${sample}`);
    assert.deepEqual(sid.since(), ["PRACTICE CARD", "buzz 5"]);
    assert.equal(sid.scanning.question(), null);
    sid.scanning.dismiss();
    sid.since();
  }
  assert.deepEqual([sid.sent, await sid.store.count()], [[], 0]);
  await sid.holds(FOREIGN);
  assert.deepEqual([sid.since()[0], sid.sent.length], ["NOT A TICKET", 1], "what is no sample is told of");
});

test("a button under a sample of the practice card is tapped away, and counts nobody", async () => {
  const sid = await door();
  await sid.holds("MUSTER:PRACTICE:CHECK-ID");
  assert.deepEqual(sid.scanning.onScreen().taps.map(([choice]) => choice), ["id_seen", ""]);
  await sid.scanning.tap("id_seen");
  await sid.holds("MUSTER:PRACTICE:ONE-QUESTION");
  await sid.scanning.tap("came_in_elsewhere");
  await sid.settle();
  assert.deepEqual([sid.sent, await sid.store.count(), sid.seen.at(-1)], [[], 0, "clear"]);
});
