import assert from "node:assert/strict";
import { test } from "node:test";
import { asOne, comesWith } from "../../../../registrations/door/scanner/together-signs.mjs";
import { describe, describeOffline } from "../../../../registrations/door/scanner/verdict-signs.mjs";

const ina = { verdict: "ok", name: "Ina Example", badge_name: "Ina", organisation: "House", badge: "Delegate" };
const beside = (...answers) => describe(asOne(answers.map(() => ({ mark: "abcdef" })), answers));
const shown = ({ word, first, name, lines, foot }) => ({ word, first, name, lines, foot });

test("DR-36 of who comes with somebody it is said how many, and what to do", () => {
  assert.deepEqual([undefined, [], ["a"], ["a", "b"]].map(comesWith), [
    "", "", "Comes with 1: scan, or admit both", "Comes with 2: scan each, or admit all 3",
  ]);
});

test("DR-36 whoever was let in beside somebody is named once the server has said who it is", () => {
  assert.deepEqual(shown(beside(ina)), {
    word: "COME IN", first: "", name: "Ina Example", lines: ["House"], foot: "Check name against work ID",
  });
  assert.deepEqual(beside(ina, { ...ina, name: "Bo Example" }).lines, ["House", "Bo Example", "House"]);
});

test("DR-36 without network it is said that this phone has no name", () => {
  const alone = describeOffline(asOne([{ mark: "abcdef" }], [{ verdict: "ok" }]));
  assert.deepEqual([alone.word, alone.first, alone.name], [
    "COME IN – OFFLINE", "And 1 with them: this phone has no name", "",
  ]);
});

test("DR-36 who is in already, or may not come in, is not named, and nobody hears why", () => {
  const asked = { word: "ASK THE LEAD", first: "Who comes with them is not let in", name: "", lines: [] };
  for (const verdict of ["ask_lead", "unknown", "speak_to_lead"]) {
    const { foot, ...said } = shown(beside({ ...ina, verdict }));
    assert.deepEqual([said, foot.includes("Take the other aside")], [asked, true], verdict);
  }
  const { word, first, name } = beside({ ...ina, verdict: "already_in", at: "09:12", door: "Main door" });
  assert.deepEqual([word, first, name], ["ALREADY IN", "Who comes with them came in at 09:12, Main door", ""]);
  assert.equal(beside({ verdict: "error", fault: "x" }).word, "CANNOT TELL");
  assert.equal(beside({ verdict: "too_late", closes: "18:00" }).word, "CLOSED");
});

test("DR-36 of two beside somebody the one who is let in is named, and that the other is not is said", () => {
  const { word, first, lines } = beside(ina, { verdict: "ask_lead" });
  assert.deepEqual([word, first, lines], ["ASK THE LEAD", "1 of 2 with them are let in", ["Ina Example", "House"]]);
});

test("entries that are taken back together are one verdict", () => {
  const undone = (...answers) => describe(asOne(answers.map(() => ({})), answers));
  assert.deepEqual(
    [undone({ verdict: "undone", way: "in" }), undone({ verdict: "undone" }, { verdict: "undone" }),
      undone({ verdict: "undone" }, { verdict: "undo_needs_lead" })].map(({ word, first }) => [word, first]),
    [["UNDONE", "The entry is taken back"], ["UNDONE", "2 entries are taken back"],
      ["ASK THE LEAD", "1 of 2 entries are taken back"]],
  );
});
