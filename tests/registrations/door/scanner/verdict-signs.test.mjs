import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CHANGED, describe, describeFound, describeTo, describeHollow, describeOffline, describePractice, describePracticeOver, leadMay, SIGNS,
} from "../../../../registrations/door/scanner/verdict-signs.mjs";

const ada = { name: "Ada Example", badge_name: "Ada", organisation: "Example Advocacy", badge: "Delegate" };
const nothing = { frame: "", mark: "", first: "", name: "", lines: [], foot: "", taps: [], goes: false };

for (const [answer, shown] of [
  [
    { verdict: "ok", ...ada, undo_seconds: 60 },
    { sign: "green", shape: "circle", word: "COME IN", name: "Ada Example",
      lines: ["Example Advocacy", "Badge: Ada, Delegate"], foot: "Check name against work ID", goes: true },
  ],
  [
    { verdict: "ok", ...ada, badge_name: "Ada Example", organisation: "" },
    { sign: "green", shape: "circle", word: "COME IN", name: "Ada Example", lines: ["Delegate"],
      foot: "Check name against work ID", goes: true },
  ],
  [
    { verdict: "ok", ...ada, undo_seconds: 60, along: ["abcdef"] },
    { sign: "green", shape: "circle", word: "COME IN", name: "Ada Example",
      lines: ["Example Advocacy", "Badge: Ada, Delegate", "Comes with 1: scan, or admit both"],
      foot: "Check name against work ID", goes: true },
  ],
  [
    { verdict: "already_in", name: "Ada Example", organisation: "Example Advocacy", at: "09:12", door: "Main door" },
    { sign: "amber", shape: "triangle", word: "ALREADY IN", first: "at 09:12, Main door", name: "Ada Example",
      lines: ["Example Advocacy"], foot: "Take them aside. Call the lead" },
  ],
  [
    { verdict: "wrong_door", name: "Ada Example", organisation: "Example Advocacy", due: "Workshop B, Room 2" },
    { sign: "amber", shape: "triangle", word: "NOT THIS ROOM", first: "Due at Workshop B, Room 2", name: "Ada Example",
      lines: ["Example Advocacy"], foot: "Show them the way, or call the lead" },
  ],
  [
    { verdict: "wrong_door", name: "Ada Example", organisation: "", due: "" },
    { sign: "amber", shape: "triangle", word: "NOT THIS ROOM", first: "No place in a workshop at this time", name: "Ada Example",
      foot: "Show them the way, or call the lead" },
  ],
  [
    { verdict: "speak_to_lead", cause: "capacity", limit: 30, name: "Ada Example", organisation: "Example Advocacy" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "The room is full: it is for 30", name: "Ada Example",
      lines: ["Example Advocacy"], foot: "Take them aside. Call the lead" },
  ],
  [
    { verdict: "speak_to_lead", cause: "capacity", limit: 30, inside: 31, name: "Ada Example", organisation: "" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "The room is full: about 31 of 30", name: "Ada Example",
      foot: "Take them aside. Call the lead" },
  ],
  [
    { verdict: "speak_to_lead", cause: "kept", limit: 30, name: "Ada Example", organisation: "" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "The places left are kept for those who take part",
      name: "Ada Example", foot: "Take them aside. Call the lead" },
  ],
  [
    { verdict: "speak_to_lead", cause: "venue", limit: 180, name: "Ada Example", organisation: "" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "The venue is full: it is for 180", name: "Ada Example",
      foot: "Nobody at the door can let more in. The lead calls an organiser" },
  ],
  [
    { verdict: "ask_lead", reference: "HK7-4QD" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "Reference HK7-4QD",
      foot: "Take them aside. Call the lead: the lead's phone says what to do" },
  ],
  [
    { verdict: "ask_lead", reference: "HK7-4QD", code: "waitlisted" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "Reference HK7-4QD",
      foot: "On the waiting list. An organiser can offer a place." },
  ],
  [
    { verdict: "ask_lead" },
    { sign: "amber", shape: "triangle", word: "ASK THE LEAD", first: "The reference is on their ticket",
      foot: "Take them aside. Call the lead: the lead's phone says what to do" },
  ],
  [
    { verdict: "out", ...ada },
    { sign: "blue", shape: "back", word: "OUT", name: "Ada Example", lines: ["Example Advocacy"], goes: true },
  ],
  [
    { verdict: "already_out", ...ada, at: "11:02" },
    { sign: "blue", shape: "back", word: "ALREADY OUT", first: "at 11:02", name: "Ada Example" },
  ],
  [
    { verdict: "came_in_elsewhere", ...ada },
    { sign: "blue", shape: "square", word: "ONE QUESTION", first: "Came in elsewhere?", name: "Ada Example",
      lines: ["Example Advocacy"], foot: "Ask, then press the answer", taps: [["came_in_elsewhere", "Yes: count in and out"], ["", "No"]] },
  ],
  [
    { verdict: "not_counted", ...ada },
    { sign: "blue", shape: "square", word: "ONE QUESTION", first: "Not counted at the entrance yet", name: "Ada Example",
      lines: ["Example Advocacy"], foot: "Check name against work ID",
      taps: [["both", "Count in at both"], ["skip", "Lead decides"], ["", "Send to the entrance"]] },
  ],
  [
    { verdict: "not_counted", ...ada, list: "09:31" },
    { sign: "blue", shape: "square", word: "ONE QUESTION", first: "Not counted at the entrance by 09:31", name: "Ada Example",
      lines: ["Example Advocacy"], foot: "Check name against work ID",
      taps: [["both", "Count in at both"], ["", "Send to the entrance"]] },
  ],
  [
    { verdict: "turned_away" },
    { sign: "blue", shape: "square", word: "NOT LET IN", first: "Nobody was let in by this scan" },
  ],
  [
    { verdict: "too_early", opens: "09:00" },
    { sign: "amber", shape: "triangle", word: "TOO EARLY", first: "Opens at 09:00", foot: "Ask them to wait" },
  ],
  [
    { verdict: "too_early" },
    { sign: "amber", shape: "triangle", word: "TOO EARLY", first: "The door has no opening time now",
      foot: "Ask them to wait. Call the lead" },
  ],
  [
    { verdict: "too_late", closes: "17:00" },
    { sign: "amber", shape: "triangle", word: "CLOSED", first: "Closed at 17:00", foot: "Take them aside. Call the lead" },
  ],
  [{ verdict: "unknown" }, { sign: "red", shape: "octagon", word: "NOT A TICKET", first: "Call the lead" }],
  [{ verdict: "invalid" }, { sign: "red", shape: "octagon", word: "NOT A TICKET", first: "Ask for the reference" }],
  [
    { verdict: "undone", way: "in" },
    { sign: "blue", shape: "back", word: "UNDONE", first: "The entry is taken back",
      foot: "The code can be scanned again" },
  ],
  [
    { verdict: "undone", way: "out" },
    { sign: "blue", shape: "back", word: "UNDONE", first: "The exit is taken back",
      foot: "The code can be scanned again" },
  ],
  [
    { verdict: "undone" },
    { sign: "blue", shape: "back", word: "UNDONE", first: "It is taken back", foot: "The code can be scanned again" },
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
    { sign: "blue", shape: "square", word: "CANNOT TELL", first: "Try again, or call the lead",
      foot: "Fault 7F3A" },
  ],
  [
    { verdict: "offline" },
    { sign: "blue", shape: "square", word: "CANNOT TELL", mark: "OFFLINE", first: "No answer from the server",
      foot: "Try again, or call the lead" },
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

test("DR-06 a steward sees nothing of why the lead is asked", () => {
  const shown = describe({ verdict: "ask_lead", reference: "HK7-4QD" });
  assert.deepEqual([shown.name, shown.lines, shown.foot], ["", [], "Take them aside. Call the lead: the lead's phone says what to do"]);
});

test("EV-02 DP-13 whoever hands out the badge sees its tray, and who has not said yes to photographs", () => {
  const line = (handed) => describe({ verdict: "ok", ...ada, ...handed }).lines[2];
  assert.equal(line({ tray: "E", photos: false }), "Tray E. No photographs");
  assert.equal(line({ tray: "E", photos: true }), "Tray E");
  assert.equal(line({ tray: "", photos: false }), "Tray of other letters. No photographs");
  assert.equal(line({ photos: false }), "No photographs");
  assert.equal(line({ photos: true }), undefined);
});

test("who was found by reference is shown without a colour, and since when they are in", () => {
  assert.deepEqual(describeFound({ proof: "x", ...ada }), {
    ...nothing, sign: "plain", shape: "", word: "FOUND", name: "Ada Example",
    lines: ["Example Advocacy", "Badge: Ada, Delegate"], foot: "Check name against work ID",
  });
  const inside = describeFound({ proof: "x", ...ada, in_since: { at: "09:00", door: "Main door" } });
  assert.deepEqual(inside, { ...describeFound({ proof: "x", ...ada }), first: "In since 09:00, Main door" });
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

test("who leaves by the lead's override is counted out, not let in", () => {
  for (const verdict of ["issued_since", "not_on_phone"]) {
    const { taps } = describeOffline({ verdict, kind: "out", list: "09:31" });
    assert.deepEqual(taps, [["lead", "Lead counts them out"], ["", "Not counted"]]);
  }
});

const lead = [["lead", "Lead lets them in"], ["", "Not let in"]];
const amber = { sign: "amber", shape: "triangle" };
const unsaid = { name: "", lines: [], foot: "" }; // what these say of the person is another test's

for (const [verdict, shown] of [
  ["ok", { sign: "green", shape: "circle", word: "COME IN – OFFLINE", mark: "", goes: true }],
  ["check_id", { ...amber, word: "CHECK ID, THEN IN", first: "Guest list from 09:31", taps: [["id_seen", "ID seen"], lead[1]] }],
  ["old_list", { ...amber, word: "ASK THE LEAD", first: "Guest list from 09:31: too old", taps: lead }],
  ["issued_since", { ...amber, word: "ASK THE LEAD", first: "Real ticket, issued after 09:31", taps: lead }],
  ["not_on_phone", { ...amber, word: "ASK THE LEAD", first: "Not on the guest list of 09:31", taps: lead }],
  ["clock_doubted", { ...amber, word: "ASK THE LEAD", first: "This phone's clock is out: is the door open?", taps: lead }],
  ["already_in", { ...amber, word: "ALREADY IN", first: "at 09:12, Main door" }],
  ["offline", { sign: "blue", shape: "square", word: "CANNOT TELL", first: "No answer from the server" }],
]) {
  test(`offline, ${verdict} says ${shown.word}, marked and striped`, () => {
    const described = describeOffline({ verdict, ...ada, list: "09:31", at: "09:12", door: "Main door" });
    const looks = { ...nothing, mark: "OFFLINE", frame: "striped", ...shown };
    assert.deepEqual({ ...described, ...unsaid }, { ...looks, ...unsaid });
  });
}

test("until the server has spoken the sign is hollow", () => {
  assert.deepEqual(describeHollow({ verdict: "check_id", ...ada }), { ...describe({ verdict: "ok", ...ada }), frame: "hollow" });
});

test("the same ticket on the phone that has just let them in is asked about calmly, and decided on where it is not them", () => {
  const again = describe({ verdict: "already_in", ...ada, at: "09:12", door: "Main door", twice: 6 });
  assert.deepEqual([again.sign, again.word, again.first], ["blue", "SCANNED TWICE", "Let in here 6 s ago"]);
  assert.deepEqual([again.foot, again.goes], ["The same person? Go on. Somebody else? Call the lead", false]);
  assert.equal(describeTo("door_lead", again, true).foot, "The same person? Go on. Somebody else? Decide");
  assert.equal(leadMay({ verdict: "already_in", twice: 6 }).codes.length, 4);
  const settled = { verdict: "already_in", ...ada, at: "09:12", door: "Main door", twice: "lead" };
  assert.deepEqual([describe(settled).first, leadMay(settled)], ["In since 09:12, Main door", null]);
});

test("practice says so, and has the buttons that there will be", () => {
  const { mark, frame, taps } = describePractice({ verdict: "check_id", ...ada });
  assert.deepEqual([mark, frame, taps], ["PRACTICE", "striped", [["id_seen", "ID seen"], ["", "Not let in"]]]);
});

test("once the door is open the practice card is neither yes nor no", () => {
  assert.deepEqual(describePracticeOver(), {
    ...nothing, sign: "blue", shape: "square", word: "PRACTICE CARD", first: "The door is open: practice is over",
    foot: "Ask for their ticket",
  });
});

for (const [verdict, codes] of [
  ["already_in", ["scanned_twice", "left_without_scan", "wrong_person_before", "code_shared"]],
  ["lead_meets", ["met", "other_entrance", "refused"]],
  ["too_early", ["early"]],
  ["too_late", ["late"]],
  ["undo_needs_lead", ["wrong_person", "wrong_door", "test", "did_not_enter"]],
  ["ok", undefined],
  ["ask_lead", undefined],
  ["toString", undefined],
]) {
  test(`of ${verdict} a lead may decide: ${codes ?? "nothing"}`, () => {
    assert.deepEqual(leadMay({ verdict })?.codes.map(([code]) => code), codes);
  });
}

test("DR-33 a lead decides on a full room, and on a full venue nobody at the door", () => {
  assert.equal(leadMay({ verdict: "speak_to_lead", cause: "capacity" }).codes.length, 3);
  assert.equal(leadMay({ verdict: "speak_to_lead", cause: "kept" }).codes.length, 3);
  assert.equal(leadMay({ verdict: "speak_to_lead", cause: "venue" }), null);
});

test("a lead's own phone sends nobody to the lead, whatever the verdict", () => {
  const causes = ["", "venue", "capacity", "kept"].flatMap((cause) =>
    ["already_in", "ask_lead", "wrong_door", "speak_to_lead", "lead_meets", "too_early", "too_late", "unknown", "invalid", "turned_away",
      "undo_needs_lead", "not_counted", "error", "offline"].map((verdict) => ({ verdict, cause, limit: 2, several: 0 })));
  const beside = { verdict: "already_in", several: 1, done: 0, people: [], isBeside: true, at: "09:12", door: "Main door" };
  const sends = /call the lead|ask the lead|the lead (calls|meets)|only the lead/i;
  const ofSteward = [...causes, beside].map((answer) => JSON.stringify(describeTo("steward", describe(answer))));
  const ofLead = [...causes, beside].map((answer) => JSON.stringify(describeTo("door_lead", describe(answer))));
  assert.ok(ofSteward.filter((shown) => sends.test(shown)).length > 20, "the control");
  assert.deepEqual(ofLead.filter((shown) => sends.test(shown)), []);
  const alone = [...causes, beside].map((answer) => JSON.stringify(describeTo("door_lead", describe(answer), true)));
  assert.deepEqual(alone.filter((shown) => sends.test(shown)), []);
  for (const answer of causes.filter((asked) => describe(asked).word === "ASK THE LEAD")) {
    const may = leadMay(answer) !== null;
    const { word, foot } = describeTo("door_lead", describe(answer), may);
    const decides = may || describe(answer).taps.length > 0;
    assert.equal(word, decides ? "YOU DECIDE" : "TAKE ASIDE", answer.verdict);
    assert.equal(/decide/.test(foot) && !decides, false, `${answer.verdict} has nothing to decide with`);
  }
});
