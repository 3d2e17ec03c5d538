import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decidingOn, isOpen, isUnderWay, NOTHING_SHOWN, question, step,
} from "../../../../registrations/door/scanner/scan-states.mjs";

const SOMEONE = { name: "Ada Example", badge_name: "Ada", organisation: "Example", badge: "Delegate" };
const OK = { verdict: "ok", ...SOMEONE };
const IN = { verdict: "already_in", ...SOMEONE, at: "09:12", door: "Main door" };
const AGAIN = { ...IN, twice: 6 }; // on the phone that has just let them in
const scan = (fields = {}) => ({ id: "a", kind: "in", proof: "ada", offline: false, shown: "", tap: "", ...fields });

/** A screen to which these events have happened, one every so many milliseconds; rows change as the effects say. */
function after(...events) {
  let state = NOTHING_SHOWN;
  let effects = [];
  for (const event of events) {
    ({ state, effects } = step(state, { mono: 0, ...event }));
    for (const [name, row, fields] of effects) if (name === "amend") Object.assign(row, fields);
  }
  return { state, effects, names: effects.map(([name]) => name) };
}
const judged = (local = { verdict: "offline" }, row = scan()) => ({ name: "judged", row, local, count: 1 });
const answered = (answer, row) => ({ name: "answered", row, answer });

// One line for each arrow: what has happened, the event, the state after it, and the effects that matter
const ROW = scan();
for (const [before, event, name, effects] of [
  [[], judged(), "checking", ["stop", "checking", "touch", "wait", "send"]],
  [[], judged(IN), "called", ["stop", "verdict", "sound", "touch", "wait", "send"]],
  [[], { name: "said", answer: { verdict: "invalid" } }, "settled", ["stop", "verdict", "sound"]],
  [[], { name: "found", person: SOMEONE }, "found", ["stop", "found"]],
  [[], { name: "tone" }, "idle", []],
  [[], { name: "unanswered" }, "idle", []],
  [[], { name: "tapped", choice: "lead" }, "idle", []],
  [[judged()], { name: "tone" }, "checking", ["wait"]],
  [[judged(OK)], { name: "tone" }, "called", ["verdict", "sound", "wait"]],
  [[judged(IN)], { name: "tone" }, "called", ["wait"]],
  [[judged(OK)], { name: "unanswered" }, "offline", ["amend", "book", "stop", "verdict", "sound", "wait", "doubt"]],
  [[judged(OK), { name: "tone" }], { name: "unanswered" }, "offline", ["amend", "book", "stop", "verdict", "wait", "doubt"]],
  [[judged(OK)], { name: "unanswered", id: "a" }, "offline", ["amend", "book", "stop", "verdict", "sound", "wait", "doubt"]],
  [[judged(OK)], { name: "unanswered", id: "b" }, "checking", []],
  [[judged(OK)], answered(OK, ROW), "settled", ["book", "heard", "stop", "verdict", "sound", "wait"]],
  [[judged(OK), { name: "tone" }], answered(OK, ROW), "settled", ["book", "heard", "stop", "verdict", "wait"]],
  [[judged(OK), { name: "tone" }], answered(IN, ROW), "settled", ["book", "heard", "stop", "verdict", "sound"]],
  [[judged(IN)], answered(IN, ROW), "settled", ["book", "heard", "stop", "verdict"]],
  [[judged(AGAIN)], answered(AGAIN, ROW), "settled", ["book", "heard", "stop", "verdict"]],
  [[judged(AGAIN)], answered(IN, ROW), "settled", ["book", "heard", "stop", "verdict", "sound"]],
  [[judged(IN)], { name: "dismissed" }, "idle", ["amend", "book", "stop", "clear"]],
  [[judged(OK)], { name: "dismissed" }, "idle", ["stop", "clear"]],
  [[judged(OK), answered(OK, ROW)], { name: "over" }, "idle", ["stop", "clear"]],
  [[judged(OK)], { name: "over" }, "checking", []],
  [[judged(OK)], answered(OK, scan({ id: "b", shown: "ok", offline: true })), "checking", ["book", "heard"]],
  [[judged(OK)], answered(IN, scan({ id: "b", shown: "ok", offline: true })), "checking", ["book", "heard", "changed", "sound"]],
  [[judged(OK)], answered({ verdict: "error" }, scan({ id: "b" })), "checking", ["book", "heard"]],
  [[{ name: "found", person: SOMEONE }], { name: "dismissed" }, "idle", ["stop", "clear"]],
  [[judged(OK)], { name: "ended" }, "idle", ["stop", "clear"]],
  [[judged(OK)], { name: "cleared" }, "idle", ["stop", "clear"]],
  [[], { name: "overridden", row: scan({ tap: "lead" }), local: OK }, "offline", ["book", "stop", "verdict", "sound", "wait", "send"]],
]) {
  const from = before.map((event) => event.name).join(", ") || "nothing";
  const what = [event.id, event.answer?.verdict, event.row?.id].filter(Boolean).join(" ");
  test(`after ${from}, ${event.name} ${what} leads to ${name}: ${effects.join(", ") || "nothing"}`, () => {
    const { state, names } = after(...before, event);
    assert.deepEqual([state.name, names], [name, effects]);
  });
}

