import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const { NoAnswer, SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");

/** A phone with so many scans to send; `sends` is what is left of them after each try. */
async function phone(left = 0, { sends = [], answer = null } = {}) {
  openPage();
  const { Closing } = await import("../../../../registrations/door/scanner/closing.mjs");
  const heard = { said: [], left, answer, isOver: false };
  const say = (name) => async (...given) => void heard.said.push([name, ...given].join(" "));
  const signOut = {
    isOver: () => heard.isOver, stop: say("stops"), show: say("says"), done: say("done"),
    signedOut: async (why) => ((heard.isOver = true), heard.said.push(`signed out ${why}`)),
  };
  const sender = { drain: async () => (heard.said.push("sends"), (heard.left = sends.shift() ?? heard.left), heard.meanwhile?.()) };
  const ask = async (path) => {
    heard.said.push(`asks ${path}`);
    if (heard.answer) throw heard.answer;
  };
  return { heard, closing: new Closing({ store: { count: async () => heard.left }, sender, ask, signOut }) };
}

test("with nothing to send it signs out under its own pass, and is done", async () => {
  const { heard, closing } = await phone(0);
  await closing.begin();
  assert.deepEqual(heard.said, ["stops", "says 0", "asks sign-out", "done /door/done"]);
  assert.equal(textOf("leaving-title"), "The door is closing");
  assert.match(textOf("leaving-holds"), /scans no more/);
});

test("what it holds is sent before its pass ends, however often that takes", async () => {
  const { heard, closing } = await phone(3, { sends: [3, 1, 0] });
  await closing.begin();
  assert.deepEqual(heard.said, ["stops", "sends", "says 3"]);
  await closing.begin();
  assert.equal(heard.said.length, 3, "the server says it in each answer");
  await closing.goOn();
  assert.deepEqual(heard.said.splice(3), ["sends", "says 1"]);
  await closing.goOn();
  assert.deepEqual(heard.said.splice(3), ["sends", "says 0", "asks sign-out", "done /door/done"]);
});

test("a phone that cannot tell what is left neither signs out nor erases", async () => {
  const { heard, closing } = await phone(null);
  await closing.begin();
  assert.deepEqual(heard.said, ["stops", "sends", "says "]);
});

test("without a network it waits, and erases nothing before the server has heard that it is done", async () => {
  const { heard, closing } = await phone(0, { answer: new NoAnswer("down") });
  await closing.begin();
  assert.deepEqual(heard.said.splice(0), ["stops", "says 0", "asks sign-out"]);
  heard.answer = null;
  await closing.goOn();
  assert.equal(heard.said.at(-1), "done /door/done");
});

test("a pass that an organiser ended meanwhile ends as one that is revoked", async () => {
  const asked = await phone(0, { answer: new SignedOut("device_revoked") });
  await asked.closing.begin();
  assert.equal(asked.heard.said.at(-1), "signed out device_revoked");
  const sending = await phone(2, { sends: [0] });
  sending.heard.meanwhile = () => (sending.heard.isOver = true); // the sender has heard it
  await sending.closing.begin();
  assert.deepEqual(sending.heard.said, ["stops", "sends"]);
});

test("a door that is open again, or waits for this phone, is heard before it signs out", async () => {
  const { heard, closing } = await phone(1, { sends: [0] });
  heard.meanwhile = () => closing.stop();
  await closing.begin();
  assert.deepEqual([heard.said, closing.isOn()], [["stops", "sends"], false]);
});

test("a phone that is signing out already, or that nobody told, does nothing", async () => {
  const { heard, closing } = await phone(0);
  await closing.goOn();
  heard.isOver = true;
  await closing.begin();
  assert.deepEqual([heard.said, closing.isOn()], [[], false]);
});
