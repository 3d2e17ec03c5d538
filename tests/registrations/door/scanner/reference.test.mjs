import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const { NoAnswer, SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");
const NO_ANSWER = "No answer. References need the network: try again, or call the lead.";
const FOUND = { proof: "the proof", name: "Ada Example" };

/** A phone at which references are typed; each of `replies` is a body, or an error. */
async function phone(...replies) {
  const { byId } = openPage();
  const { Panels } = await import("../../../../registrations/door/scanner/screen.mjs");
  const { Reference } = await import("../../../../registrations/door/scanner/reference.mjs");
  const heard = { asked: [], offered: [], told: [], letIn: [], dismissed: 0, shown: null, isOn: true, question: null };
  const scanning = {
    onScreen: () => heard.shown, isOn: () => heard.isOn,
    offer: (person) => heard.offered.push(person), tell: (answer) => heard.told.push(answer),
    letIn: (proof) => heard.letIn.push(proof), dismiss: () => heard.dismissed++,
  };
  const timed = async (path, body, accept) => {
    heard.asked.push([path, body]);
    const reply = await replies.shift();
    if (reply instanceof Error) throw reply;
    if (!accept(reply)) throw new NoAnswer("an answer to something else");
    return { body: reply };
  };
  const reference = new Reference({
    sender: { timed }, panels: new Panels(), scanning, lead: { decide: (question) => (heard.question = question) },
  });
  const types = async (text) => {
    byId("reference-code").value = text;
    await byId("reference-code").happens("input");
  };
  const finds = async (text) => {
    await types(text);
    await byId("reference").happens("submit");
  };
  const open = () => ["controls", "reference", "found"].filter((id) => !byId(id).hidden);
  reference.open(true);
  return { byId, heard, reference, types, finds, open };
}

test("who is found is shown first, and let in by one more tap", async () => {
  const sid = await phone({ found: FOUND });
  await sid.finds("hk7 4qd");
  assert.deepEqual(sid.heard.asked, [["reference", { reference: "HK7-4QD" }]]);
  assert.deepEqual([sid.heard.offered, sid.heard.letIn, sid.open()], [[FOUND], [], ["found"]]);
  assert.equal(sid.byId("reference-code").value, "");
  await sid.byId("let-in").click();
  assert.deepEqual([sid.heard.letIn, sid.open()], [["the proof"], ["controls"]]);
});

test("DR-43 a camera that fails takes the place of no open question: who was found can still be let in", async () => {
  const sid = await phone({ found: FOUND });
  await sid.finds("HK7-4QD");
  sid.reference.open();
  assert.deepEqual(sid.open(), ["found"]);
  await sid.byId("let-in").click();
  assert.deepEqual(sid.heard.letIn, ["the proof"]);
  sid.reference.open();
  assert.deepEqual(sid.open(), ["reference"]);
});

test("who is not the person is not let in, by that tap or by a later one", async () => {
  const sid = await phone({ found: FOUND });
  await sid.finds("HK7-4QD");
  await sid.byId("not-them").click();
  assert.deepEqual([sid.heard.dismissed, sid.open()], [1, ["controls"]]);
  await sid.byId("let-in").click();
  assert.deepEqual(sid.heard.letIn, []);
});

for (const [typed, says] of [
  ["HK7-4Q0", "That letter is never used: 0"],
  ["HK7", "A reference has 6 letters and numbers, like HK7-4QD."],
]) {
  test(`"${typed}" is no reference, is asked of nobody, and stays in the field`, async () => {
    const sid = await phone();
    await sid.finds(typed);
    assert.deepEqual([textOf("reference-says"), sid.heard.asked, sid.byId("reference-code").value], [says, [], typed]);
  });
}

test("a letter that is never used is said while it is typed, and half a reference is no fault yet", async () => {
  const sid = await phone();
  await sid.types("HKO");
  assert.equal(textOf("reference-says"), "That letter is never used: O");
  await sid.types("HK");
  assert.equal(textOf("reference-says"), "");
});

for (const [says, reply, words] of [
  ["nobody is found", { found: null, sentence: "No ticket has this reference." }, "No ticket has this reference."],
  ["it was tried too often", { error: "slow", seconds: 10 }, "Wait 10 seconds, then try again."],
  ["there is no network", new NoAnswer("down"), NO_ANSWER],
  ["a portal answers with nothing", null, NO_ANSWER],
  ["a portal answers with JSON of its own", { error: "login" }, NO_ANSWER],
]) {
  test(`where ${says}, what was typed stays`, async () => {
    const sid = await phone(reply);
    await sid.finds("HK7-4QD");
    assert.deepEqual([textOf("reference-says"), sid.open(), sid.byId("reference-code").value], [words, ["reference"], "HK7-4QD"]);
  });
}

test("the lead is to be asked: that is the verdict, and names nobody", async () => {
  const sid = await phone({ ask_lead: { reference: "HK7-4QD" } });
  await sid.finds("HK7-4QD");
  assert.deepEqual([sid.heard.told, sid.open()], [[{ verdict: "ask_lead", reference: "HK7-4QD" }], ["controls"]]);
});

test("typing that is locked is opened by a lead's PIN, and by nothing else", async () => {
  const sid = await phone({ error: "slow", seconds: 900, lead: true });
  await sid.finds("HK7-4QD");
  assert.equal(sid.byId("unlock").hidden, false);
  await sid.byId("unlock").click();
  assert.equal(sid.byId("unlock").hidden, false);
  sid.heard.question.onPin();
  assert.deepEqual([sid.byId("unlock").hidden, textOf("reference-says"), sid.open()], [true, "", ["reference"]]);
});

for (const [says, happens] of [
  ["the panel was left", (sid) => sid.reference.close()],
  ["somebody else was scanned", (sid) => (sid.heard.shown = { id: "another" })],
  ["the phone scans no more", (sid) => (sid.heard.isOn = false)],
]) {
  test(`found after ${says}, nobody is shown`, async () => {
    let answer;
    const sid = await phone(new Promise((done) => (answer = done)));
    const finding = sid.finds("HK7-4QD");
    await new Promise(setImmediate);
    happens(sid);
    answer({ found: FOUND });
    await finding;
    assert.deepEqual([sid.heard.offered, sid.heard.letIn], [[], []]);
  });
}

test("the verdict that stood there before is no reason not to show who was found", async () => {
  const sid = await phone({ found: FOUND });
  sid.heard.shown = { id: "before" };
  await sid.finds("HK7-4QD");
  assert.equal(sid.heard.offered.length, 1);
});

test("a phone that was signed out says nothing more", async () => {
  const sid = await phone(new SignedOut("device_revoked"));
  await sid.finds("HK7-4QD");
  assert.equal(textOf("reference-says"), "Looking it up");
});
