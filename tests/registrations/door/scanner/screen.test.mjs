import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const page = openPage();
const { byId, Panels, Screen, showBar, showView, showWarning } = await import("../../../../registrations/door/scanner/screen.mjs");
const { describe, describeFound, describePractice } = await import("../../../../registrations/door/scanner/verdict-signs.mjs");
const ada = { verdict: "ok", name: "Ada Example", badge_name: "Ada", organisation: "Example", badge: "Delegate" };
const isShown = (id) => !byId(id).hidden;

/** A screen on the door's page, as it is loaded. */
function newScreen() {
  const screen = new Screen();
  screen.rest();
  byId("door").hidden = false;
  return screen;
}

test("one view shows at a time, and its heading has the focus", () => {
  for (const name of ["pairing", "start", "leaving", "door", "waiting"]) {
    showView(name);
    assert.deepEqual(["waiting", "pairing", "start", "door", "leaving"].filter(isShown), [name]);
    assert.equal(document.activeElement, byId(name).querySelector("h1"));
  }
});

test("a verdict is word first, then the person, and what it asks takes the place of Next", () => {
  const screen = newScreen();
  screen.verdict(describe({ ...ada, verdict: "already_in", at: "09:12", door: "Main door" }), true);
  const [sign, ...lines] = byId("verdict").children;
  assert.equal(sign.textContent, "ALREADY IN");
  assert.deepEqual(lines.slice(0, 2).map(({ textContent }) => textContent), ["at 09:12, Main door", "Ada Example"]);
  assert.deepEqual(["next", "lead-decides", "choosing"].map(isShown), [true, true, false]);
  assert.equal(document.activeElement, byId("verdict"));
  screen.verdict(describe({ ...ada, verdict: "check_id", list: "09:31" }));
  assert.deepEqual(["next", "lead-decides", "choosing"].map(isShown), [false, false, true]);
  assert.deepEqual(byId("choosing").children.map(({ textContent, dataset }) => [textContent, dataset.choice]), [
    ["ID seen", "id_seen"], ["Not let in", ""],
  ]);
});

test("a verdict that sends to the lead has a button that calls the lead, and alerts nobody", () => {
  const screen = newScreen();
  const rings = (answer, ...more) => {
    screen.verdict(answer, ...more);
    return isShown("ring-lead");
  };
  const shared = describe({ ...ada, verdict: "already_in", at: "09:12", door: "Main door" });
  assert.equal(rings(shared), false, "nobody has said at which number");
  screen.speaksTo("steward", "01632 960 003 (made up)");
  assert.deepEqual([rings(shared, true), byId("ring-lead").href], [true, "tel:01632960003"]);
  const sent = [{ verdict: "unknown" }, { verdict: "ask_lead" }, { verdict: "lead_meets" }, { verdict: "offline" }, { verdict: "invalid" }, ada];
  assert.deepEqual(sent.map((answer) => rings(describe(answer))), [true, true, true, true, false, false]);
  assert.equal(rings(describePractice({ verdict: "unknown" })), false, "nobody came");
  assert.equal(rings(shared, true), true);
  screen.clear();
  assert.equal(isShown("ring-lead"), false);
  screen.speaksTo("door_lead", "01632 960 003");
  assert.equal(rings(shared, true), false, "whoever holds it is the lead");
  screen.speaksTo("steward", "");
  assert.equal(rings(shared), false);
});

test("a come in needs no tap", () => {
  newScreen().verdict(describe(ada));
  assert.deepEqual([isShown("next"), byId("verdict").className], [false, "verdict green"]);
});

test("between code and answer it is neither yes nor no, and the name is the list's", () => {
  const screen = newScreen();
  screen.checking(null);
  assert.equal(textOf("verdict"), "ONE MOMENT");
  screen.checking(describe(ada));
  assert.deepEqual([textOf("verdict").startsWith("ONE MOMENT"), byId("verdict").className], [true, "verdict checking"]);
  assert.ok(textOf("verdict").includes("Ada Example"));
});

test("who was found by reference is named before anyone lets them in, and nothing is within reach to let in by", () => {
  const screen = newScreen();
  screen.found(describeFound(ada));
  assert.deepEqual([textOf("verdict").startsWith("FOUND"), isShown("next"), isShown("lead-decides")], [true, false, false]);
  assert.equal(document.activeElement, byId("verdict"), "no key too many presses a button");
});

test("an answer that only confirms what is there takes nobody's focus off Next; another one does", () => {
  const screen = newScreen();
  screen.verdict(describe({ verdict: "already_in", name: "Ada Example", at: "09:12", door: "Main door" }));
  assert.equal(document.activeElement, byId("verdict"));
  byId("next").focus();
  screen.verdict(describe({ verdict: "already_in", name: "Ada Example", at: "09:12", door: "Main door" }));
  assert.equal(document.activeElement, byId("next"));
  screen.verdict(describe({ verdict: "unknown" }));
  assert.equal(document.activeElement, byId("verdict"));
});

