import assert from "node:assert/strict";
import { test } from "node:test";
import { Bus } from "../../../../registrations/door/scanner/bus.mjs";
import { Drain } from "../../../../registrations/door/scanner/drain.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";
import { NoAnswer, SignedOut } from "../../../../registrations/door/scanner/server.mjs";

const DOWN = new NoAnswer("down");
const KEPT = "kept"; // all that came is kept, and that is the last word

/** A phone that is signed out with so many scans unsent; each of `replies` is what the server says next. */
async function phone(count, ...replies) {
  const heard = { asked: [], shown: [], ends: [], waits: [] };
  const store = new Memory();
  for (let n = 0; n < count; n++) await store.add({ id: String(n), kind: "in", wall: 0, mono: 0, run: 1 });
  const ask = async (path, body) => {
    heard.asked.push(path === "scans" ? [body.scans.length, body.to_send] : path);
    const reply = replies.shift();
    if (reply === KEPT) throw new SignedOut("device_revoked", body.scans.map(({ id }) => id));
    if (reply instanceof Error) throw reply;
  };
  const bus = new Bus();
  bus.on("erase", async () => heard.ends.push("erased"));
  bus.on("left", (left) => heard.shown.push(left));
  bus.on("handed-over", async () => heard.ends.push("wiped"));
  bus.on("unpaired", () => heard.ends.push("unpaired"));
  bus.on("taken-over", () => heard.ends.push("taken over"));
  const drain = new Drain({
    store,
    ask,
    clock: { wall: () => 0, mono: () => 0, run: 1 },
    app: "1",
    bus,
    after: (_, work) => {
      heard.waits.push(work);
      return () => {};
    },
  });
  return { heard, store, drain };
}

test("DR-19 it signs out first, hands over all of it, and only then wipes", async () => {
  const { heard, store, drain } = await phone(120, undefined, KEPT, KEPT, KEPT);
  await drain.begin();
  assert.deepEqual(heard.asked, ["sign-out", [50, 70], [50, 20], [20, 0]]);
  assert.deepEqual([heard.shown, heard.ends], [[120, 70, 20, 0], ["erased", "wiped"]]);
  assert.equal(await store.count(), 0);
});

test("DR-19 without a network it keeps them, through a restart, and goes on at the next contact", async () => {
  const { heard, store, drain } = await phone(3, DOWN, DOWN, undefined, KEPT);
  assert.equal(await drain.isUnderWay(), false);
  await drain.begin();
  assert.deepEqual([await drain.isUnderWay(), await store.count(), heard.waits.length], [true, 3, 1]);
  await drain.resume();
  assert.deepEqual([heard.ends, await store.count()], [["erased", "erased"], 3]);
  await drain.hurry();
  assert.deepEqual([heard.asked, heard.ends.at(-1)], [["sign-out", "sign-out", "sign-out", [3, 0]], "wiped"]);
});

test("a phone whose pass is over already has nothing to sign out of", async () => {
  const { heard, drain } = await phone(1, new SignedOut("device_revoked"), KEPT);
  await drain.begin();
  assert.deepEqual([heard.asked, heard.ends], [["sign-out", [1, 0]], ["erased", "wiped"]]);
});

test("another tab has paired the phone anew: this one signs nothing out, and wipes nothing", async () => {
  const { heard, store, drain } = await phone(1, DOWN);
  await drain.begin();
  await store.forget(["draining"]);
  await heard.waits[0]();
  assert.deepEqual([heard.asked, heard.ends, await store.count()], [["sign-out"], ["erased", "taken over"], 1]);
});

test("paired anew in this tab while a question is on its way, it asks no more, and shows nothing", async () => {
  const { heard, store, drain } = await phone(1, undefined, DOWN);
  const leaves = drain.begin();
  drain.pause();
  await leaves;
  assert.deepEqual([heard.ends, heard.waits, await store.count()], [["erased"], [], 1]);
});

for (const [says, reply] of [
  ["has kept nothing", new SignedOut("device_revoked")],
  ["does not answer", DOWN],
  ["answers as if the pass were good", undefined],
]) {
  test(`where the server ${says}, no scan leaves the phone`, async () => {
    const { heard, store, drain } = await phone(2, undefined, reply);
    await drain.begin();
    assert.deepEqual([await store.count(), heard.ends, heard.waits.length], [2, ["erased"], 1]);
  });
}

test("the connection fails between two batches: what is kept has gone, the rest stays", async () => {
  const { heard, store, drain } = await phone(60, undefined, KEPT, DOWN, new SignedOut("device_revoked"), KEPT);
  await drain.begin();
  assert.equal(await store.count(), 10);
  await heard.waits[0]();
  assert.deepEqual(heard.asked, ["sign-out", [50, 10], [10, 0], "sign-out", [10, 0]]);
  assert.equal(heard.ends.at(-1), "wiped");
});

test("a phone that the server does not know any more keeps them for its next pass", async () => {
  const { heard, store, drain } = await phone(2, new SignedOut("unpaired"));
  await drain.begin();
  assert.deepEqual([heard.ends, await store.count(), await drain.isUnderWay()], [["erased", "unpaired"], 2, false]);
});

test("where the server has kept some of what came, only those leave the phone", async () => {
  const { heard, store, drain } = await phone(3, undefined, new SignedOut("device_revoked", ["0", "2"]), DOWN);
  await drain.begin();
  assert.deepEqual((await store.oldest(9)).map(({ id }) => id), ["1"]);
  assert.deepEqual([heard.asked, heard.ends, heard.waits.length], [["sign-out", [3, 0], [1, 0]], ["erased"], 1]);
});

test("a phone that cannot read what it holds sends what it sees, says so, and is wiped only once it can", async () => {
  const { heard, store, drain } = await phone(2, undefined, KEPT, undefined, KEPT);
  const count = store.count.bind(store);
  store.count = async () => null;
  await drain.begin();
  assert.deepEqual(heard.asked, ["sign-out", [2, 1]], "it never says that none is left");
  assert.deepEqual([heard.shown, heard.ends, heard.waits.length], [[null, null, null], ["erased"], 1]);
  store.count = count;
  await store.add({ id: "was hidden", kind: "in", wall: 0, mono: 0, run: 1 });
  await heard.waits[0]();
  assert.deepEqual([heard.asked.slice(2), heard.ends], [["sign-out", [1, 0]], ["erased", "wiped"]]);
});
