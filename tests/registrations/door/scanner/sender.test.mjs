import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";
import { Bus } from "../../../../registrations/door/scanner/bus.mjs";
import { NoAnswer, SignedOut } from "../../../../registrations/door/scanner/server.mjs";
import { Sender } from "../../../../registrations/door/scanner/sender.mjs";

/** A phone whose server answers as told: each of `replies` is a verdict, an error to throw, or a body. */
async function phone(replies, ids = ["a"], pass = null) {
  const heard = { pass, asked: [], left: [], answers: [], connection: [], over: [], held: [], news: [], more: new Set() };
  const store = new Memory();
  const scan = { kind: "in", undoes: null, length: null, wall: 0, mono: 0, run: 1 };
  for (const id of ids) await store.add({ id, proof: id, ...scan });
  const ask = async (_path, { scans, to_send: left }) => {
    heard.asked.push(scans.map(({ id }) => id));
    heard.left.push(left);
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    if (typeof reply === "object") return { status: 200, body: reply };
    return { status: 200, body: { answers: scans.map(({ id }) => ({ id, verdict: reply })) } };
  };
  const bus = new Bus();
  bus.on("answered", ({ id, verdict }, _sent, isFinal) => heard.answers.push([id, verdict, isFinal]));
  bus.on("connection", ({ state }, toSend) => (heard.connection = [state, toSend]));
  bus.on("signed-out", (why) => heard.over.push(why));
  bus.on("heard", ({ version }) => heard.news.push(version));
  const sender = new Sender({
    store,
    ask,
    clock: { wall: () => 0, mono: () => 0, run: 1 },
    app: "1",
    bus,
    about: () => ({}),
    openScans: { isHeld: (id) => heard.held.includes(id), hasMore: ({ id }) => heard.more.delete(id) },
    exclusively: (work) => work(),
    pass: { get: () => heard.pass },
  });
  const now = async (id) => {
    const answered = await sender.sendNow((await store.oldest(99)).find((row) => row.id === id));
    sender.stop();
    return answered;
  };
  const drain = async () => {
    await sender.drain();
    sender.stop();
  };
  const beat = async () => {
    await sender.beat();
    sender.stop();
  };
  return { heard, store, sender, now, drain, beat };
}
const left = async (store) => (await store.oldest(99)).map(({ id }) => id);

test("a fresh scan goes alone, and leaves the phone with its answer", async () => {
  const { heard, store, now } = await phone(["ok"], ["old", "new"]);
  assert.equal(await now("new"), true);
  assert.deepEqual(heard.asked, [["new"]]);
  assert.deepEqual([heard.answers, heard.left], [[["new", "ok", true]], [1]]);
  assert.deepEqual([await left(store), heard.connection], [["old"], ["online", 1]]);
});

test("a fresh scan of which it is known how many wait with it asks the disk nothing before it is sent", async () => {
  const { heard, store, sender } = await phone(["ok"], ["old", "new"]);
  const [, row] = await store.oldest(9);
  const count = store.count.bind(store);
  let counted = 0;
  store.count = () => (counted++, count());
  const sending = sender.sendNow(row, [], 2);
  await null; // a turn in which no disk could have answered
  assert.deepEqual([heard.asked, heard.left, heard.connection, counted], [[["new"]], [1], ["online", 2], 0]);
  assert.equal(await sending, true);
  sender.stop();
});

test("an answer is heard while its row is still being deleted", async () => {
  const { heard, store, sender } = await phone(["ok"]);
  const drop = store.drop.bind(store);
  let deleted;
  store.drop = (ids) => new Promise((done) => (deleted = () => done(drop(ids))));
  const sending = sender.sendNow((await store.oldest(9))[0]);
  for (let turn = 0; turn < 5 && !deleted; turn++) await new Promise(setImmediate);
  assert.deepEqual([heard.answers, await left(store)], [[["a", "ok", true]], ["a"]]);
  deleted();
  assert.equal(await sending, true);
  sender.stop();
  assert.deepEqual(await left(store), []);
});

test("what was before with the same ticket goes ahead of a fresh scan", async () => {
  const { heard, store, sender } = await phone(["ok"], ["other", "entry", "undo"]);
  const [, entry, undo] = await store.oldest(9);
  assert.equal(await sender.sendNow(undo, [entry]), true);
  sender.stop();
  assert.deepEqual([heard.asked, heard.left, await left(store)], [[["entry", "undo"]], [2], ["other"]]);
});