test("a change fills the screen, counts those behind it, and goes when it was seen", () => {
  const screen = newScreen();
  screen.changed(describe({ verdict: "unknown" }), 2, "09:12");
  assert.deepEqual([isShown("changed"), textOf("changed-title"), document.activeElement], [true, "CHANGED (2)", byId("seen")]);
  assert.equal(textOf("changed-says"), "The server's answer to the scan of 09:12 is not what this phone said.");
  screen.changed(describe({ verdict: "unknown" }), 1, "09:12");
  assert.equal(textOf("changed-title"), "CHANGED");
  screen.unchanged();
  assert.deepEqual([isShown("changed"), textOf("changed-verdict")], [false, ""]);
});

test("a covered screen holds no name, and a change that comes below it has its turn", () => {
  const screen = newScreen();
  screen.verdict(describe(ada));
  screen.cover(true);
  assert.deepEqual([isShown("covered"), document.activeElement, textOf("verdict").includes("Ada")], [true, byId("covered"), false]);
  screen.changed(describe({ verdict: "unknown" }), 1, "09:12");
  assert.equal(document.activeElement, byId("covered"));
  screen.cover(false);
  assert.deepEqual([isShown("covered"), document.activeElement], [false, byId("seen")]);
  screen.unchanged();
  screen.clear();
  screen.cover(true);
  screen.cover(false);
  assert.equal(document.activeElement, byId("more"));
});

test("whoever presses Next or a choice is led back to the controls, and nobody else is", () => {
  const screen = newScreen();
  for (const [verdict, held] of [["already_in", "next"], ["already_in", "lead-decides"], ["check_id", "choosing"]]) {
    screen.verdict(describe({ ...ada, verdict }), true);
    (held === "choosing" ? byId(held).children[0] : byId(held)).focus();
    screen.clear();
    assert.equal(document.activeElement, byId("type-reference"));
  }
  screen.verdict(describe(ada));
  byId("surname").focus();
  screen.clear();
  assert.equal(document.activeElement, byId("surname"));
});

test("an answer that comes late takes the focus from no lead who decides", () => {
  const [screen, panels] = [newScreen(), new Panels()];
  panels.open("lead");
  screen.verdict(describe(ada));
  assert.equal(document.activeElement, byId("lead-pin"));
  panels.close();
  screen.verdict(describe(ada));
  assert.equal(document.activeElement, byId("verdict"));
});

test("names that go by themselves leave the focus where they can be typed again", () => {
  const screen = newScreen();
  screen.people([{ row: "1", name: "Ada Example", organisation: "Example" }]);
  screen.hideNames();
  assert.equal(document.activeElement, byId("type-again"));
});

test("a mark is read after the word", () => {
  newScreen().verdict({ ...describe({ ...ada, verdict: "check_id", list: "09:31" }), mark: "OFFLINE" });
  assert.match(textOf("verdict"), /^CHECK ID, THEN IN ?OFFLINE/);
});

test("a clear screen holds no name", () => {
  const screen = newScreen();
  screen.verdict(describe(ada));
  screen.clear();
  assert.deepEqual([isShown("verdict"), byId("verdict").textContent, isShown("choosing")], [false, "", false]);
});

test("names leave the page, not only the sight, on a word or ten seconds after the last touch", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const screen = newScreen();
  screen.verdict(describe(ada));
  mock.timers.tick(9000);
  await page.tell("pointerdown");
  mock.timers.tick(9999);
  assert.ok(textOf("verdict").includes("Ada Example"));
  mock.timers.tick(1);
  assert.deepEqual([textOf("verdict").includes("Ada"), textOf("verdict").includes("Name hidden")], [false, true]);
  screen.verdict(describe(ada));
  screen.hideNames();
  assert.equal(textOf("verdict").includes("Ada"), false);
  mock.timers.reset();
});

test("news stand where the hint is until the next guest", () => {
  const screen = newScreen();
  screen.news("Counts in again");
  screen.hint("");
  assert.equal(textOf("hint"), "Counts in again");
  screen.verdict(describe(ada));
  screen.hint("");
  assert.match(textOf("hint"), /^Hold the code/);
});

test("the bar says the line first, and a warning only where there is one", () => {
  showBar(["Online", "3 to send", "guest list 09:31"]);
  assert.deepEqual([textOf("bar-line"), textOf("bar-facts")], ["Online", "3 to send · guest list 09:31"]);
  showWarning("Battery at 8 %");
  assert.equal(isShown("bar-warning"), true);
  showWarning("");
  assert.equal(isShown("bar-warning"), false);
});

test("there is nothing to undo until there is", () => {
  const screen = newScreen();
  assert.equal(byId("undo").disabled, true);
  screen.canUndo(true);
  assert.equal(byId("undo").disabled, false);
});

test("one panel stands in the controls' place, with nobody's half PIN in it, and gives the focus back", () => {
  const panels = new Panels();
  byId("more").focus();
  byId("lead-pin").value = "123";
  panels.open("other");
  panels.open("lead");
  assert.deepEqual(["controls", "other", "lead"].map(isShown), [false, false, true]);
  assert.deepEqual([byId("lead-pin").value, document.activeElement], ["", byId("lead-pin")]);
  assert.equal(panels.areOpen(), true);
  panels.close();
  assert.deepEqual([...["controls", "lead"].map(isShown), panels.areOpen()], [true, false, false]);
  assert.equal(document.activeElement, byId("more"));
  panels.open("reference", false);
  assert.equal(document.activeElement, byId("more"), "the keyboard stays where it is");
  panels.close();
});
