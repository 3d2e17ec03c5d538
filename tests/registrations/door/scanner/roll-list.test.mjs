import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, BO, cardKey, HOUR, phone, SALT, sealed, START } from "./roll-phone.mjs";

const KEYS = ["roll-list", "roll-list-of"];
const stored = (sid) => Promise.all(KEYS.map((key) => sid.store.recall(key)));
const names = (sid) => sid.rollList.rows().map(({ surname }) => surname);

async function carrying(...given) {
  const sid = await phone(...given);
  await sid.rollList.look();
  return sid;
}

test("it is fetched each minute, and sealed: the phone shows no row and stores no key", async () => {
  const sid = await carrying();
  assert.deepEqual([sid.server.asked, sid.rollList.isOpen(), names(sid)], [1, false, []]);
  sid.passes(59);
  await sid.rollList.look();
  assert.equal(sid.server.asked, 1);
  sid.passes(1);
  await sid.rollList.look();
  assert.equal(sid.server.asked, 2);
  assert.deepEqual(sid.rollList.facts(), { at: START, key: sid.server.boxes[0].key });
  const everything = JSON.stringify([...(await stored(sid)), await sid.store.remembered()]);
  assert.equal(everything.includes("Example"), false);
});

test("an open list stores no more than a sealed one: neither rows nor the key", async () => {
  const sid = await carrying();
  await sid.rollList.open(sid.key.key);
  sid.passes(60);
  await sid.rollList.look();
  const kept = await sid.store.recall("roll-list-of");
  assert.deepEqual([sid.server.asked, Object.keys(kept).toSorted()], [2, ["at", "fetched", "key", "pass", "salt"]]);
  assert.equal(kept.key, sid.server.boxes[0].key, "that is its name");
});

test("without an answer it is asked for at each look", async () => {
  const sid = await phone();
  sid.server.down = true;
  await assert.rejects(sid.rollList.look());
  await assert.rejects(sid.rollList.look());
  assert.equal(sid.server.asked, 2);
  assert.deepEqual([sid.rollList.facts(), sid.rollList.age()], [null, null]);
});

test("DR-38 the card's key opens it without a network, in order, after a restart too, but not by itself", async () => {
  const sid = await carrying();
  sid.server.down = true;
  const again = await sid.restarts();
  assert.equal(again.rollList.isOpen(), false, "the key is nowhere on the phone");
  assert.equal(await again.rollList.open(sid.key.key), true);
  assert.deepEqual(names(again), ["Example", "Sample"]);
  again.rollList.seal();
  assert.deepEqual([again.rollList.isOpen(), names(again)], [false, []]);
});

test("another key opens nothing, and what was open stays", async () => {
  const sid = await carrying();
  const other = await cardKey(new Uint8Array(16).fill(1));
  assert.equal(await sid.rollList.open(other.key), false);
  assert.equal(sid.rollList.isOpen(), false);
  await sid.rollList.open(sid.key.key);
  assert.equal(await sid.rollList.open(other.key), false);
  assert.deepEqual(names(sid), ["Example", "Sample"]);
});

test("an open list follows the newer one, and keeps whoever has left", async () => {
  const key = await cardKey();
  const sid = await carrying({ lists: [await sealed([BO], key), await sealed([ADA], key, { at: START + 60 })] });
  await sid.rollList.open(key.key);
  assert.deepEqual(names(sid), ["Sample"]);
  sid.passes(60);
  await sid.rollList.look();
  assert.deepEqual([names(sid), sid.rollList.facts().at], [["Example", "Sample"], START + 60]);
});

test("sealing wipes the key that was given out for it, not the one of the caller", async () => {
  const sid = await carrying();
  await sid.rollList.open(sid.key.key);
  sid.rollList.seal();
  assert.notDeepEqual([...sid.key.key], [...new Uint8Array(32)]);
});

test("where another key counts now, it is fetched again at once", async () => {
  const sid = await carrying();
  sid.rollList.expects(sid.rollList.facts().key);
  await sid.rollList.look();
  assert.equal(sid.server.asked, 1);
  sid.rollList.expects("00".repeat(16));
  await sid.rollList.look();
  assert.equal(sid.server.asked, 2);
});

for (const [says, happens] of [
  ["twelve hours after it was fetched", (sid) => sid.passes(12 * HOUR)],
  ["when the pass is over", (sid) => ((sid.held.seconds_left = HOUR), sid.passes(HOUR))],
  ["an hour after the close", (sid) => ((sid.held.closes_at = START + HOUR), sid.passes(2 * HOUR))],
  ["when the pass is another", (sid) => (sid.held.id = 2)],
  ["when there is no pass any more", (sid) => (sid.pass.get = () => null)],
  ["when the event's salt is another", (sid) => (sid.held.event = { ...sid.held.event, salt: "AAAAAAAAAAAAAAAAAAAAAA" })],
  ["when the phone has slept for twelve hours and one clock with it", (sid) => (sid.time.wall += 12 * HOUR * 1000)],
]) {
  test(`the list is destroyed ${says}, open or not`, async () => {
    const sid = await carrying();
    await sid.rollList.open(sid.key.key);
    sid.server.down = true;
    happens(sid);
    await sid.rollList.look().catch(() => {});
    assert.deepEqual([await stored(sid), sid.rollList.isOpen(), names(sid)], [[undefined, undefined], false, []]);
    assert.equal(await sid.rollList.open(sid.key.key), false);
  });
}

test("a clock set back revives no list", async () => {
  const sid = await carrying();
  sid.passes(13 * HOUR);
  sid.store.forget = async () => {}; // as if the phone had been off when its time came
  await sid.store.keep({ highest: sid.time.wall });
  const again = await phone({ store: sid.store, time: { wall: 1000, mono: 0, run: 2 } });
  assert.equal(again.rollList.facts(), null);
});

test("a list that was on its way when the phone got another pass is none of this pass's", async () => {
  const sid = await phone();
  const fetching = sid.rollList.refresh();
  sid.held.id = 2;
  await fetching;
  assert.equal(sid.rollList.facts(), null);
  assert.equal(sid.held.event.salt, SALT);
});
