import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANGED, describe, describeFound, SIGNS } from "../../registrations/scanner/signs.mjs";

const ada = { name: "Ada Example", badge_name: "Ada", organisation: "Example Advocacy", badge: "Delegate" };
const nothing = { mark: "", first: "", name: "", lines: [], foot: "" };

for (const [answer, shown] of [
  [
    { verdict: "ok", ...ada, undo_seconds: 60 },
    { sign: "green", shape: "circle", word: "COME IN", name: "Ada Example",
      lines: ["Badge: Ada", "Example Advocacy", "Delegate"], foot: "Check name against work ID" },
  ],
  [
    { verdict: "ok", ...ada, badge_name: "Ada Example", organisation: "" },
    { sign: "green", shape: "circle", word: "COME IN", name: "Ada Example", lines: ["Delegate"],
      foot: "Check name against work ID" },
  ],
  [
    { verdict: "already_in", name: "Ada Example", organisation: "Example Advocacy", at: "09:12", door: "Main door" },
    { sign: "amber", shape: "triangle", word: "ALREADY IN", first: "at 09:12, Main door", name: "Ada Example",
      lines: ["Example Advocacy"] },
  ],
  [
    { verdict: "ask_lead", reference: "HK7-4QD" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "Reference HK7-4QD" },
  ],
  [
    { verdict: "ask_lead", reference: "HK7-4QD", code: "waitlisted" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "Reference HK7-4QD",
      foot: "On the waiting list. An organiser can offer a place." },
  ],
  [
    { verdict: "wrong_door" },
    { sign: "amber", shape: "triangle", word: "NOT THIS ROOM", first: "This ticket is for another door" },
  ],
  [
    { verdict: "too_early", opens: "09:00" },
    { sign: "amber", shape: "triangle", word: "TOO EARLY", first: "Opens at 09:00" },
  ],
  [
    { verdict: "too_late", closes: "17:00" },
    { sign: "amber", shape: "triangle", word: "CLOSED", first: "Closed at 17:00" },
  ],
  [{ verdict: "unknown" }, { sign: "red", shape: "octagon", word: "NOT A TICKET", first: "Call the lead" }],
  [{ verdict: "invalid" }, { sign: "red", shape: "octagon", word: "NOT A TICKET", first: "Ask for the reference" }],
  [
    { verdict: "undone" },
    { sign: "blue", shape: "back", word: "UNDONE", first: "The entry is taken back",
      foot: "The code can be scanned again" },
  ],
  [
    { verdict: "undo_needs_lead" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD",
      first: "Too late to undo: only the lead can do it now" },
  ],
  [
    { verdict: "nothing_to_undo" },
    { sign: "blue", shape: "back", word: "NOTHING TO UNDO", first: "No entry was changed" },
  ],
  [
    { verdict: "error", fault: "7F3A" },
    { sign: "blue", shape: "square", word: "CANNOT TELL", first: "Try again, or use the paper list",
      foot: "Fault 7F3A" },
  ],
  [
    { verdict: "offline" },
    { sign: "blue", shape: "square", word: "CANNOT TELL", mark: "OFFLINE", first: "No answer from the server",
      foot: "Try again, or use the paper list" },
  ],
]) {
  test(`${JSON.stringify(answer)} is shown as ${shown.word}`, () => {
    assert.deepEqual(describe(answer), { ...nothing, ...shown });
  });
}

for (const verdict of ["a_newer_server_says", "toString", "__proto__", ""]) {
  test(`an answer this page does not know, ${JSON.stringify(verdict)}, is never green`, () => {
    assert.deepEqual(describe({ verdict }), describe({ verdict: "error" }));
  });
}

test("a steward sees nothing of why the lead is asked", () => {
  const shown = describe({ verdict: "ask_lead", reference: "HK7-4QD" });
  assert.deepEqual([shown.name, shown.lines, shown.foot], ["", [], ""]);
});

test("who was found by reference is shown without a colour", () => {
  assert.deepEqual(describeFound({ proof: "x", ...ada }), {
    ...nothing, sign: "plain", shape: "", word: "FOUND", name: "Ada Example",
    lines: ["Badge: Ada", "Example Advocacy", "Delegate"], foot: "Check name against work ID",
  });
});

test("any two signs differ in shape, in tone and in buzz", () => {
  const all = [...Object.values(SIGNS), { shape: "changed", ...CHANGED }];
  for (const sense of ["shape", "tone", "buzz"]) {
    assert.equal(new Set(all.map((sign) => JSON.stringify(sign[sense]))).size, all.length, sense);
  }
});

test("green rises, amber repeats, red is one low note, blue ticks three times", () => {
  const notes = ({ tone }) => tone.map(([hertz]) => hertz);
  const [low, high] = notes(SIGNS.green);
  assert.ok(low < high);
  assert.equal(new Set(notes(SIGNS.amber)).size, 1);
  assert.deepEqual([SIGNS.amber, SIGNS.red, SIGNS.blue].map((sign) => notes(sign).length), [2, 1, 3]);
  assert.deepEqual(Object.values(SIGNS).map(({ buzz }) => Math.ceil(buzz.length / 2)), [1, 2, 1, 3]);
});
