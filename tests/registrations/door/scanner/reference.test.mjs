import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { offlineFor, ONLINE, openPage, settled, textOf } from "./page.mjs";

mock.timers.enable({ apis: ["setTimeout"] });

const { NoAnswer, SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");
const NO_ANSWER = "No answer. Press Find again, or take them aside.";
const A_BURST_IS_OVER = 100; // milliseconds after its first key
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
  const goes = async (text) => {
    await types(text);
    mock.timers.tick(A_BURST_IS_OVER);
    await settled();
  };
  const open = () => ["controls", "reference", "found"].filter((id) => !byId(id).hidden);
  reference.open(true);
  return { byId, heard, reference, types, finds, goes, open };
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
  ["it was tried too often", { error: "slow", seconds: 10 }, "Wait 10 seconds, then press Find."],
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

const NOBODY = { found: null, sentence: "No ticket has this reference." };
const asked = (sid) => sid.heard.asked.map(([, { reference }]) => reference);

test("DR-42 a reference goes by itself at its sixth letter, typed or pasted, and who is found waits for one tap", async () => {
  for (const [half, all] of [["hk74q", "hk74qd"], ["HK7-4Q", "HK7-4QD"], ["", " HK7-4QD "]]) {
    const sid = await phone({ found: FOUND });
    await sid.goes(half);
    assert.deepEqual(asked(sid), []);
    await sid.goes(all);
    assert.deepEqual([asked(sid), sid.heard.offered, sid.open()], [["HK7-4QD"], [FOUND], ["found"]]);
    await sid.byId("let-in").click();
    assert.deepEqual(sid.heard.letIn, ["the proof"]);
  }
});

test("what goes by itself is said before the field, and read out with it", async () => {
  const sid = await phone();
  const field = sid.byId("reference-code");
  const order = sid.byId("reference").children.map(({ id }) => id);
  assert.ok(order.indexOf("reference-hint") < order.indexOf("reference-code"));
  assert.equal(field.getAttribute("aria-describedby"), "reference-hint reference-network reference-says");
  assert.equal(textOf("reference-hint"), "The sixth character looks it up.");
});

const OFFLINE = "Offline: this needs the network. Take them aside, or scan the ticket.";

test("a phone that is offline says so beside the field before anything is typed, and no longer once it is online", async () => {
  const sid = await phone();
  sid.reference.connection(offlineFor(0));
  const lines = () => ["reference-network", "reference-hint"].map((id) => [textOf(id), sid.byId(id).hidden]);
  assert.deepEqual(lines(), [[OFFLINE, false], ["The sixth character looks it up.", true]]);
  sid.reference.connection(ONLINE);
  assert.deepEqual(lines(), [["", true], ["The sixth character looks it up.", false]]);
});

test("back online, a missing answer gives way to what to press, and what is typed again is asked again", async () => {
  const sid = await phone(new NoAnswer("down"), NOBODY);
  await sid.goes("HK7-4QD");
  sid.reference.connection(offlineFor(0));
  assert.equal(textOf("reference-says"), NO_ANSWER);
  sid.reference.connection(ONLINE);
  assert.equal(textOf("reference-says"), "Online again: press Find.");
  await sid.goes("HK7-4QD");
  assert.equal(textOf("reference-says"), NOBODY.sentence);
  sid.reference.connection(ONLINE);
  assert.equal(textOf("reference-says"), NOBODY.sentence);
});

test("a wrong one stays with its sentence, and goes by itself no second time; another one does, and Find always", async () => {
  const sid = await phone(NOBODY, NOBODY, NOBODY);
  await sid.goes("HK7-4QD");
  assert.deepEqual([textOf("reference-says"), sid.byId("reference-code").value], [NOBODY.sentence, "HK7-4QD"]);
  await sid.goes("HK7-4Q");
  assert.equal(textOf("reference-says"), "");
  await sid.goes("hk7 4qd");
  assert.deepEqual([asked(sid).length, textOf("reference-says")], [1, NOBODY.sentence]);
  await sid.goes("HK7-4QE");
  await sid.byId("reference").happens("submit");
  assert.deepEqual(asked(sid), ["HK7-4QD", "HK7-4QE", "HK7-4QE"]);
});

test("Enter after the sixth letter sends nothing twice, however soon it comes", async () => {
  const early = await phone(NOBODY);
  await early.finds("HK7-4QD");
  mock.timers.tick(A_BURST_IS_OVER);
  const late = await phone(new Promise(() => {}));
  await late.goes("HK7-4QD");
  await late.byId("reference").happens("submit");
  assert.deepEqual([asked(early), asked(late)], [["HK7-4QD"], ["HK7-4QD"]]);
});

test("the first key of a wedge scanner is no sixth letter", async () => {
  const sid = await phone();
  await sid.types("HK7-4Q");
  await sid.types("HK7-4QM");
  mock.timers.tick(35);
  await sid.goes("HK7-4Q");
  assert.deepEqual(asked(sid), []);
});

test("nor of one that takes its time, which is taken back only with the second key", async () => {
  const sid = await phone({ found: FOUND });
  await sid.types("HK7-4Q");
  await sid.types("HK7-4QM");
  mock.timers.tick(350);
  await settled();
  assert.deepEqual(asked(sid), [], "it may still be a scanner's");
  await sid.goes("HK7-4Q");
  mock.timers.tick(1000);
  assert.deepEqual(asked(sid), []);
  await sid.types("HK7-4QM");
  mock.timers.tick(415);
  await settled();
  assert.deepEqual(asked(sid), ["HK7-4QM"], "a hand has typed it");
});

test("who was asked for before the reference was corrected is not shown", async () => {
  let first;
  const sid = await phone(new Promise((done) => (first = done)), NOBODY);
  await sid.goes("HK7-4QD");
  await sid.goes("HK7-4QE");
  first({ found: FOUND });
  await settled();
  assert.deepEqual([sid.heard.offered, textOf("reference-says"), asked(sid)], [[], NOBODY.sentence, ["HK7-4QD", "HK7-4QE"]]);
});

test("one that was taken back half way is asked again once it is there again", async () => {
  let first;
  const sid = await phone(new Promise((done) => (first = done)), { found: FOUND });
  await sid.goes("HK7-4QD");
  await sid.types("HK7-4Q");
  first(NOBODY);
  await settled();
  assert.equal(textOf("reference-says"), "");
  await sid.goes("HK7-4QD");
  assert.deepEqual([asked(sid).length, sid.heard.offered], [2, [FOUND]]);
});

test("a field that was closed asks nobody any more", async () => {
  const sid = await phone();
  await sid.types("HK7-4QD");
  sid.reference.close();
  mock.timers.tick(A_BURST_IS_OVER);
  await settled();
  assert.deepEqual(asked(sid), []);
});

test("an Enter too many, when somebody has been found, neither lets them in nor sends them away", async () => {
  const sid = await phone({ found: FOUND });
  await sid.goes("HK7-4QD");
  assert.notEqual(document.activeElement.tagName, "BUTTON");
});