test("all that waits goes in batches of fifty, oldest first", async () => {
  const ids = Array.from({ length: 120 }, (_, n) => String(n));
  const { heard, store, drain } = await phone(["ok", "unknown", "ok"], ids);
  await drain();
  assert.deepEqual(heard.asked, [ids.slice(0, 50), ids.slice(50, 100), ids.slice(100)]);
  assert.deepEqual([await left(store), heard.answers.length, heard.left], [[], 120, [70, 20, 0]]);
});

for (const [says, reply] of [
  ["no network", new NoAnswer("down")],
  ["a captive portal", { welcome: "to our Wi-Fi" }],
  ["the answer to another scan", { answers: [{ id: "other", verdict: "ok" }] }],
]) {
  test(`${says} is no answer: the row stays, with its id, and the bar says offline`, async () => {
    const { heard, store, now, drain } = await phone([reply, "ok"]);
    assert.equal(await now("a"), false);
    assert.deepEqual([heard.answers, await left(store), heard.connection], [[], ["a"], ["offline", 1]]);
    await drain();
    assert.deepEqual([heard.asked, heard.answers], [[["a"], ["a"]], [["a", "ok", true]]]);
    assert.deepEqual(heard.connection, ["online", 0]);
  });
}

test("a refusal is an answer: the row leaves the queue with it", async () => {
  const { store, drain } = await phone(["unknown"]);
  await drain();
  assert.deepEqual(await left(store), []);
});

test("a row that makes the server fail is tried five times and then given up", async () => {
  const { heard, store, drain } = await phone(Array(9).fill("error"));
  for (let n = 0; n < 7; n++) await drain();
  assert.deepEqual(heard.answers.map(([, , isFinal]) => isFinal), [false, false, false, false, true]);
  assert.deepEqual(await left(store), []);
});

test("DR-11 a bad code and a row that is always refused stop none of the scans around them", async () => {
  const ids = Array.from({ length: 20 }, (_, n) => String(n));
  const refused = { 4: { verdict: "invalid" }, 11: { verdict: "error", fault: "kind" } };
  const { heard, store, drain } = await phone([{ answers: ids.map((id) => ({ id, verdict: "ok", ...refused[id] })) }], ids);
  for (let n = 0; n < 10; n++) await drain();
  assert.deepEqual([heard.asked.length, await left(store)], [1, []]);
  assert.deepEqual(heard.answers.filter(([, verdict]) => verdict !== "ok").map(([id]) => id), ["4", "11"]);
});

test("five thousand scans wait, and go in a hundred batches, oldest first", async () => {
  const ids = Array.from({ length: 5000 }, (_, n) => String(n));
  const { heard, store, drain } = await phone(Array(100).fill("ok"), ids);
  assert.equal(await store.count(), 5000);
  await drain();
  assert.deepEqual([heard.asked.length, heard.asked.flat(), await store.count()], [100, ids, 0]);
});

test("a scan that a steward is still deciding on is not sent, the others are", async () => {
  const { heard, store, drain } = await phone(["ok", "ok"], ["a", "b"]);
  heard.held = ["b"];
  await drain();
  assert.deepEqual([heard.asked, await left(store)], [[["a"]], ["b"]]);
  heard.held = [];
  await drain();
  assert.deepEqual([heard.asked, await left(store)], [[["a"], ["b"]], []]);
});

test("DR-14 a row of which the server does not know all yet stays, and goes once more under its id", async () => {
  const { heard, store, now, drain } = await phone(["already_in", "already_in"]);
  heard.more.add("a");
  assert.equal(await now("a"), true);
  assert.deepEqual([heard.answers, await left(store)], [[["a", "already_in", false]], ["a"]]);
  await drain();
  assert.deepEqual([heard.asked, heard.answers[1], await left(store)], [[["a"], ["a"]], ["a", "already_in", true], []]);
});

test("a beat carries no scan and brings the version of the list; a line that is back sends what waits", async () => {
  const { heard, store, beat } = await phone([{ answers: [], version: 7 }, { answers: [{ id: "a", verdict: "ok" }] }]);
  await beat();
  assert.deepEqual([heard.asked, heard.news[0], await left(store)], [[[], ["a"]], 7, []]);
});

