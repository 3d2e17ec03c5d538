import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { GuestList } from "../../../../registrations/door/scanner/guest-list.mjs";
import { Bus } from "../../../../registrations/door/scanner/bus.mjs";
import { LocalActs } from "../../../../registrations/door/scanner/local-acts.mjs";
import { since } from "../../../../registrations/door/scanner/elapsed.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";
import { writeList } from "../../../../registrations/door/scanner/sealed-list.mjs";
import { toBase64url } from "../../../../registrations/door/scanner/sealing.mjs";

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const [first, second] = JSON.parse(readFileSync(new URL("../../../vectors/sealing.json", import.meta.url)));
const salt = bytes(first.salt);
const derived = { id: bytes(first.id), key: bytes(first.key) };
const START = 1555311600; // seconds
const HOUR = 3600;
const blob = (version, some, base = 0) => {
  const sorted = some.map(({ row }) => bytes(row)).toSorted(Buffer.compare);
  return writeList({ base, version, madeAt: START * 1000, salt, rows: new Uint8Array(Buffer.concat(sorted)) });
};

/** A phone with a pass for ten hours, whose two clocks the test moves, and whose server has these lists. */
async function phone(lists = [blob(7, [first])], store = new Memory(), time = { wall: 0, mono: 0, run: 1 }) {
  const clock = { wall: () => time.wall, mono: () => time.mono, get run() { return time.run; } };
  const asked = [];
  const pass = { id: 1, seconds_left: 20 * HOUR, closes_at: null, list_lives: 12 * HOUR, event: { salt: toBase64url(salt) } };
  const held = { ...pass, got: { wall: 0, mono: 0, run: 1 } };
  const sid = { slow: 0, told: [] }; // seconds that a list is on its way for
  const bus = new Bus();
  bus.on("list-asked", ({ mono }) => sid.told.push(["asked", mono]));
  bus.on("list-changed", () => sid.told.push("changed"));
  const guestList = new GuestList({
    store,
    clock,
    fetchList: async (version) => {
      asked.push(version);
      pass_(sid.slow);
      return lists.shift() ?? new Uint8Array(0);
    },
    pass: { get: () => held, now: () => START + since(held.got, clock) },
    bus,
  });
  await guestList.load();
  const pass_ = (seconds) => ((time.wall += seconds * 1000), (time.mono += seconds * 1000));
  const restarts = () => phone(lists, store, { wall: time.wall, mono: 0, run: time.run + 1 });
  return Object.assign(sid, { guestList, asked, time, held, store, restarts, passes: pass_ });
}
const carrying = async (...given) => {
  const sid = await phone(...given);
  await sid.guestList.follow(7);
  return sid;
};

test("a lead's card counts as long as the newest list has it, and as there is a list", async () => {
  const id = new Uint8Array(16).fill(7);
  const carded = (version, cards, base = 0) => {
    const rows = base ? new Uint8Array() : bytes(first.row);
    return writeList({ base, version, madeAt: START * 1000, salt, rows, cards });
  };
  const sid = await carrying([carded(7, id), carded(9, new Uint8Array(), 7)]);
  assert.deepEqual([sid.guestList.hasCards(), sid.guestList.isCard(id), sid.guestList.isCard(new Uint8Array(16))], [true, true, false]);
  const again = await sid.restarts();
  assert.equal(again.guestList.isCard(id), true, "it is kept with the list");
  await sid.guestList.follow(9);
  assert.deepEqual([sid.guestList.hasCards(), sid.guestList.isCard(id)], [false, false]);
  const gone = await carrying([carded(7, id)]);
  gone.passes(12 * HOUR);
  assert.deepEqual([gone.guestList.hasCards(), gone.guestList.isCard(id)], [false, false]);
});

test("a list is fetched whole once, and then followed by its version", async () => {
  const sid = await carrying([blob(7, [first]), blob(9, [second], 7)]);
  assert.deepEqual(sid.guestList.facts(), { version: 7, count: 1, at: START });
  await sid.guestList.follow(7);
  await sid.guestList.follow(9);
  assert.deepEqual([sid.asked, sid.guestList.facts().count], [[0, 7], 2]);
  assert.deepEqual(await sid.guestList.record(derived), first.record);
});

test("news that do not fit the list bring the whole list", async () => {
  const sid = await carrying([blob(7, [first]), blob(9, [second], 8), blob(9, [first, second])]);
  await sid.guestList.follow(9);
  assert.deepEqual([sid.asked, sid.guestList.facts().version], [[0, 7, 0], 9]);
});

test("what is no list leaves the one there is", async () => {
  const sid = await carrying([blob(7, [first]), new TextEncoder().encode("<html>Welcome</html>")]);
  await sid.guestList.follow(9);
  assert.equal(sid.guestList.facts().version, 7);
});

test("a list is as old as the server's last word that it is right", async () => {
  const sid = await carrying();
  sid.passes(400);
  assert.equal(sid.guestList.age(), 400);
  await sid.guestList.follow(7);
  sid.passes(20);
  assert.deepEqual([sid.guestList.age(), sid.guestList.facts().at], [20, START + 400]);
});

test("a list outlives a restart, with its age", async () => {
  const sid = await carrying();
  sid.passes(100);
  const again = await sid.restarts();
  assert.deepEqual([again.guestList.age(), again.guestList.facts().version], [100, 7]);
});

