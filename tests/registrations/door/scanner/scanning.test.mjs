import assert from "node:assert/strict";
import { test } from "node:test";
import { Booking } from "../../../../registrations/door/scanner/booking.mjs";
import { Bus } from "../../../../registrations/door/scanner/bus.mjs";
import { LocalActs } from "../../../../registrations/door/scanner/local-acts.mjs";
import { OpenScans } from "../../../../registrations/door/scanner/open-scans.mjs";
import { Scanning } from "../../../../registrations/door/scanner/scanning.mjs";
import { Intake, Sightings } from "../../../../registrations/door/scanner/sightings.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";

// One of tests/vectors/ticket_code.json, and something that is no ticket
const ADA = "M1DE2YYFFZFEVFX9VWTAW6CB5HKCW";
const FOREIGN = "https://example.org/";
const ok = { verdict: "ok", name: "Ada Example", badge_name: "Ada", organisation: "Example", badge: "Delegate" };

/**
 * A steward at a door, whose server answers only when the test says so. What is seen and felt is written down. `says`
 * is what the phone's list says of whoever comes.
 */
async function door(says = { verdict: "offline" }) {
  let now = 0;
  let direction = "in";
  let isOpen = false;
  let timers = [];
  const seen = [];
  const sent = [];
  const store = new Memory();
  const screen = {
    hint: (words) => words && seen.push(`hint: ${words}`),
    checking: (described) => seen.push(["ONE MOMENT", described?.name].filter(Boolean).join(" ")),
    verdict({ frame, word, mark, name }, isLeads) {
      seen.push([frame, mark, word, name].filter(Boolean).join(" "));
      seen.isLeads = isLeads;
    },
    changed: ({ word }, count, when) => seen.push(`CHANGED to ${word}, ${count}, ${when}`),
    unchanged: () => seen.push("back"),
    found: ({ name }) => seen.push(`FOUND ${name}`),
    clear: () => seen.push("clear"),
    canUndo: (can) => can && seen.push("can undo"),
  };
  const clock = { wall: () => now, mono: () => now, run: 1 };
  const acts = new LocalActs({ store, clock });
  await acts.open(new Set());
  const bus = new Bus();
  bus.on("not-ours", () => seen.push("field opens"));
  const openScans = new OpenScans();
  const sightings = new Sightings();
  const after = (milliseconds, work) => {
    const timer = { at: now + milliseconds, work };
    timers.push(timer);
    return () => (timers = timers.filter((other) => other !== timer));
  };
  const pass = {
    get: () => ({ pass_mark: "7.mark", door: { opens: isOpen ? 0 : Infinity } }),
    now: () => 1000 + now / 1000,
    hourOf: (seconds) => `${Number((1000 + now / 1000 - seconds).toFixed(3))} s ago`,
  };
  const scanning = new Scanning({
    store, openScans, acts, screen, clock, after, pass, bus,
    sender: {
      sendNow: (row, before, count) => new Promise((done) => sent.push({ row, before, count, done })),
      doubt: () => seen.doubts++,
    },
    offline: {
      judge: async (_derived, proof) => {
        const said = await says;
        return (await acts.of(proof))?.way === "in" ? { ...said, verdict: "already_in" } : said;
      },
    },
    booking: new Booking({ acts, pass, screen, sightings, clock }),
    feel: { touch: () => seen.push("touch"), sign: ({ buzz }) => seen.push(`buzz ${buzz.length}`) },
    direction: { get: () => direction },
    initials: { get: () => "AB" },
  });
  scanning.begin(new Uint8Array(16), []);
  const intake = new Intake({ scanning, sightings, screen, clock, after, direction: { used() {} } });
  const next = (end) => timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  /** Until nothing is under way any more, however slow the machine is. */
  async function settle() {
    for (let turn = 0; turn < 5; turn++) {
      await intake.see([]);
      await new Promise(setImmediate);
    }
  }
  const turn = async () => {
    for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  };
  return {
    scanning, intake, openScans, seen, sent, store, acts, turn,
    turns: () => (direction = "out"),
    opens: () => (isOpen = true),
    async holds(text) {
      await intake.see([{ text, off: 0 }]);
      await settle();
    },
    async passes(milliseconds) {
      const end = now + milliseconds;
      for (let due = next(end); due; due = next(end)) {
        now = due.at;
        timers = timers.filter((timer) => timer !== due);
        due.work();
      }
      now = end;
      await settle();
    },
    answers(answer, { row } = sent.at(-1)) {
      scanning.answered({ id: row.id, ...answer }, answer.verdict !== "error");
    },
    since: () => seen.splice(0),
    settle,
  };
}

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
  for (let n = 0; n < 200 && !(await begun()); n++) await sid.turn();
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
  for (let n = 0; n < 200 && !(await begun()); n++) await sid.turn();
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

