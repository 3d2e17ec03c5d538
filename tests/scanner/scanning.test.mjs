import assert from "node:assert/strict";
import { test } from "node:test";
import { inMemory } from "../../registrations/scanner/pending.mjs";
import { createScanning } from "../../registrations/scanner/scanning.mjs";

// One of tests/vectors/ticket_code.json, and something that is no ticket
const ADA = "M1DE2YYFFZFEVFX9VWTAW6CB5HKCW";
const FOREIGN = "https://example.org/";
const ok = { verdict: "ok", name: "Ada Example", badge_name: "Ada", organisation: "Example", badge: "Delegate" };

/** A steward at a door, whose server answers only when the test says so. What is seen and felt is written down. */
function door() {
  let now = 0;
  let timers = [];
  const seen = [];
  const sent = [];
  const store = inMemory();
  const screen = {
    hint: (words) => words && seen.push(`hint: ${words}`),
    checking: () => seen.push("ONE MOMENT"),
    verdict: ({ word, mark, name }) => seen.push([mark, word, name].filter(Boolean).join(" ")),
    changed: ({ word }, count, when) => seen.push(`CHANGED to ${word}, ${count}, ${when}`),
    unchanged: () => seen.push("back"),
    found: ({ name }) => seen.push(`FOUND ${name}`),
    clear: () => seen.push("clear"),
    canUndo: (can) => can && seen.push("can undo"),
  };
  const scanning = createScanning({
    salt: new Uint8Array(16),
    unsent: [],
    store,
    send: (row) => new Promise((done) => sent.push({ row, done })),
    screen,
    feel: { touch: () => seen.push("touch"), sign: ({ buzz }) => seen.push(`buzz ${buzz.length}`) },
    clock: { wall: () => now, mono: () => now, run: 1 },
    after(milliseconds, work) {
      const timer = { at: now + milliseconds, work };
      timers.push(timer);
      return () => (timers = timers.filter((one) => one !== timer));
    },
    timeOf: (ago) => `${ago} s ago`,
    onInvalid: () => seen.push("field opens"),
    onUnanswered: () => {},
  });
  const settle = () => new Promise((done) => setTimeout(done, 15));
  return {
    scanning, seen, sent, store,
    async holds(text) {
      scanning.see([{ text, off: 0 }]);
      await settle();
    },
    async passes(milliseconds) {
      now += milliseconds;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { work } of due) work();
      await settle();
    },
    answers(answer, { row } = sent.at(-1)) {
      scanning.answered({ id: row.id, ...answer }, row, answer.verdict !== "error");
    },
    since: () => seen.splice(0),
    settle,
  };
}

test("a scan is stored before it is shown, shown before it is sent, and green only by the server's word", async () => {
  const sid = door();
  await sid.holds(ADA);
  assert.deepEqual(sid.since(), ["ONE MOMENT", "touch"]);
  assert.deepEqual(await sid.store.oldest(9), sid.sent.map(({ row }) => row));
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ada Example", "buzz 1"]);
});

test("nothing of the code is stored or sent, only its proof", async () => {
  const sid = door();
  await sid.holds(ADA);
  const { id, ...row } = sid.sent[0].row;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.deepEqual({ ...row, proof: row.proof.length }, {
    kind: "in", proof: 22, undoes: null, length: null, wall: 0, mono: 0, run: 1,
  });
  assert.equal(JSON.stringify(sid.sent[0].row).includes(ADA.slice(2, 12)), false);
});

test("a come in stays for four seconds", async () => {
  const sid = door();
  await sid.holds(ADA);
  sid.answers(ok);
  sid.since();
  await sid.passes(3999);
  assert.deepEqual(sid.since(), []);
  await sid.passes(1);
  assert.deepEqual(sid.since(), ["clear"]);
});

test("the next guest takes the screen, but not within 700 milliseconds", async () => {
  const sid = door();
  await sid.holds(ADA);
  sid.answers(ok);
  sid.since();
  await sid.passes(699);
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), []);
  await sid.passes(1);
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), ["NOT A TICKET", "buzz 1", "field opens"]);
});

test("anything but a come in stays until it is tapped, and the camera takes nothing until then", async () => {
  const sid = door();
  await sid.holds(ADA);
  sid.answers({ verdict: "already_in", name: "Ada Example", at: "09:12", door: "Main door" });
  sid.since();
  await sid.passes(60_000);
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), []);
  sid.scanning.dismiss();
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), ["clear", "NOT A TICKET", "buzz 1", "field opens"]);
});

test("what is none of our codes is said at once, and only its length is sent", async () => {
  const sid = door();
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), ["NOT A TICKET", "buzz 1", "field opens"]);
  assert.deepEqual([sid.sent[0].row.kind, sid.sent[0].row.length, sid.sent[0].row.proof], ["invalid", 20, null]);
  sid.answers({ verdict: "invalid" });
  assert.deepEqual(sid.since(), []);
});