for (const [says, happens] of [
  ["twelve hours after it was fetched", (sid) => sid.passes(12 * HOUR)],
  ["when the pass is over", (sid) => ((sid.held.seconds_left = HOUR), sid.passes(HOUR))],
  ["an hour after the close", (sid) => ((sid.held.closes_at = START + HOUR), sid.passes(2 * HOUR))],
  ["when the pass is another", (sid) => (sid.held.id = 2)],
  ["when the event's salt is another", (sid) => (sid.held.event.salt = toBase64url(new Uint8Array(16)))],
  ["when the phone has slept for twelve hours and one clock with it", (sid) => (sid.time.wall += 12 * HOUR * 1000)],
]) {
  test(`DR-22 the list is destroyed ${says}`, async () => {
    const sid = await carrying();
    happens(sid);
    assert.deepEqual([sid.guestList.age(), await sid.guestList.record(derived)], [null, null]);
    await sid.guestList.look();
    assert.deepEqual([await sid.store.recall("guest-list"), await sid.store.recall("guest-list-of")], [undefined, undefined]);
  });
}

test("DR-22 a list that ended while the phone was off is destroyed when the page starts", async () => {
  const sid = await carrying();
  sid.passes(12 * HOUR);
  assert.notEqual(await sid.store.recall("guest-list"), undefined, "the page had no chance to look");
  const again = await sid.restarts();
  assert.deepEqual([await again.store.recall("guest-list"), await again.store.recall("guest-list-of")], [undefined, undefined]);
  assert.deepEqual(again.told, ["changed"]);
});

for (const [says, wall] of [
  ["to 1970", -START * 1000],
  ["to just after the list was fetched", 1000],
  ["to before the list was fetched", -HOUR * 1000],
]) {
  test(`DR-22 DR-17 a clock set back ${says} revives no list`, async () => {
    const sid = await carrying();
    sid.passes(13 * HOUR);
    sid.held.seconds_left = 90 * HOUR;
    sid.store.forget = async () => {}; // as if the phone had been off when its time came
    await sid.store.keep({ highest: sid.time.wall });
    const again = await phone([], sid.store, { wall, mono: 0, run: 2 });
    assert.equal(again.guestList.age(), null);
  });
}

test("DR-17 a clock that was a day ahead and is set right counts again from the next list", async () => {
  const sid = await carrying([blob(7, [first]), blob(7, [first])], new Memory(), { wall: 86_400_000, mono: 0, run: 1 });
  await sid.guestList.look();
  sid.time.wall = 0;
  sid.held.got = { wall: 0, mono: 0, run: 1 };
  const again = await sid.restarts();
  assert.equal(again.guestList.age(), null);
  again.held.got = { wall: 0, mono: 0, run: 2 };
  await again.guestList.follow(7);
  const third = await again.restarts();
  assert.equal(third.guestList.age(), 0);
});

const at = (wall, mono, run = 1) => ({ wall: () => wall * 1000, mono: () => mono * 1000, run });
/** What this phone did, as far as it knows once the page has started. */
async function opened(store, waiting, clock, asked = null) {
  const acts = new LocalActs({ store, clock });
  await acts.open(waiting, asked);
  return acts;
}

test("a list asked for in this run of the page knows what was answered in an earlier one", async () => {
  const sid = await carrying([blob(7, [first]), blob(9, [second], 7)]);
  const acts = await opened(sid.store, new Set(), at(0, 0));
  await acts.passed({ proof: "ada", id: "1" }, "in", START);
  await acts.passed({ proof: "bo", id: "2" }, "in", START);
  const again = await sid.restarts();
  assert.equal(again.guestList.asked(), null);
  const kept = await opened(again.store, new Set(["2"]), at(0, 0, 2), again.guestList.asked());
  assert.deepEqual([(await kept.of("ada")).way, (await kept.of("bo")).way], ["in", "in"]);
  await again.guestList.follow(9);
  assert.equal(again.guestList.asked().run, 2);
  const anew = await opened(again.store, new Set(["2"]), at(0, 0, 2), again.guestList.asked());
  assert.deepEqual([await anew.of("ada"), (await anew.of("bo")).way], [undefined, "in"]);
});

test("a list that was on its way when the phone got another pass is none of this pass's", async () => {
  const sid = await phone();
  const following = sid.guestList.follow(7);
  sid.held.id = 2;
  await following;
  assert.equal(sid.guestList.facts(), null);
});


test("DR-22 the latest wall clock ever shown is noted every few seconds, and known after a restart", async () => {
  const sid = await carrying();
  sid.passes(40);
  await sid.guestList.look();
  assert.equal(await sid.store.recall("highest"), 40_000);
  sid.time.wall = 1000;
  sid.passes(30);
  await sid.guestList.look();
  assert.equal(await sid.store.recall("highest"), 40_000, "a clock set back is not the latest");
});

test("news are about the list there is, and a list whose time is over is asked for whole", async () => {
  const sid = await carrying([blob(7, [first]), blob(9, [first, second])]);
  sid.held.list_lives = 60;
  sid.passes(61);
  await sid.guestList.follow(9);
  assert.deepEqual([sid.asked, sid.guestList.facts().count], [[0, 0], 2]);
});

test("a list is as old as the question it answers, not as its answer", async () => {
  const sid = await phone([blob(7, [first])]);
  sid.slow = 30;
  await sid.guestList.follow(7);
  assert.equal(sid.guestList.age(), 30);
  assert.deepEqual(sid.guestList.asked(), { wall: 0, mono: 0, run: 1 });
});

test("whoever is to know hears that a list came, and that it is gone", async () => {
  const sid = await phone();
  await sid.guestList.follow(7);
  assert.deepEqual(sid.told, [["asked", 0], "changed"]);
  await sid.guestList.destroy();
  assert.deepEqual(sid.told.at(-1), "changed");
});
