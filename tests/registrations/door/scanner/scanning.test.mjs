import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, FOREIGN, door, fresh, ok } from "./scanning-door.mjs";

test("a scan is stored before it is shown, shown before it is sent, and green only by the server's word", async () => {
  const sid = await door();
  await sid.holds(ADA);
  assert.deepEqual(sid.since(), ["ONE MOMENT", "touch"]);
  assert.deepEqual(await sid.store.oldest(9), sid.sent.map(({ row }) => row));
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ada Example", "buzz 1"]);
});

test("a scan is stored while the list is asked, and neither shown nor sent before both are done", async () => {
  let judged;
  const sid = await door(new Promise((done) => (judged = done)));
  const begun = async () => (await sid.store.oldest(9)).length;
  sid.intake.see([{ text: ADA, off: 0 }]);
  while (!(await begun())) await sid.turn();
  const [row] = await sid.store.oldest(9);
  assert.deepEqual([sid.since(), sid.sent, sid.openScans.isHeld(row.id)], [[], [], true]);
  judged(ok);
  await sid.settle();
  assert.deepEqual([sid.since(), sid.openScans.isHeld(row.id)], [["ONE MOMENT Ada Example", "touch"], false]);
  assert.deepEqual(sid.sent.map((message) => [message.row, message.before, message.count]), [[row, [], 1]]);
});

test("nor is it shown or sent before it is stored", async () => {
  const sid = await door(ok);
  const add = sid.store.add.bind(sid.store);
  let written;
  const begun = async () => written;
  sid.store.add = (row) => new Promise((done) => (written = () => done(add(row))));
  sid.intake.see([{ text: ADA, off: 0 }]);
  while (!(await begun())) await sid.turn();
  assert.deepEqual([sid.since(), sid.sent], [[], []]);
  written();
  await sid.settle();
  assert.deepEqual([sid.since(), sid.sent.length], [["ONE MOMENT Ada Example", "touch"], 1]);
});

test("a list that cannot be asked stops no scan: the server is", async () => {
  const sid = await door({ then: (_, fails) => fails(new Error("of ours")) });
  await sid.holds(ADA);
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["ONE MOMENT", "touch", "can undo", "COME IN Ada Example", "buzz 1"]);
});

test("the camera may rest from a code until its answer has been seen, and wakes behind one that waits for a tap", async () => {
  const sid = await door(ok);
  const rests = () => sid.scanning.isUnderWay();
  assert.equal(rests(), false);
  await sid.holds(ADA);
  assert.equal(rests(), true);
  sid.answers({ ...ok, verdict: "already_in" });
  await sid.passes(699);
  assert.equal(rests(), true);
  await sid.passes(1);
  assert.deepEqual([rests(), sid.since().at(-2)], [false, "ALREADY IN Ada Example"]);
});

test("nothing of the code is stored or sent, only its proof", async () => {
  const sid = await door();
  await sid.holds(ADA);
  const { id, ...row } = sid.sent[0].row;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.deepEqual({ ...row, proof: row.proof.length }, {
    kind: "in", proof: 22, undoes: null, length: null, offline: false, shown: "", tap: "", code: "", initials: "AB",
    pass_mark: "7.mark", wall: 0, mono: 0, run: 1,
  });
  assert.equal(JSON.stringify(sid.sent[0].row).includes(ADA.slice(2, 12)), false);
});

test("a come in stays for four seconds", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.answers(ok);
  sid.since();
  await sid.passes(3999);
  assert.deepEqual(sid.since(), []);
  await sid.passes(1);
  assert.deepEqual(sid.since(), ["clear"]);
});

test("after 1,200 milliseconds without an answer the screen says offline, and never green", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.since();
  await sid.passes(1199);
  assert.deepEqual(sid.since(), []);
  await sid.passes(1);
  assert.deepEqual(sid.since(), ["striped OFFLINE CANNOT TELL", "buzz 5"]);
});

test("an answer that comes late fills the screen until it is tapped", async () => {
  const sid = await door();
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
  const sid = await door();
  await sid.holds(ADA);
  await sid.passes(1200);
  sid.scanning.dismiss();
  await sid.scanning.letIn("another proof");
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
  const sid = await door();
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
  const sid = await door();
  await sid.holds(ADA);
  sid.since();
  sid.answers({ verdict: "error", fault: "7F3A" });
  sid.answers({ verdict: "error", fault: "7F3B" });
  sid.answers(ok);
  assert.deepEqual(sid.since(), ["CANNOT TELL", "buzz 5", "can undo", "CHANGED to COME IN, 1, 0 s ago", "buzz 5"]);
});

test("a failure of the phone's own is said and does not stop the next scan", async () => {
  const sid = await door();
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
  const sid = await door();
  await sid.holds(ADA);
  sid.answers(ok);
  await sid.scanning.undo();
  const { kind, undoes, proof } = sid.sent[1].row;
  assert.deepEqual({ kind, undoes, proof }, { kind: "undo", undoes: sid.sent[0].row.id, proof: sid.sent[0].row.proof });
  sid.since();
  sid.answers({ verdict: "undone" });
  assert.deepEqual([sid.since(), sid.scanning.lastAct()], [["UNDONE", "buzz 5"], null]);
  sid.scanning.dismiss();
  await sid.passes(1501);
  await sid.holds(ADA);
  assert.equal(sid.sent.length, 3);
});

test("after an undo a code that is still in view is not scanned again by itself, neither then nor when the network is back", async () => {
  const sid = await door(fresh);
  const staysInView = async (milliseconds) => {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      await sid.passes(100);
      await sid.intake.see([{ text: ADA, off: 0 }]);
    }
  };
  await sid.holds(ADA);
  await staysInView(2000);
  await sid.scanning.undo();
  await staysInView(1300);
  sid.scanning.dismiss();
  await staysInView(6000);
  sid.answers({ verdict: "undone" });
  await staysInView(6000);
  assert.deepEqual(sid.sent.map(({ row }) => row.kind), ["in", "undo"]);
  await sid.passes(1501);
  await sid.holds(ADA);
  assert.deepEqual(sid.sent.map(({ row }) => row.kind), ["in", "undo", "in"], "held up anew it counts");
  sid.answers({ verdict: "undone" }, sid.sent[1]);
  await staysInView(2000);
  assert.equal(sid.sent.length, 3);
});

test("there is nothing to undo before anyone came in", async () => {
  const sid = await door();
  await sid.scanning.undo();
  assert.deepEqual([sid.seen, sid.sent], [[], []]);
});

test("who was found by reference holds the screen until let in or not", async () => {
  const sid = await door();
  sid.scanning.offer(ok);
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), ["FOUND Ada Example"]);
  await sid.scanning.letIn("the proof");
  assert.deepEqual([sid.since(), sid.sent[0].row.proof], [["ONE MOMENT", "touch"], "the proof"]);
});
