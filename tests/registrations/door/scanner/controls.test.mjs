import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const { Memory } = await import("../../../../registrations/door/scanner/store.mjs");
const { SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");

/** A phone at the door with nothing to send, unless the test says otherwise. */
async function phone({ unsent = 0, inOtherTab = false, act = { at: 0, way: "in" }, isLate = false, question = null, leadPhone = "07700 900 003" } = {}) {
  const page = openPage();
  const { Controls } = await import("../../../../registrations/door/scanner/controls.mjs");
  const { Panels } = await import("../../../../registrations/door/scanner/screen.mjs");
  const heard = { said: [], decided: [], unsent, mayReload: "", helped: true, reply: null };
  const say = (name) => (...given) => void heard.said.push([name, ...given.map((argument) => JSON.stringify(argument))].join(" "));
  page.location.reload = say("reloads");
  const store = Object.assign(new Memory(), { areInOtherTab: () => inOtherTab });
  const controls = new Controls({
    panels: new Panels(), store,
    screen: { cover: say("covers") }, feel: { wake: async () => say("wakes")(), sign: say("sounds") },
    viewfinder: { change: say("changes camera") }, direction: { turn: say("turns") },
    pass: { get: () => ({ event: { lead_phone: leadPhone } }), now: () => 5000, hourOf: (seconds) => `${seconds}` },
    clock: { mono: () => 30_000 },
    ask: async (path) => {
      say("asks")(path);
      if (heard.reply) throw heard.reply;
    },
    scanning: {
      lastAct: () => act, isLate: () => isLate, question: () => question, dismiss: say("dismisses"), tap: say("taps"),
      undo: say("undoes"), decide: say("decides"), tell: say("tells"),
    },
    status: { unsent: () => heard.unsent, mayReload: () => heard.mayReload },
    session: { begin: say("begins"), begins: say("asks again"), sendRest: say("sends") },
    lead: { decide: (asked) => heard.decided.push(asked) },
    signOut: { signedOut: async (why) => say("signed out")(why), leave: say("leaves") },
  });
  for (const id of ["begin", "undo"]) page.byId(id).disabled = false;
  const press = (id) => page.byId(id).click();
  const open = () => [...document.querySelectorAll(".panel"), page.byId("controls")].filter((panel) => !panel.hidden).map(({ id }) => id);
  return { ...page, heard, store, controls, press, open };
}

for (const [id, said] of [
  ["begin", "begins"],
  ["begin-online", 'begins {"isOnlineOnly":true}'],
  ["ask-again", "asks again"],
  ["next", "dismisses"],
  ["seen", "dismisses"],
  ["turn", "turns"],
  ["change-camera", "changes camera"],
  ["send-now", "sends"],
  ["send-first", "sends"],
]) {
  test(`the button ${id} ${said}`, async () => {
    const { heard, press } = await phone();
    await press(id);
    assert.deepEqual(heard.said, [said]);
  });
}

test("a lead is one of the choices of a question, which give way to the reasons", async () => {
  const asked = { says: "Lead: why?", codes: [["works_here", "They work here"]], row: { id: "1" } };
  const { heard, byId } = await phone({ question: asked });
  const skip = document.createElement("button");
  skip.dataset.choice = "skip";
  byId("choosing").hidden = false;
  byId("choosing").append(skip);
  await skip.click();
  assert.deepEqual([heard.decided[0].says, byId("choosing").hidden], ["Lead: why?", true]);
  assert.deepEqual(heard.said, []);
});

test("a sound is tested only once the tap has woken it", async () => {
  const { heard, press } = await phone();
  await press("test-sound");
  assert.deepEqual(heard.said.map((said) => said.split(" ")[0]), ["wakes", "sounds"]);
});

test("a tap on the verdict is a tap on Next, unless there is none or a lead is deciding", async () => {
  const { heard, byId, press } = await phone();
  byId("next").hidden = false;
  await press("verdict");
  assert.deepEqual(heard.said.splice(0), ["dismisses"]);
  byId("deciding").hidden = false;
  await press("verdict");
  byId("deciding").hidden = true;
  byId("next").hidden = true;
  await press("verdict");
  assert.deepEqual(heard.said, []);
});

test("a verdict's own button says what was chosen, also that it was neither", async () => {
  const { heard, byId } = await phone();
  const { Screen } = await import("../../../../registrations/door/scanner/screen.mjs");
  const { describe } = await import("../../../../registrations/door/scanner/verdict-signs.mjs");
  new Screen().verdict(describe({ verdict: "check_id", list: "09:31" }));
  for (const button of byId("choosing").children) await button.click();
  await byId("choosing").click();
  assert.deepEqual(heard.said, ['taps "id_seen"', 'taps ""']);
});

test("an undo is asked about first, and is of the act that was asked about", async () => {
  const { heard, press, open } = await phone();
  await press("undo");
  assert.deepEqual([textOf("undoing-says"), open(), heard.said], ["Undo this phone's last entry, of 4970?", ["undoing"], []]);
  await press("undo-it");
  assert.deepEqual([heard.said, open()], [['undoes {"at":0,"way":"in"}'], ["controls"]]);
});

test("DR-36 an undo of two who came in together asks which of them, one of a guest alone does not", async () => {
  const pair = await phone({ act: { at: 0, way: "in", id: "a", pair: ["a", "b"] } });
  await pair.press("undo");
  const hidden = (phone) => ["undo-scanned", "undo-beside"].map((id) => phone.byId(id).hidden);
  assert.deepEqual(hidden(pair), [false, false]);
  const alone = await phone();
  await alone.press("undo");
  assert.deepEqual(hidden(alone), [true, true]);
});

test("DR-30 an undo after its minute is the lead's, with a reason", async () => {
  const act = { at: 0, way: "out" };
  const { heard, press } = await phone({ isLate: true, act });
  await press("undo");
  const [asked] = heard.decided;
  assert.equal(asked.says, "Lead: why is this phone's last exit, of 4970, taken back?");
  assert.equal(asked.about, "Undo this phone's last exit, of 4970?", "whoever types the PIN knows what for");
  asked.onCode("test", true);
  assert.deepEqual(heard.said, [`undoes ${JSON.stringify(act)} "test" true`]);
});

test("what a lead decides is about what stood there when it was asked", async () => {
  const question = { says: "Lead: why?", codes: [["early", "Let in early"]], row: { id: "a" } };
  const { heard, press } = await phone({ question });
  await press("lead-decides");
  heard.decided[0].onCode("early", false);
  assert.deepEqual(heard.said, [`decides ${JSON.stringify(question)} "early" false`]);
  const nothing = await phone();
  await nothing.press("lead-decides");
  assert.deepEqual(nothing.heard.decided, []);
});

for (const verdict of ["already_in", "too_early", "too_late", "wrong_door", "speak_to_lead"]) {
  test(`of ${verdict} a lead can say that nobody is let in, and that is said calmly`, async () => {
    const question = { says: "Lead: why?", codes: [["early", "Let in early"]], row: { id: "a", kind: "in" }, answer: { verdict } };
    const { heard, press } = await phone({ question });
    await press("lead-decides");
    heard.decided[0].onRefuse();
    assert.deepEqual(heard.said, ['tells {"verdict":"turned_away"}']);
  });
}

test("once somebody else is on the screen, a lead's no takes nobody from it", async () => {
  const question = { says: "Lead: why?", codes: [], row: { id: "a", kind: "in" }, answer: { verdict: "already_in" } };
  const { heard, press } = await phone({ question });
  await press("lead-decides");
  question.row = { id: "b", kind: "in" };
  heard.decided[0].onRefuse();
  assert.deepEqual(heard.said, []);
});

test("a practice ticket that a lead refuses is put away", async () => {
  const question = { says: "Lead: why?", codes: [], isPractice: true, answer: { verdict: "already_in" } };
  const { heard, press } = await phone({ question });
  await press("lead-decides");
  heard.decided[0].onRefuse();
  assert.deepEqual(heard.said, ["dismisses"]);
});

test("where nobody would be let in, or a no is one of the reasons, there is no other", async () => {
  for (const verdict of ["lead_meets", "not_counted", "undo_needs_lead"]) {
    const { heard, press } = await phone({ question: { says: "Lead?", codes: [], row: { id: "a", kind: "in" }, answer: { verdict } } });
    await press("lead-decides");
    assert.equal(heard.decided[0].onRefuse, undefined, verdict);
  }
});

test("signing out takes two taps, of which the first asks", async () => {
  const { heard, press, open } = await phone();
  await press("sign-out");
  assert.deepEqual([open(), heard.said], [["signing-out"], []]);
  await press("sign-out-now");
  assert.deepEqual(heard.said, ['asks "sign-out"', 'signed out "device_revoked"']);
});

test("it can be left at the first", async () => {
  const { heard, byId, press, open } = await phone();
  await press("sign-out");
  await byId("signing-out").querySelector(".close").click();
  assert.deepEqual([open(), heard.said], [["controls"], []]);
});

const CANNOT_TELL = "This phone cannot tell what is still to send";
for (const [unsent, inOtherTab, says] of [
  [3, false, "3 not sent yet. Wait, press Send now, or let a lead decide."],
  [null, false, `${CANNOT_TELL}: its storage is full. Free some, or let a lead decide.`],
  [null, true, `${CANNOT_TELL}: another tab has some. Open that tab, or let a lead decide.`],
]) {
  const where = inOtherTab ? " in another tab" : "";
  test(`with ${unsent ?? "nobody knows how many"} unsent${where} nobody but a lead signs it out`, async () => {
    const { heard, press, open } = await phone({ unsent, inOtherTab });
    await press("sign-out");
    assert.deepEqual([textOf("unsent-says"), open()], [says, ["unsent"]]);
    heard.unsent = 0;
    await press("sign-out");
    heard.unsent = unsent; // scanned between the two taps
    await press("sign-out-now");
    assert.deepEqual(heard.said, []);
    await press("leave");
    const [asked] = heard.decided;
    assert.match(asked.says, new RegExp(`sign out with ${unsent ?? "some scans"} not sent`));
    asked.onCode("leave", true);
    assert.deepEqual(heard.said, ["leaves"]);
  });
}

test("signing out needs an answer; the server's last word is one", async () => {
  const { heard, press } = await phone();
  heard.reply = new Error("no network");
  await press("sign-out-now");
  assert.deepEqual([textOf("signing-out-says"), heard.said], ["No answer from the server. Try again.", ['asks "sign-out"']]);
  heard.reply = new SignedOut("unpaired");
  await press("sign-out-now");
  assert.equal(heard.said.at(-1), 'signed out "unpaired"');
});

test("a newer page is loaded only when it may be", async () => {
  const { heard, press } = await phone();
  heard.mayReload = "2 not sent yet";
  await press("update");
  assert.deepEqual([textOf("device-says"), heard.said], ["2 not sent yet", []]);
  heard.mayReload = "";
  await press("update");
  assert.deepEqual(heard.said, ["reloads"]);
});

test("the screen is covered, and uncovered", async () => {
  const { heard, press } = await phone();
  await press("cover");
  await press("covered");
  assert.deepEqual(heard.said, ["covers true", "covers false"]);
});

test("a left hand is remembered", async () => {
  const { body, byId, press, store, controls } = await phone();
  await press("hand");
  assert.deepEqual([body.classList.contains("left"), byId("hand").getAttribute("aria-pressed")], [true, "true"]);
  assert.equal(await store.recall("left"), true);
  body.classList.toggle("left");
  await controls.recall();
  assert.equal(body.classList.contains("left"), true);
});

test("each panel opens in the controls' place and can be closed", async () => {
  for (const [id, panel] of [["more", "other"], ["to-device", "device"], ["bar", "device"]]) {
    const { byId, press, open } = await phone();
    await press(id);
    assert.deepEqual(open(), [panel]);
    await byId(panel).querySelector(".close").click();
    assert.deepEqual(open(), ["controls"]);
  }
});
