import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";
import { ADA, BO, phone, START } from "./roll-phone.mjs";

const CY = ["Ábel", "Cy Ábel", "09:01", "cc".repeat(16)];

async function open({ rows = [CY, ADA, BO], isOpen = true, kind = "real" } = {}) {
  const page = openPage({}, "roll.html");
  const { RollScreen } = await import("../../../../registrations/door/scanner/roll-screen.mjs");
  const sid = await phone({ rows });
  await sid.rollList.look();
  await sid.rollCall.begin(kind);
  if (isOpen) await sid.rollList.open(sid.key.key);
  const screen = new RollScreen(sid);
  screen.draw();
  const people = () => page.byId("people").children.map((row) => row.querySelector("p").textContent);
  const buttons = (n) => page.byId("people").children[n].querySelectorAll("button");
  return { ...page, ...sid, screen, people, buttons };
}

test("DR-38 an open list is in order, has surname, badge name and time of each, and the header", async () => {
  const { people, byId } = await open();
  assert.deepEqual(people(), ["Ábel Cy Ábel 09:01", "Example Ada Example 09:05", "Sample Bo Sample 09:07"]);
  assert.equal(textOf("open-header"), "Checked in, not proof of who is inside. Follow the venue's fire marshal and sweep.");
  assert.equal(textOf("open-as-at"), `As at ${new Date(START * 1000).toISOString().slice(11, 16)}. 3 checked in.`);
  assert.deepEqual([byId("open").hidden, byId("sealed").hidden, byId("open-controls").hidden, byId("sealed-controls").hidden], [false, true, false, true]);
  assert.deepEqual([textOf("open-title"), byId("practice-says").hidden], ["Evacuation roll call", true]);
});

test("while it is sealed there is no name in the page, also where there was one", async () => {
  const sid = await open();
  const words = () => sid.body.textContent;
  assert.ok(words().includes("Example"));
  sid.rollList.seal();
  sid.screen.draw();
  assert.equal(words().includes("Example"), false);
  assert.deepEqual([sid.byId("open").hidden, sid.byId("sealed").hidden], [true, false]);
  await sid.ticks.mark("somebody", "safe");
  sid.screen.draw();
  assert.equal(textOf("ticked-says"), "1 person ticked so far.");
});

test("a button says for whom it is, and whether it is pressed", async () => {
  const { screen, ticks, buttons, byId, passes } = await open();
  assert.deepEqual(buttons(1).map((button) => button.textContent), ["Safe: Ada Example", "Not seen: Ada Example", "Left earlier: Ada Example"]);
  const before = byId("people").children[1];
  await ticks.mark(ADA[3], "safe");
  screen.update();
  assert.deepEqual(buttons(1).map((button) => button.getAttribute("aria-pressed")), ["true", "false", "false"]);
  assert.equal(byId("people").children[1], before, "nothing moves under a finger");
  assert.deepEqual([before.className, before.querySelectorAll("p")[1].textContent], ["safe", "Safe 08:10, not sent yet"]);
  passes(60);
  await ticks.mark(ADA[3], "left");
  screen.update();
  assert.equal(byId("people").children[1].className, "left");
});

test("the sums count each person once, and name what marshals disagree on", async () => {
  const { screen, ticks } = await open();
  assert.equal(textOf("sums"), "Not yet 3 · Safe 0 · Not seen 0 · Left earlier 0");
  await ticks.mark(ADA[3], "safe");
  await ticks.answered(ticks.rolls()[0], { ticks: [{ row: ADA[3], mark: "not_seen", at: START - 9, device: "Marshal 2", mine: false, others: [] }] });
  screen.update();
  assert.equal(textOf("sums"), "Not yet 2 · Safe 1 · Not seen 0 · Left earlier 0 · Marshals disagree on 1");
});

