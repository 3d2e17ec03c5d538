import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, door, fresh, ok } from "./scanning-door.mjs";

// Who comes together: let in beside each other, and taken back

const INA = { verdict: "ok", name: "Ina Example", badge_name: "Ina", organisation: "House", badge: "Delegate" };
const one = { ...ok, along: ["abcdef"] };

/** A phone that has let in Ada, who comes with others, as the server has said. */
async function withAda(answer = one) {
  const sid = await door(fresh);
  await sid.holds(ADA);
  sid.answers(answer);
  sid.since();
  return sid;
}

test("DR-36 the verdict on somebody who comes with others stays, and the next code is taken all the same", async () => {
  const sid = await withAda();
  assert.deepEqual([sid.seen.together, sid.scanning.company().marks], [1, ["abcdef"]]);
  await sid.passes(60_000);
  assert.deepEqual([sid.since(), sid.scanning.isOpen()], [[], true]);
  sid.scanning.hold();
  assert.equal(sid.scanning.isOpen(), false, "not while their work IDs are looked at");
  const alone = await withAda(ok);
  assert.equal(alone.scanning.company(), null);
  await alone.passes(4000);
  assert.deepEqual(alone.since(), ["clear"]);
});

test("DR-36 whoever stands beside them is let in by a scan of their own, of the same moment, stored before it is sent", async () => {
  const sid = await withAda();
  const { row } = sid.sent[0];
  await sid.passes(9000);
  await sid.scanning.admitTogether(sid.scanning.company());
  const [, { row: theirs, before }] = sid.sent;
  assert.deepEqual([theirs.kind, theirs.proof, theirs.mark, theirs.beside, theirs.mono], ["in", row.proof, "abcdef", row.id, row.mono]);
  assert.deepEqual([theirs.id === row.id, before], [false, []]);
  assert.ok((await sid.store.oldest(9)).some(({ id }) => id === theirs.id));
  sid.since();
  sid.answers(INA);
  assert.deepEqual(sid.since(), ["can undo", "COME IN Ina Example", "buzz 1"]);
  assert.deepEqual([sid.scanning.company(), sid.scanning.lastAct().pair], [null, [row.id, theirs.id]]);
});

test("DR-36 three are one verdict, and go to the server together", async () => {
  const sid = await withAda({ ...ok, along: ["abcdef", "ghijkl"] });
  await sid.scanning.admitTogether(sid.scanning.company());
  const [, { row, before }] = sid.sent;
  assert.deepEqual([before.map(({ mark }) => mark), row.mark], [["abcdef"], "ghijkl"]);
  sid.since();
  sid.answers(INA, { row: before[0] });
  sid.answers({ verdict: "ask_lead" });
  assert.deepEqual(sid.since(), ["can undo", "can undo", "ASK THE LEAD", "buzz 3"]);
  assert.equal(sid.seen.first, "1 of 2 with them are let in");
});

test("DR-36 before Ada's own scan is answered, hers and theirs go together", async () => {
  const sid = await door({ ...fresh, along: ["abcdef"] });
  await sid.holds(ADA);
  await sid.passes(1200);
  const asked = sid.scanning.company();
  await sid.scanning.admitTogether(asked);
  const { row, before } = sid.sent.at(-1);
  assert.deepEqual([before.map(({ id }) => id), row.beside], [[asked.row.id], asked.row.id]);
  sid.since();
  await sid.passes(1200);
  assert.deepEqual(sid.since().at(-1), "striped COME IN – OFFLINE");
  const kept = (await sid.store.oldest(9)).map(({ offline, shown, tap }) => [offline, shown, tap]);
  assert.deepEqual(kept, [[true, "ok", ""], [true, "ok", ""]]);
  sid.answers(ok, { row: asked.row });
  sid.answers(INA);
  assert.equal(sid.since().filter((word) => word.startsWith("CHANGED")).length, 0);
});

test("DR-36 with a list that is not fresh both wait for the ticks, and both are told by the tap", async () => {
  const sid = await door({ ...fresh, verdict: "check_id", along: ["abcdef"] });
  await sid.holds(ADA);
  await sid.passes(1200);
  const asked = sid.scanning.company();
  assert.equal(sid.openScans.isHeld(asked.row.id), true);
  await sid.scanning.admitTogether(asked);
  await sid.passes(1200);
  const kept = (await sid.store.oldest(9)).map(({ offline, shown, tap, mark = "" }) => [offline, shown, tap, mark]);
  assert.deepEqual(kept, [[true, "check_id", "id_seen", ""], [true, "ok", "", "abcdef"]]);
});

test("DR-36 what the server says otherwise of whoever was let in alone fills the screen", async () => {
  const sid = await door({ ...fresh, along: ["abcdef"] });
  await sid.holds(ADA);
  await sid.passes(1200);
  await sid.scanning.admitTogether(sid.scanning.company());
  await sid.passes(1200);
  sid.since();
  sid.answers({ verdict: "already_in", at: "09:12", door: "Main door" });
  assert.deepEqual(sid.since().map((word) => word.slice(0, 21)), ["can undo", "CHANGED to ALREADY IN", "buzz 5"]);
});

test("DR-36 Ada's ticket, held up again, is still Ada's scan, and not that of who is beside her", async () => {
  const sid = await withAda();
  await sid.scanning.admitTogether(sid.scanning.company());
  const { row } = sid.sent.at(-1);
  assert.equal(sid.openScans.again(row.proof, "in"), undefined);
});

for (const [what, pick] of [["both", [0, 1]], ["the one who was scanned", [0]], ["the one beside them", [1]]]) {
  test(`DR-36 taking back ${what} is one verdict, and the others stay`, async () => {
    const sid = await withAda();
    await sid.scanning.admitTogether(sid.scanning.company());
    sid.answers(INA);
    const act = sid.scanning.lastAct();
    const ids = pick.map((n) => act.pair[n]);
    await sid.scanning.undo({ ...act, ids });
    const { row, before } = sid.sent.at(-1);
    assert.deepEqual([...before, row].map(({ undoes }) => undoes), ids);
    sid.since();
    for (const undo of [...before, row]) sid.answers({ verdict: "undone" }, { row: undo });
    assert.equal(sid.seen.first, ids.length > 1 ? "2 entries are taken back" : "The entry is taken back");
    assert.deepEqual(sid.scanning.lastAct()?.id, [null, act.pair[1], act.pair[0], null][pick.length > 1 ? 3 : pick[0] + 1] ?? undefined);
  });
}

for (const refused of [{ verdict: "speak_to_lead" }, { verdict: "wrong_door" }, { verdict: "too_late" }]) {
  test(`DR-36 ${refused.verdict} of whoever stands beside them is no question about Ada, whose ticket it is`, async () => {
    const sid = await withAda();
    await sid.scanning.admitTogether(sid.scanning.company());
    sid.answers(refused);
    const asked = sid.scanning.question();
    if (asked) await sid.scanning.decide(asked, "has_room", false);
    assert.equal(asked, null, `a lead would let ${sid.sent.at(-1).row.proof === sid.sent[0].row.proof ? "Ada" : "them"} in, again`);
    assert.equal(sid.sent.length, 2);
  });
}
