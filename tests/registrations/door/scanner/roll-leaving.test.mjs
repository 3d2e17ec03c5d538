import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";
import { phone } from "./roll-phone.mjs";

/** A phone whose unsent ticks get through at the given tries: `handed` are the answers, the last one for ever. */
async function leaving({ handed = [true] } = {}) {
  const page = openPage({}, "roll.html");
  const { RollLeaving } = await import("../../../../registrations/door/scanner/roll-leaving.mjs");
  const sid = await phone();
  await sid.rollList.look();
  await sid.store.keep({ pass: { id: 1 } });
  const said = [];
  const say = (name) => async () => void said.push(name);
  page.location.replace = (path) => said.push(path);
  globalThis.indexedDB = { deleteDatabase: (name) => (said.push(`deletes ${name}`), { set onsuccess(done) { setImmediate(done); } }) };
  globalThis.caches = { keys: async () => [] };
  globalThis.window = {};
  const sender = { handOver: async () => (handed.length > 1 ? handed.shift() : handed[0]), count: async () => 3 };
  const made = new RollLeaving({
    store: Object.assign(sid.store, { close: say("closes") }), tickStore: sid.tickStore, rollList: sid.rollList, sender,
    pass: { forget: say("forgets the pass") }, help: { forget: say("forgets the call") }, goodbye: say("says goodbye"), stops: [say("stops")],
  });
  return { ...page, ...sid, leaving: made, said };
}

test("the end of the pass stops all, erases list and pass, wipes, and says so", async () => {
  const { leaving: made, said, rollList } = await leaving();
  await made.signedOut("device_revoked");
  assert.deepEqual(said, [
    "stops", "forgets the call", "forgets the pass", "stops", "closes", "deletes muster-door", "deletes muster-roll-call",
    "says goodbye", "/door/over",
  ]);
  assert.deepEqual([rollList.facts(), made.isOver()], [null, true]);
});

test("what was ticked is handed over first, however often that takes; no name waits with it", async () => {
  const { leaving: made, said, store, byId } = await leaving({ handed: [false, false, true] });
  await made.signedOut("device_revoked");
  assert.deepEqual([byId("leaving").hidden, textOf("leaving-says")], [false, "3 ticks and prints still to send: keep this page open until there is a network."]);
  assert.deepEqual([await store.recall("roll-list"), await store.recall("pass"), said.includes("/door/over")], [undefined, undefined, false]);
  await made.goOn();
  assert.equal(said.includes("/door/over"), false);
  await made.goOn();
  assert.equal(said.at(-1), "/door/over");
  await made.goOn();
  assert.equal(said.filter((words) => words === "/door/over").length, 1);
});

test("a pass that nobody knows leads to the page that pairs, and wipes no tick", async () => {
  const { leaving: made, said, tickStore, ticks } = await leaving();
  await ticks.mark("row", "safe");
  await made.signedOut("unpaired");
  assert.deepEqual([said.at(-1), said.some((words) => words.startsWith("deletes")), tickStore.rows.size], ["/door/", false, 1]);
});

test("it ends once", async () => {
  const { leaving: made, said } = await leaving();
  await made.goOn();
  assert.deepEqual(said, []);
  await made.done("/door/done");
  await made.signedOut("device_revoked");
  assert.equal(said.at(-1), "/door/done");
});