test("time that passes, or an event that is none, sends nothing in whatever state, and never fails", () => {
  const states = [[], [judged()], [judged(IN)], [judged(OK), { name: "unanswered" }], [judged(OK), answered(OK, ROW)]];
  for (const before of [...states, [{ name: "found", person: SOMEONE }], [{ name: "said", answer: { verdict: "unknown" } }]]) {
    for (const name of ["tone", "unanswered", "over", "unheard of"]) {
      const { names } = after(...before, { name });
      assert.equal(names.includes("send"), false, name);
    }
  }
});

test("of a phone's own verdict that asks, the tap is written down and sent, and lets in by it", () => {
  const row = scan();
  const { effects } = after(judged({ verdict: "check_id", ...SOMEONE, list: "09:31" }, row), { name: "unanswered" }, {
    name: "tapped", choice: "id_seen",
  });
  assert.deepEqual(effects.slice(2), [["amend", row, { tap: "id_seen" }], ["book", row, "ok"], ["send", row]]);
  assert.deepEqual([row.offline, row.shown, row.tap], [true, "check_id", "id_seen"]);
});

test("who was not let in is written down as that, and books nothing", () => {
  const row = scan();
  const { effects, names } = after(judged({ verdict: "old_list", ...SOMEONE }, row), { name: "unanswered" }, { name: "tapped", choice: "" });
  assert.deepEqual([effects[2], names], [["amend", row, { tap: "no" }], ["stop", "clear", "amend", "send"]]);
});

test("a question's yes is a scan of its own; offline, the first one goes too", () => {
  const asks = { verdict: "came_in_elsewhere", ...SOMEONE };
  const row = scan({ kind: "out" });
  const online = after(judged(asks, row), answered(asks, row), { name: "tapped", choice: "came_in_elsewhere" });
  assert.deepEqual(online.names, ["stop", "clear", "ask"]);
  assert.deepEqual(online.effects[2], ["ask", { kind: "out", proof: "ada", code: "came_in_elsewhere" }, { ...asks, verdict: "out" }]);
  const offline = after(judged(asks, row), { name: "unanswered" }, { name: "tapped", choice: "came_in_elsewhere" });
  assert.deepEqual(offline.names, ["stop", "clear", "ask", "amend", "send"]);
  const no = after(judged(asks, row), { name: "unanswered" }, { name: "tapped", choice: "" });
  assert.deepEqual(no.names, ["stop", "clear", "amend", "send"]);
});

test("counted at both is a scan of its own; offline, it is the first one's tap", () => {
  const asks = { verdict: "not_counted", ...SOMEONE };
  const row = scan();
  const online = after(judged(asks, row), answered(asks, row), { name: "tapped", choice: "both" });
  assert.deepEqual(online.names, ["stop", "clear", "ask"]);
  assert.deepEqual(online.effects[2], ["ask", { kind: "in", proof: "ada", code: "both" }, { ...asks, verdict: "ok" }]);
  const back = after(judged(asks, row), answered(asks, row), { name: "tapped", choice: "" });
  assert.deepEqual(back.names, ["stop", "clear"], "the server has its answer already");
  const offline = after(judged(asks, row), { name: "unanswered" }, { name: "tapped", choice: "both" });
  assert.deepEqual(offline.effects.slice(2), [["amend", row, { tap: "both" }], ["book", row, "ok"], ["send", row]]);
  const sent = after(judged(asks, row), { name: "unanswered" }, { name: "tapped", choice: "" });
  assert.deepEqual(sent.effects.slice(2), [["amend", row, { tap: "no" }], ["send", row]]);
});