test("DR-15 a beat that is not answered changes nothing but the bar", async () => {
  const { heard, store, beat } = await phone([new NoAnswer("down")]);
  await beat();
  assert.deepEqual([heard.asked, heard.connection, await left(store)], [[[]], ["offline", 1], ["a"]]);
});

test("a phone that is signed out asks nothing more", async () => {
  const { heard, now } = await phone([new SignedOut("device_revoked")]);
  assert.equal(await now("a"), false);
  assert.deepEqual([heard.over, heard.answers], [["device_revoked"], []]);
});

test("the slowest of the last round trips says by how much a scan's time is unsure", async () => {
  let now = 0;
  const sent = [];
  const store = new Memory();
  const ask = async (_path, body) => {
    sent.push(body);
    now += sent.length === 1 ? 3000 : 100;
    return { status: 200, body: { answers: body.scans.map(({ id }) => ({ id, verdict: "ok" })) } };
  };
  const sender = new Sender({
    store, ask, clock: { wall: () => now, mono: () => now, run: 1 }, app: "1", bus: new Bus(), about: () => ({}),
    openScans: { isHeld: () => false, hasMore: () => false }, exclusively: (work) => work(), pass: { get: () => null },
  });
  await sender.idle();
  await store.add({ id: "a", proof: "a", wall: now, mono: now, run: 1 });
  await sender.drain();
  assert.deepEqual(sent[1].scans.map(({ unsure }) => unsure), [1.5]);
});

test("DR-23 whom the phone let in by itself before the server's last word came, it still has to tell of", async () => {
  const { heard, store, drain } = await phone([new SignedOut("device_revoked", ["a", "b"])], ["a", "b"]);
  heard.more.add("b");
  await drain();
  assert.deepEqual([await left(store), heard.over], [["b"], ["device_revoked"]]);
});

test("the end of the pass before is no end of the one that the phone has been given meanwhile", async () => {
  const { heard, store, drain } = await phone([{ get answers() {
    heard.pass = { id: 2 }; // another request has brought it
    throw new SignedOut("device_revoked", ["a"]);
  } }], ["a"], { id: 1 });
  await drain();
  assert.deepEqual([await left(store), heard.over], [[], []]);
});

test("DR-23 what the server kept with its last word leaves the phone, the rest does not", async () => {
  const { heard, store, drain } = await phone([new SignedOut("device_revoked", ["a", "b"])], ["a", "b", "c"]);
  await drain();
  assert.deepEqual([heard.over, await left(store)], [["device_revoked"], ["c"]]);
});

test("where the phone cannot read what is left it sends what it has, and never says that it was the last", async () => {
  const { heard, store, drain, now } = await phone(["ok", "ok"], ["a", "b"]);
  store.count = async () => null;
  assert.equal(await now("a"), true);
  assert.deepEqual([heard.left, heard.connection], [[1], ["online", null]]);
  await drain();
  assert.deepEqual([heard.asked, heard.left, await left(store)], [[["a"], ["b"]], [1, 1], []]);
  assert.deepEqual(heard.connection, ["online", null], "the bar does not say 0 to send");
});

test("a beat goes on looking for what a disk that cannot be read still holds", async () => {
  const { heard, store, beat } = await phone([{ answers: [] }, "ok"], ["a"]);
  store.count = async () => null;
  await beat();
  assert.deepEqual([heard.asked, await left(store)], [[[], ["a"]], []]);
});

test("once the server's last word has come nothing is tried again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { heard, store, sender } = await phone([new SignedOut("device_revoked"), "ok"]);
  await sender.sendNow((await store.oldest(9))[0]);
  mock.timers.tick(120_000);
  for (let n = 0; n < 9; n++) await new Promise(setImmediate);
  assert.deepEqual([heard.asked, heard.over], [[["a"]], ["device_revoked"]]);
  mock.timers.reset();
});

test("without an answer it is tried again by itself", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { heard, store, sender } = await phone([new NoAnswer("down"), "ok"]);
  await sender.sendNow((await store.oldest(9))[0]);
  mock.timers.tick(1000);
  for (let n = 0; n < 19; n++) await new Promise(setImmediate);
  assert.deepEqual([heard.asked, await left(store)], [[["a"], ["a"]], []]);
  mock.timers.reset();
});
