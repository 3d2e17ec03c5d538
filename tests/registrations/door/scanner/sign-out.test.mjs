import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const { Memory } = await import("../../../../registrations/door/scanner/store.mjs");

/** A phone that is to be signed out with so many scans unsent; null where it cannot tell. */
async function phone(count = 0, { isDraining = false, isDurable = true, inOtherTab = false } = {}) {
  const heard = { said: [], wiped: 0, went: "" }; // wiped: how many databases
  const say = (name) => async (...given) => void heard.said.push([name, ...given].join(" "));
  const page = openPage({
    caches: { keys: async () => [] }, window: {},
    indexedDB: { deleteDatabase: () => (heard.wiped++, { set onsuccess(done) { setImmediate(done); } }) },
  });
  page.location.replace = (path) => (heard.went = path);
  const { SignOut } = await import("../../../../registrations/door/scanner/sign-out.mjs");
  const store = Object.assign(new Memory(), {
    count: async () => count, isDurable: () => isDurable, areInOtherTab: () => inOtherTab, close: say("closed"),
  });
  const signOut = new SignOut({
    store,
    goodbye: () => (heard.said.push("goodbye"), Promise.reject(new Error("nobody answers"))),
    drain: { begin: say("drains"), resume: say("drains on"), pause: say("pauses"), hurry: say("hurries"), isUnderWay: async () => isDraining },
    pairing: { show: say("asks for a code"), isTrading: () => heard.isTrading },
    viewfinder: { stop: say("camera off") }, sender: { stop: say("sender off") }, scanning: { end: say("scanning off") },
    screen: { rest: say("screen clear") }, pass: { forget: say("no pass") }, help: { forget: say("no call") },
    guestList: { destroy: say("no list") }, acts: { close: say("acts closed"), forgetAll: say("no acts") },
  });
  return { heard, store, signOut, ...page };
}
const STOPPED = ["camera off", "sender off", "scanning off", "screen clear"];

test("with nothing to send it is wiped at once, and the server's last answer has the browser forget too", async () => {
  const { heard, signOut } = await phone(0);
  await signOut.signedOut("device_revoked");
  assert.deepEqual(heard.said, [...STOPPED, "closed", "goodbye"]);
  assert.deepEqual([heard.wiped, heard.went, signOut.isOver()], [2, "/door/over", true]);
});

for (const count of [3, null]) {
  test(`with ${count ?? "nobody knows how many"} to send it is wiped only once they are handed over`, async () => {
    const { heard, signOut } = await phone(count);
    await signOut.signedOut("device_revoked");
    assert.deepEqual([heard.said, heard.wiped], [[...STOPPED, "drains"], 0]);
    await signOut.signedOut("device_revoked");
    await signOut.leave();
    assert.equal(heard.said.length, 5, "a last word is heard once");
  });
}

test("while a code is exchanged the end of the pass before wipes nothing, and afterwards one does", async () => {
  const { heard, signOut } = await phone(0);
  heard.isTrading = true;
  await signOut.signedOut("device_revoked");
  await signOut.signedOut("unpaired");
  assert.deepEqual([heard.said, heard.wiped, signOut.isOver()], [[], 0, false]);
  heard.isTrading = false;
  await signOut.signedOut("device_revoked");
  assert.deepEqual([heard.wiped, signOut.isOver()], [2, true]);
});

test("a lead signs it out with scans unsent: it scans no more, and hands them over", async () => {
  const { heard, signOut } = await phone(2);
  await signOut.leave();
  assert.deepEqual([heard.said, signOut.isOver()], [[...STOPPED, "drains"], true]);
});

test("a pass that was lost takes all but the unsent scans with it, which go with the next one", async () => {
  const { heard, byId, signOut, store } = await phone(2);
  await store.keep({ pass: 1, initials: "AB", draining: true });
  await signOut.signedOut("unpaired");
  const erased = ["no pass", "acts closed", "no call", "no list", "no acts"];
  assert.deepEqual(heard.said, [...STOPPED, ...erased, "pauses", "camera off", "asks for a code"]);
  assert.equal(textOf("pairing-unsent"), "2 scans from before still to send: pair this phone again.");
  assert.deepEqual([byId("pairing-unsent").hidden, signOut.isOver(), await store.recall("pass")], [false, false, undefined]);
  assert.equal(await store.recall("draining"), true);
});

for (const [count, inOtherTab, says] of [
  [1, false, "1 scan from before still to send: pair this phone again."],
  [null, false, "Some scans from before still to send: pair this phone again."],
  [null, true, "Some scans from before still to send, in another tab: keep that open, and pair this phone again."],
]) {
  test(`a phone that asks for a code says of ${count} unsent: ${says}`, async () => {
    const { signOut } = await phone(count, { inOtherTab });
    await signOut.toPairing();
    assert.equal(textOf("pairing-unsent"), says);
  });
}

test("with nothing from before it says nothing of it", async () => {
  const { byId, signOut } = await phone(0);
  await signOut.toPairing();
  assert.equal(byId("pairing-unsent").hidden, true);
});

const CANNOT_TELL = "This phone cannot tell what is still to send";
for (const [count, differs, says] of [
  [1, {}, "1 scan still to send: open this page where there is a network."],
  [3, { isDurable: false }, "3 scans still to send: keep this page open until there is a network."],
  [null, {}, `${CANNOT_TELL}: its storage is full. Keep this page open, and free some.`],
  [null, { inOtherTab: true }, `${CANNOT_TELL}: another tab has some. Open that tab, and keep this page open.`],
]) {
  test(`on its way out it says: ${says}`, async () => {
    const { byId, signOut } = await phone(count, differs);
    signOut.show(count);
    assert.deepEqual([textOf("leaving-says"), byId("leaving").hidden], [says, false]);
  });
}

test("a page that is loaded anew goes on where an earlier one was on its way out, and says whether it does", async () => {
  const leaving = await phone(1, { isDraining: true });
  assert.deepEqual([await leaving.signOut.goesOn(), leaving.signOut.isOver(), leaving.heard.said], [true, true, ["drains on"]]);
  const staying = await phone(1);
  assert.deepEqual([await staying.signOut.goesOn(), staying.signOut.isOver(), staying.heard.said], [false, false, []]);
});

test("a network that is back hurries it only on its way out", async () => {
  const { heard, signOut } = await phone(1, { isDraining: true });
  signOut.hurry();
  assert.deepEqual(heard.said, []);
  await signOut.goesOn();
  signOut.hurry();
  assert.deepEqual([heard.said, textOf("leaving-says")], [["drains on", "hurries"], "Trying to send"]);
});
