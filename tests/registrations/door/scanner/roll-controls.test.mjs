import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, settled, textOf } from "./page.mjs";
import { ADA, phone } from "./roll-phone.mjs";

const { SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");

async function holding({ unsent = 0, isOpen = false, runs = true } = {}) {
  const page = openPage({}, "roll.html");
  const { RollControls } = await import("../../../../registrations/door/scanner/roll-controls.mjs");
  const { RollScreen } = await import("../../../../registrations/door/scanner/roll-screen.mjs");
  const { Panels } = await import("../../../../registrations/door/scanner/screen.mjs");
  const sid = await phone();
  await sid.rollList.look();
  if (runs) await sid.rollCall.begin("real");
  if (isOpen) await sid.rollList.open(sid.key.key);
  const heard = { said: [], unsent, reply: null };
  const say = (name) => async (...given) => void heard.said.push([name, ...given].join(" "));
  page.location.reload = say("reloads");
  const screen = new RollScreen(sid);
  screen.draw();
  const controls = new RollControls({
    ...sid, screen, panels: new Panels(), viewfinder: { start: say("camera on"), stop: () => {}, change: say("changes camera") },
    opening: { byServer: say("opens"), start: say("starts") }, sheet: { print: say("prints") }, session: { begins: say("asks again") },
    sender: { hurry: say("sends") }, status: { unsent: () => heard.unsent, bar: say("bar") }, feel: { touch: () => {} },
    leaving: { signedOut: say("signed out") },
    ask: async (path) => {
      await say("asks")(path);
      if (heard.reply) throw heard.reply;
    },
  });
  const press = (id) => page.byId(id).click();
  const open = () => [...document.querySelectorAll(".panel"), page.byId("controls")].filter((panel) => !panel.hidden).map(({ id }) => id);
  return { ...page, ...sid, screen, controls, heard, press, open };
}

for (const [id, said] of [
  ["open-list", "opens"],
  ["print", "prints"],
  ["ask-again", "asks again"],
  ["send-now", "sends"],
  ["change-camera", "changes camera"],
  ["update", "reloads"],
  ["hold-card", "camera on"],
  ["read", "camera on"],
]) {
  test(`the button ${id} ${said}`, async () => {
    const { heard, press } = await holding();
    await press(id);
    assert.deepEqual(heard.said, [said]);
  });
}

test("to begin takes two presses, and says which of two it is", async () => {
  for (const [id, said] of [["start-real", "starts real"], ["start-drill", "starts drill"]]) {
    const { heard, press, open } = await holding({ runs: false });
    await press("begin-roll");
    assert.deepEqual([open(), heard.said], [["starting"], []]);
    await press(id);
    assert.deepEqual([open(), heard.said], [["controls"], [said]]);
  }
});

test("an evacuation is a button apart, and the focus is on none that begins one", async () => {
  const { byId, press } = await holding({ runs: false });
  await press("begin-roll");
  assert.deepEqual([byId("start-real").className, byId("start-drill").className], ["alarm", ""]);
  assert.equal(byId("start-real").parentElement.id, "starting", "not side by side with the drill");
  assert.equal(document.activeElement, byId("starting").querySelector(".close"));
});

test("a drill can only turn real, and then what was said of it is gone", async () => {
  const { byId, press, controls, rollCall } = await holding({ runs: false });
  await press("begin-roll");
  assert.deepEqual([byId("start-drill").hidden, textOf("starting-asks")], [false, "What is it?"]);
  await rollCall.begin("drill");
  await press("is-real");
  assert.deepEqual([byId("start-drill").hidden, textOf("starting-asks")], [true, "It is no drill?"]);
  controls.turnedReal();
  assert.equal(textOf("roll-says"), "It is real now. All ticks begin anew.");
});

test("whoever turns a drill real reads it too, once the list is open", async () => {
  for (const [isOpen, says] of [[true, "It is real now. All ticks begin anew."], [false, ""]]) {
    const { press, rollCall } = await holding({ runs: false, isOpen });
    await rollCall.begin("drill");
    await press("is-real");
    await press("start-real");
    await settled();
    assert.equal(textOf("roll-says"), says);
  }
});

test("a tick is kept before it is sent, and the row says it", async () => {
  const { byId, heard, ticks, screen } = await holding({ isOpen: true });
  await byId("people").querySelectorAll("button")[1].click();
  assert.deepEqual([ticks.of(ADA[3]).mark, await ticks.count(), heard.said], ["not_seen", 1, ["sends"]]);
  assert.deepEqual([textOf("roll-says"), screen.source().of(ADA[3]).isWaiting], ["Ada Example: not seen.", true]);
  await byId("people").children[0].click();
  assert.equal(await ticks.count(), 1, "the row itself ticks nothing");
});

test("a guest's ticket ticks its row, by name where the list is open and without one where it is sealed", async () => {
  const sid = await holding({ isOpen: true });
  await sid.controls.guest(ADA[3]);
  assert.deepEqual([textOf("roll-says"), sid.ticks.of(ADA[3]).mark], ["Ada Example: safe, by ticket.", "safe"]);
  assert.equal([...sid.tickStore.rows.values()][0].by_ticket, true);
  await sid.controls.guest("ff");
  assert.match(textOf("roll-says"), /not on this list\. Its tick is kept/);
  const sealed = await holding();
  await sealed.controls.guest(ADA[3]);
  assert.deepEqual([textOf("roll-says"), textOf("ticked-says"), await sealed.ticks.count()], ["Ticked: safe. The list is sealed.", "1 person ticked so far.", 1]);
  assert.equal(sealed.body.textContent.includes("Example"), false);
});

test("without a roll call no ticket ticks, nor does one in a practice", async () => {
  const { controls, ticks, practice } = await holding({ runs: false });
  await controls.guest(ADA[3]);
  assert.match(textOf("roll-says"), /No roll call is running/);
  practice.begin();
  await controls.guest(ADA[3]);
  assert.match(textOf("roll-says"), /Practice: no real ticket/);
  assert.equal(await ticks.count(), 0);
});

test("a practice begins and ends with a press, and its ticks are not sent", async () => {
  const { press, practice, byId, heard, ticks } = await holding({ runs: false });
  await press("practise");
  assert.deepEqual([practice.isOn(), byId("open").hidden], [true, false]);
  await byId("people").querySelectorAll("button")[0].click();
  assert.deepEqual([heard.said, await ticks.count(), textOf("roll-says")], [[], 0, "Ada Abbot: safe."]);
  await press("end-practice");
  assert.deepEqual([practice.isOn(), byId("open").hidden, byId("people").children.length], [false, true, 0]);
});

test("an opened list ends a practice and has the focus; one that has ended is said to have", async () => {
  const { controls, practice, rollList, key, byId, document } = await holding();
  practice.begin();
  await rollList.open(key.key);
  controls.opened();
  assert.deepEqual([practice.isOn(), document.activeElement, byId("people").children.length], [false, byId("open-title"), 2]);
  rollList.seal();
  controls.ended();
  assert.match(textOf("roll-says"), /has ended\. The list is sealed again/);
});

test("a letter closes the letters and leads there", async () => {
  const { press, byId, open, document } = await holding({ isOpen: true });
  await press("jump-to");
  assert.deepEqual(open(), ["jumping"]);
  await byId("letters").children[1].click();
  assert.deepEqual([open(), document.activeElement.textContent], [["controls"], "Safe: Bo Sample"]);
});

test("whoever goes by keyboard need not pass everybody", async () => {
  const { press, byId, document } = await holding({ isOpen: true });
  await press("to-buttons");
  assert.equal(document.activeElement, byId("not-yet"));
});

test("the screen can be covered, and comes back with a tap", async () => {
  const { press, byId, document } = await holding({ isOpen: true });
  await press("more-open");
  await press("cover");
  assert.deepEqual([byId("covered").hidden, document.activeElement], [false, byId("covered")]);
  const below = byId("roll").children.filter((part) => part !== byId("covered"));
  assert.deepEqual(below.map(({ inert }) => inert), [true, true, true], "no key reaches a name below it");
  await press("covered");
  assert.deepEqual(below.map(({ inert }) => inert), [false, false, false]);
  assert.deepEqual([byId("covered").hidden, document.activeElement], [true, byId("more-open")]);
});

test("whoever has a new print says so, and the page asks no more", async () => {
  const { press, prints, heard } = await holding();
  await press("more");
  await press("has-paper");
  assert.deepEqual([prints.isDue(), heard.said], [false, ["bar"]]);
});

test("signing out takes two taps, and everything sent", async () => {
  const sid = await holding();
  await sid.press("sign-out");
  assert.deepEqual([sid.open(), sid.heard.said], [["signing-out"], []]);
  await sid.press("sign-out-now");
  assert.deepEqual(sid.heard.said, ["asks sign-out", "signed out device_revoked"]);
  const busy = await holding({ unsent: 3 });
  await busy.press("sign-out");
  assert.match(textOf("other-says"), /3 not sent yet/);
  await busy.press("sign-out-now");
  assert.deepEqual(busy.heard.said, []);
});

test("a sign-out without an answer is none, and one that finds the pass ended is one", async () => {
  const sid = await holding();
  sid.heard.reply = new Error("down");
  await sid.press("sign-out-now");
  assert.match(textOf("signing-out-says"), /No answer from the server/);
  sid.heard.reply = new SignedOut("unpaired");
  await sid.press("sign-out-now");
  assert.equal(sid.heard.said.at(-1), "signed out unpaired");
});
