import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const { SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");
const QUESTION = { says: "Lead: why?", codes: [["early", "Let in early"], ["late", "Let in late"]] };

/** A phone whose lead types what `replies` are the answers to. */
async function phone({ isOffline = false, stands = false, replies = [], cards = false } = {}) {
  const { byId } = openPage();
  const { Panels } = await import("../../../../registrations/door/scanner/screen.mjs");
  const { Lead } = await import("../../../../registrations/door/scanner/lead.mjs");
  const given = [];
  const override = {
    stands: () => stands,
    give: async (pin) => {
      given.push(pin);
      const reply = await replies.shift();
      if (reply instanceof Error) throw reply;
      return reply;
    },
  };
  const guestList = { hasCards: () => cards };
  const lead = new Lead({ panels: new Panels(), override, status: { isOffline: () => isOffline }, guestList });
  const chosen = [];
  const ask = (question = { ...QUESTION, onCode: (...code) => chosen.push(code) }) => lead.decide(question);
  const types = async (pin) => {
    byId("lead-pin").value = pin;
    return byId("lead").happens("submit");
  };
  const open = () => ["controls", "lead", "deciding", "card"].filter((id) => !byId(id).hidden);
  const reasons = () => byId("reasons").querySelectorAll(".main");
  return { byId, lead, ask, types, open, reasons, chosen, given };
}
test("what the PIN or the card is asked for is said beside it, and nothing of what was asked before", async () => {
  for (const [panel, how] of [["lead", {}], ["card", { isOffline: true, cards: true }]]) {
    const sid = await phone(how);
    sid.ask({ ...QUESTION, about: "Undo this phone's last entry, of 09:12?" });
    assert.deepEqual([sid.open(), textOf(`${panel}-about`)], [[panel], "Undo this phone's last entry, of 09:12?"]);
    sid.ask();
    assert.equal(textOf(`${panel}-about`), "");
  }
});

test("the choices that a lead was one of are back when the lead leaves them", async () => {
  const sid = await phone();
  const choices = sid.byId("choosing");
  choices.append(document.createElement("button"));
  choices.hidden = true;
  sid.ask();
  await sid.byId("lead").querySelector(".close").click();
  assert.equal(choices.hidden, false);
  choices.replaceChildren();
  sid.ask();
  await sid.byId("lead").querySelector(".close").click();
  assert.equal(choices.hidden, true, "without choices there are none");
});

test("a lead who lets nobody in has a button for it, which is none of the reasons", async () => {
  const sid = await phone({ stands: true });
  const refused = [];
  sid.ask({ ...QUESTION, onCode: () => assert.fail("no reason was given"), onRefuse: () => refused.push(1) });
  const button = sid.byId("refuse");
  assert.deepEqual([button.hidden, textOf("refuse"), sid.open()], [false, "Do not let in", ["deciding"]]);
  await button.click();
  assert.deepEqual([refused, sid.open()], [[1], ["controls"]]);
  sid.ask();
  assert.equal(button.hidden, true, "of a question that has none");
});

const waits = (milliseconds) => mock.method(performance, "now", () => waits.now + milliseconds);
waits.now = performance.now();

test("the PIN is asked for, then the reason, and the reason alone is told", async () => {
  const sid = await phone({ replies: [""] });
  sid.ask();
  assert.deepEqual(sid.open(), ["lead"]);
  await sid.types("123456");
  assert.deepEqual([sid.open(), sid.given, sid.byId("lead-pin").value], [["deciding"], ["123456"], ""]);
  assert.deepEqual(sid.reasons().map(({ textContent }) => textContent), ["Let in early", "Let in late"]);
  waits(10_000);
  await sid.reasons()[1].click();
  assert.deepEqual([sid.chosen, sid.open()], [[["late", false]], ["controls"]]);
  mock.restoreAll();
});

test("the second half of a double tap is no reason, and a tap after it is", async () => {
  mock.method(performance, "now", () => 1000);
  const sid = await phone({ stands: true });
  sid.ask();
  mock.restoreAll();
  mock.method(performance, "now", () => 1349);
  await sid.reasons()[0].click();
  assert.deepEqual([sid.chosen, sid.open()], [[], ["deciding"]]);
  mock.restoreAll();
  mock.method(performance, "now", () => 1350);
  await sid.reasons()[0].click();
  assert.deepEqual(sid.chosen, [["early", false]]);
  mock.restoreAll();
});

test("a wrong PIN says what the server says, and is not kept in the field", async () => {
  const sid = await phone({ replies: ["That is not a lead's PIN."] });
  sid.ask();
  await sid.types("000000");
  assert.deepEqual([sid.open(), textOf("lead-says"), sid.byId("lead-pin").value], [["lead"], "That is not a lead's PIN.", ""]);
});

test("while an override stands no PIN is asked for", async () => {
  const sid = await phone({ stands: true });
  sid.ask();
  assert.deepEqual([sid.open(), sid.given], [["deciding"], []]);
});

test("with no network a tap stands for the PIN, is said to be recorded, and is told as such", async () => {
  const sid = await phone({ isOffline: true });
  sid.ask();
  assert.match(textOf("deciding-says"), /Lead: why\? No network: a tap counts as the lead's override, and is recorded\./);
  waits(10_000);
  await sid.reasons()[0].click();
  assert.deepEqual(sid.chosen, [["early", true]]);
  mock.restoreAll();
});

test("the network is gone once the PIN is typed: the reason is asked for all the same", async () => {
  const sid = await phone({ replies: [new Error("no network")] });
  sid.ask();
  await sid.types("123456");
  assert.match(textOf("deciding-says"), /is recorded/);
});

test("where leads have cards no tap counts: the card is asked for, and counts for one decision", async () => {
  const sid = await phone({ isOffline: true, cards: true });
  assert.equal(sid.lead.wantsCard(), false);
  sid.ask();
  assert.deepEqual([sid.open(), sid.reasons(), sid.lead.wantsCard()], [["card"], [], true]);
  sid.lead.byCard("proof");
  assert.deepEqual([sid.open(), sid.lead.wantsCard()], [["deciding"], false]);
  assert.match(textOf("deciding-says"), /Lead: why\? No network: the card counts, and is recorded\./);
  waits(10_000);
  await sid.reasons()[1].click();
  assert.deepEqual(sid.chosen, [["late", true, "proof"]]);
  mock.restoreAll();
  sid.ask();
  assert.deepEqual([sid.open(), sid.lead.wantsCard()], [["card"], true], "the next one takes the card again");
  sid.byId("card").querySelector(".close").click();
  assert.deepEqual([sid.open(), sid.lead.wantsCard()], [["controls"], false]);
});

test("a card that was held up for one question decides no other", async () => {
  const sid = await phone({ isOffline: true, cards: true });
  sid.ask();
  sid.lead.byCard("proof");
  sid.ask({ ...QUESTION, isPractice: true, onCode: (...code) => sid.chosen.push(code) });
  waits(10_000);
  await sid.reasons()[0].click();
  assert.deepEqual(sid.chosen, [["early", false]]);
  mock.restoreAll();
});

test("a PIN that nobody could check is no way around the card", async () => {
  const sid = await phone({ replies: [new Error("no network")], cards: true });
  sid.ask();
  await sid.types("123456");
  assert.deepEqual([sid.open(), sid.reasons()], [["card"], []]);
});

test("where the PIN alone is wanted, a right one is enough, and no tap stands for it", async () => {
  const sid = await phone({ replies: [""] });
  let unlocked = 0;
  sid.ask({ onPin: () => unlocked++ });
  await sid.types("123456");
  assert.deepEqual([unlocked, sid.open()], [1, ["controls"]]);
  const alone = await phone({ isOffline: true });
  alone.ask({ onPin: () => unlocked++ });
  assert.deepEqual([alone.open(), textOf("lead-says"), unlocked], [["lead"], "No answer from the server: this needs the network.", 1]);
});

for (const [says, leaves, reply] of [
  ["the panel was closed", (sid) => sid.byId("lead").querySelector(".close").click(), ""],
  ["another question was asked", (sid) => sid.ask({ ...QUESTION, says: "Another" }), ""],
  ["another panel was opened", (sid) => (sid.byId("lead").hidden = true), ""],
  ["the phone was signed out", () => {}, new SignedOut("device_revoked")],
]) {
  test(`an answer to a PIN after ${says} opens no reasons`, async () => {
    let answer;
    const sid = await phone({ replies: [new Promise((done) => (answer = done))] });
    sid.ask();
    const checking = sid.types("123456");
    await leaves(sid);
    answer(reply);
    await checking;
    assert.deepEqual([sid.byId("deciding").hidden, sid.reasons(), sid.chosen], [true, [], []]);
  });
}

test("on the practice card nobody's PIN is asked for, with or without a network", async () => {
  for (const isOffline of [false, true]) {
    const sid = await phone({ isOffline });
    sid.ask({ ...QUESTION, isPractice: true, onCode: (...code) => sid.chosen.push(code) });
    assert.deepEqual([sid.open(), textOf("deciding-says")], [["deciding"], "Lead: why?"]);
  }
});