test("only those without a tick are shown on a press, and whoever is ticked then stays until asked", async () => {
  const { screen, ticks, people, byId } = await open();
  await ticks.mark(CY[3], "safe");
  screen.update();
  await byId("not-yet").click();
  assert.deepEqual([people().length, textOf("not-yet"), byId("hide-ticked").hidden], [2, "Show all", true]);
  await ticks.mark(ADA[3], "safe");
  screen.update();
  assert.deepEqual([people().length, textOf("hide-ticked"), byId("hide-ticked").hidden], [2, "Hide the 1 ticked", false]);
  await byId("hide-ticked").click();
  assert.deepEqual([people(), byId("hide-ticked").hidden], [["Sample Bo Sample 09:07"], true]);
  await ticks.mark(BO[3], "left");
  await byId("hide-ticked").click();
  assert.deepEqual([people(), textOf("nobody"), byId("nobody").hidden], [[], "Everybody has a tick.", false]);
  await byId("not-yet").click();
  assert.deepEqual([people().length, textOf("not-yet"), byId("nobody").hidden], [3, "Only not yet (0)", true]);
});

test("a letter leads to the first surname with it", async () => {
  const { screen, byId, buttons, document } = await open();
  assert.deepEqual(byId("letters").children.map(({ textContent }) => textContent), ["A", "E", "S"]);
  screen.jump("S");
  assert.equal(document.activeElement, buttons(2)[0]);
  screen.jump("Z");
  assert.equal(document.activeElement, buttons(2)[0]);
});

test("a newer list draws whoever is new, and otherwise leaves what is under the finger", async () => {
  const { screen, rollList, people, byId } = await open({ rows: [ADA] });
  const [item] = byId("people").children;
  screen.rows();
  assert.equal(byId("people").children[0], item);
  const rows = rollList.rows();
  rollList.rows = () => [...rows, { surname: "New", badge: "Nia New", hour: "09:30", row: "dd" }];
  screen.rows();
  assert.deepEqual(people(), ["Example Ada Example 09:05", "New Nia New 09:30"]);
  assert.deepEqual([screen.nameOf("dd"), screen.nameOf("nobody")], ["Nia New", undefined]);
});

test("a list that is destroyed while only those without a tick are shown leaves nobody on the page", async () => {
  const { screen, rollList, byId, people } = await open();
  await byId("not-yet").click();
  await rollList.destroy();
  screen.rows();
  assert.deepEqual([people(), byId("open").hidden], [[], true]);
});

test("whoever is new is shown among those without a tick, too", async () => {
  const { screen, rollList, ticks, people, byId } = await open({ rows: [ADA, BO] });
  await ticks.mark(ADA[3], "safe");
  await byId("not-yet").click();
  const rows = rollList.rows();
  rollList.rows = () => [...rows, { surname: "New", badge: "Nia New", hour: "09:30", row: "dd" }];
  screen.rows();
  assert.deepEqual(people(), ["Sample Bo Sample 09:07", "New Nia New 09:30"]);
});

test("a practice is called one, and a drill a drill", async () => {
  const sid = await open({ kind: "drill" });
  assert.deepEqual([textOf("open-title"), sid.byId("open").className, sid.byId("end-practice").hidden], ["Drill", "drill", true]);
  const alone = await open({ isOpen: false });
  alone.practice.begin();
  alone.screen.draw();
  assert.deepEqual([textOf("open-title"), alone.byId("practice-says").hidden, alone.byId("end-practice").hidden], ["Practice", false, false]);
  assert.match(textOf("open-as-at"), /^Invented people\. 24 checked in\.$/);
  await alone.screen.source().mark("practice 0", "safe");
  assert.equal(await alone.ticks.count(), 0);
});

test("nobody checked in is said to be nobody", async () => {
  await open({ rows: [] });
  assert.equal(textOf("nobody"), "Nobody is checked in.");
});

test("the page has a bar and a warning, and says what has just happened", async () => {
  const { screen, byId } = await open();
  const { showBar, showWarning } = await import("../../../../registrations/door/scanner/screen.mjs");
  showBar(["Offline", "3 to send", "list as at 10:42"]);
  showWarning("Clock out");
  assert.deepEqual([textOf("bar-line"), textOf("bar-facts"), byId("bar-warning").hidden], ["Offline", "3 to send · list as at 10:42", false]);
  showWarning("");
  screen.say("Ada Example: safe.");
  assert.deepEqual([byId("bar-warning").hidden, textOf("roll-says")], [true, "Ada Example: safe."]);
});