test("after 1,200 milliseconds without an answer the screen says offline, and never green", async () => {
  const sid = door();
  await sid.holds(ADA);
  sid.since();
  await sid.passes(1199);
  assert.deepEqual(sid.since(), []);
  await sid.passes(1);
  assert.deepEqual(sid.since(), ["OFFLINE CANNOT TELL", "buzz 5"]);
});

test("a line that fails at once is offline at once", async () => {
  const sid = door();
  await sid.holds(ADA);
  sid.since();
  sid.sent[0].done(false);
  await sid.settle();
  assert.deepEqual(sid.since(), ["OFFLINE CANNOT TELL", "buzz 5"]);
});

test("an answer that comes late fills the screen until it is tapped", async () => {
  const sid = door();
  await sid.holds(ADA);
  await sid.passes(1200);
  sid.since();
  await sid.passes(1800);
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["can undo", "CHANGED to COME IN, 1, 3 s ago", "buzz 5"]);
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), []);
  sid.scanning.dismiss();
  assert.deepEqual(sid.since(), ["clear", "back"]);
});

test("late answers wait for each other, and none is lost", async () => {
  const sid = door();
  await sid.holds(ADA);
  await sid.passes(1200);
  sid.scanning.dismiss();
  sid.scanning.letIn("another proof");
  await sid.settle();
  await sid.passes(1200);
  sid.since();
  sid.answers(ok, sid.sent[0]);
  sid.answers({ verdict: "unknown" }, sid.sent[1]);
  assert.deepEqual(sid.since(), ["can undo", "CHANGED to COME IN, 1, 2.4 s ago", "buzz 5", "can undo"]);
  sid.scanning.dismiss();
  assert.deepEqual(sid.since(), ["CHANGED to NOT A TICKET, 1, 1.2 s ago", "buzz 5"]);
  sid.scanning.dismiss();
  assert.deepEqual(sid.since(), ["clear", "back"]);
});

test("trying again while the answer is out is the same scan with the same id", async () => {
  const sid = door();
  await sid.holds(ADA);
  await sid.passes(1200);
  sid.scanning.dismiss();
  await sid.passes(6000);
  await sid.holds(ADA);
  assert.equal(sid.sent.length, 2);
  assert.equal(sid.sent[0].row, sid.sent[1].row);
  assert.equal(await sid.store.count(), 1);
  sid.since();
  sid.answers(ok);
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ada Example", "buzz 1"]);
});

test("a fault of the server cannot tell, and the answer that follows is a change", async () => {
  const sid = door();
  await sid.holds(ADA);
  sid.since();
  sid.answers({ verdict: "error", fault: "7F3A" });
  sid.answers({ verdict: "error", fault: "7F3B" });
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["CANNOT TELL", "buzz 5", "can undo", "CHANGED to COME IN, 1, 0 s ago", "buzz 5"]);
});

test("a failure of the phone's own is said and does not stop the next scan", async () => {
  const sid = door();
  sid.store.add = async () => {
    sid.store.add = async () => {};
    throw new Error("out of disk");
  };
  await sid.holds(ADA);
  assert.deepEqual(sid.since(), ["CANNOT TELL", "buzz 5"]);
  sid.scanning.dismiss();
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), ["clear", "NOT A TICKET", "buzz 1", "field opens"]);
});

test("an undo names the last entry, and frees its code", async () => {
  const sid = door();
  await sid.holds(ADA);
  sid.answers(ok);
  await sid.scanning.undo();
  const { kind, undoes, proof } = sid.sent[1].row;
  assert.deepEqual({ kind, undoes, proof }, { kind: "undo", undoes: sid.sent[0].row.id, proof: null });
  sid.since();
  sid.answers({ verdict: "undone" });
  assert.deepEqual([sid.since(), sid.scanning.lastEntry()], [["UNDONE", "buzz 5"], null]);
  sid.scanning.dismiss();
  await sid.holds(ADA);
  assert.equal(sid.sent.length, 3);
});

test("there is nothing to undo before anyone came in", async () => {
  const sid = door();
  await sid.scanning.undo();
  assert.deepEqual([sid.seen, sid.sent], [[], []]);
});

test("who was found by reference holds the screen until let in or not", async () => {
  const sid = door();
  sid.scanning.offer(ok);
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), ["FOUND Ada Example"]);
  sid.scanning.letIn("the proof");
  await sid.settle();
  assert.deepEqual([sid.since(), sid.sent[0].row.proof], [["ONE MOMENT", "touch"], "the proof"]);
});

test("two tickets side by side are neither", async () => {
  const sid = door();
  sid.scanning.see([{ text: ADA, off: 50 }, { text: FOREIGN, off: 60 }]);
  await sid.settle();
  assert.deepEqual([sid.since(), sid.sent], [["hint: One ticket at a time"], []]);
});