test("not counted at the entrance is called out once the server has said so", () => {
  const { names } = after(judged({ verdict: "not_counted", ...SOMEONE, list: "09:31" }, scan()));
  assert.equal(names.includes("sound"), false);
});

const LATE = [judged(OK, ROW), { name: "unanswered" }, { name: "over" }];

test("a change is told once, waits for a tap, and hides no other", () => {
  const [row, other] = [scan({ id: "x", shown: "ok", offline: true }), scan({ id: "y", shown: "ok", offline: true })];
  const first = after(...LATE, answered(IN, row));
  assert.deepEqual(first.effects.find(([name]) => name === "changed").slice(2), [1, row]);
  assert.equal(isOpen(first.state, 99_999), false);
  const twice = after(...LATE, answered(IN, row), answered(IN, row), answered(IN, other));
  assert.deepEqual([twice.names, twice.state.changes.length], [["book", "heard"], 2]);
  const seen = step(twice.state, { name: "dismissed", mono: 0 });
  assert.deepEqual([seen.effects.map(([name]) => name), seen.state.changes.length], [["changed", "sound"], 1]);
  const both = step(seen.state, { name: "dismissed", mono: 0 });
  assert.deepEqual([both.effects.map(([name]) => name), isOpen(both.state, 0)], [["unchanged"], true]);
});

test("a change of what is still on the screen takes both away at one tap", () => {
  const { names, state } = after(judged(OK, ROW), { name: "unanswered" }, answered(IN, ROW), { name: "dismissed" });
  assert.deepEqual([names, state.name], [["stop", "clear", "unchanged"], "idle"]);
});

test("a come in gives way to the next guest after 700 milliseconds, anything else after a tap", () => {
  const { state } = after(judged(OK), answered(OK, ROW));
  assert.deepEqual([isOpen(state, 699), isOpen(state, 700), isUnderWay(state, 699), isUnderWay(state, 700)], [false, true, true, false]);
  const stays = after(judged(IN), answered(IN, ROW)).state;
  assert.deepEqual([isOpen(stays, 99_999), isUnderWay(stays, 99_999)], [false, false]);
  const checking = after(judged(OK)).state;
  assert.deepEqual([isOpen(checking, 99_999), isUnderWay(checking, 99_999)], [false, true]);
});

test("a scan is held back only while a steward is deciding on it", () => {
  const asks = { verdict: "check_id", ...SOMEONE, list: "09:31" };
  const states = [[judged(asks)], [judged(asks), { name: "unanswered" }], [judged(OK), { name: "unanswered" }], []];
  assert.deepEqual(states.map((events) => decidingOn(after(...events).state)), ["", "a", "", ""]);
});

for (const [says, events, codes] of [
  ["nothing on the screen", [], null],
  ["already in", [judged(IN), answered(IN, ROW)], 4],
  ["already in, of an exit", [judged(IN, scan({ kind: "out" })), answered(IN, scan({ kind: "out" }))], null],
  ["a verdict that is no scan's", [{ name: "said", answer: IN }], null],
  ["a sample of the practice card", [{ name: "said", answer: IN, isPractice: true }], 4],
  ["a come in", [judged(OK), answered(OK, ROW)], null],
]) {
  test(`of ${says} a lead may decide: ${codes ?? "nothing"}`, () => {
    assert.equal(question(after(...events).state)?.codes.length ?? null, codes);
  });
}

for (const [how, ...events] of [
  ["at once", judged(OK)],
  ["late", judged(OK), { name: "unanswered" }],
]) {
  test(`an answer without a name, ${how}, leaves the name that this phone has opened by itself`, () => {
    const row = scan({ offline: how === "late", shown: how === "late" ? "ok" : "" });
    const { state, effects } = after(...events, answered({ verdict: "ok" }, row));
    assert.equal(state.name, "settled");
    assert.equal(effects.find(([name]) => name === "verdict")[1].name, SOMEONE.name);
    const other = { ...SOMEONE, name: "Ada Corrected" };
    const named = after(...events, answered({ verdict: "ok", ...other }, row));
    assert.equal(named.effects.find(([name]) => name === "verdict")[1].name, "Ada Corrected");
  });
}