test("the next guest takes the screen, but not within 700 milliseconds", async () => {
  const sid = await door();
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
  const sid = await door();
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
  const sid = await door();
  await sid.holds(FOREIGN);
  assert.deepEqual(sid.since(), ["NOT A TICKET", "buzz 1", "field opens"]);
  assert.deepEqual([sid.sent[0].row.kind, sid.sent[0].row.length, sid.sent[0].row.proof], ["invalid", 20, null]);
  sid.answers({ verdict: "invalid" });
  assert.deepEqual(sid.since(), []);
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

test("a line that fails at once is offline at once", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.since();
  sid.sent[0].done(false);
  await sid.settle();
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

test("two tickets side by side are neither", async () => {
  const sid = await door();
  sid.intake.see([{ text: ADA, off: 50 }, { text: FOREIGN, off: 60 }]);
  await sid.settle();
  assert.deepEqual([sid.since(), sid.sent], [["hint: One ticket at a time"], []]);
});

const listed = { name: "Ada Example", badge_name: "Ada", organisation: "Example", badge: "Delegate", list: "09:31" };
const fresh = { verdict: "ok", ...listed };

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
  assert.equal(sid.since()[3 - 1].startsWith("can undo"), true);
  assert.equal((await sid.acts.of(sid.sent[0].row.proof)).way, "in");
});

test("DR-31 leaving without having come in is one question, whose yes is a scan of its own", async () => {
  const sid = await door({ ...listed, verdict: "came_in_elsewhere" });
  sid.turns();
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

test("a sample of the practice card is shown and never stored, sent or booked", async () => {
  const sid = await door(fresh);
  await sid.holds("MUSTER:PRACTICE:COME-IN");
  assert.deepEqual(sid.since(), ["striped PRACTICE COME IN Practice Person", "buzz 1"]);
  assert.deepEqual([sid.sent, await sid.store.count(), sid.scanning.lastAct()], [[], 0, null]);
});

test("a late answer is no question, since whom it is about has gone", async () => {
  const sid = await door({ verdict: "out" });
  sid.turns();
  await sid.holds(ADA);
  await sid.passes(1200);
  sid.since();
  sid.answers({ verdict: "came_in_elsewhere" });
  assert.deepEqual(sid.since(), ["can undo", "CHANGED to ASK THE LEAD, 1, 1.2 s ago", "buzz 5"]);
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
  sid.turns();
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
    sid.turns();
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

const alreadyIn = { verdict: "already_in", ...listed, at: "09:12", door: "Main door" };
const decided = ({ kind, proof, undoes, code, tap, offline, shown }) => ({ kind, proof, undoes, code, tap, offline, shown });

test("the lead decides on who is already in: a scan of its own, with the reason, that lets in", async () => {
  const sid = await door();
  await sid.holds(ADA);
  sid.answers(alreadyIn);
  assert.equal(sid.seen.isLeads, true);
  const asked = sid.scanning.question();
  assert.deepEqual(asked.codes.map(([code]) => code), ["left_without_scan", "wrong_person_before", "code_shared"]);
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

for (const answer of [
  ok, { verdict: "unknown" }, { verdict: "ask_lead", reference: "HK7-4QD" }, { verdict: "error" }, { verdict: "turned_away" },
]) {
  test(`${answer.verdict} is nothing that a lead decides on this phone`, async () => {
    const sid = await door();
    await sid.holds(ADA);
    sid.answers(answer);
    assert.deepEqual([sid.seen.isLeads, sid.scanning.question()], [false, null]);
  });
}

test("a lead may practise to decide: a come in of the card, of which nothing is stored or sent", async () => {
  const sid = await door();
  await sid.holds("MUSTER:PRACTICE:ALREADY-IN");
  assert.equal(sid.seen.isLeads, true);
  const asked = sid.scanning.question();
  assert.deepEqual([asked.isPractice, asked.codes.length], [true, 3]);
  sid.since();
  sid.scanning.decide(asked, "code_shared", false);
  assert.deepEqual(sid.since(), ["striped PRACTICE COME IN Practice Person", "buzz 1"]);
  assert.deepEqual([sid.sent, await sid.store.count(), sid.scanning.lastAct()], [[], 0, null]);
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
