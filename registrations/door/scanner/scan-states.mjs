// What happens on a scan: the states of the screen, the events, and one table of both. Nothing is stored, sent or drawn
// here: each step says what is to be done, as a list of effects that scanning.mjs carries out in their order.

import { agrees, NOT_LET_IN, passes } from "./offline-verdict.mjs";
import {
  AT_ONCE, CHANGED, describe, describeChanged, describeFound, describeHollow, describeOffline, leadMay, SIGNS,
} from "./verdict-signs.mjs";

const TONE_WAITS = 400; // milliseconds for the server's answer, before a come in of the list's is called out
const PATIENCE = 1200; // without an answer, and the screen says so
const SEEN = 700; // the least that what needs no tap is shown
const STAYS = 4000; // the most

/**
 * idle: nothing is shown. checking: stored and judged, and the server is asked. called: the same, and the phone's own
 * verdict has been called out. alone: no answer, so the phone's own verdict stands. settled: the last word of whoever
 * could tell. found: somebody found by reference, before anyone lets them in.
 *
 * judged: a scan is stored, and the list has been asked. tone, unanswered, over: the time for it has come. answered: the
 * server's answer to the scan on the screen; late: to another one. said: an answer that is no scan's. found: by
 * reference. overridden: by a lead's tap without a network. tapped: a verdict's own button. dismissed: seen by the
 * steward; seen: the change on top of it was. cleared: a lead has decided on it. ended: nobody scans here any more.
 */
const ANYWHERE = {
  judged: check, said: say, found: find, overridden: override, late,
  cleared: clear, dismissed: clear, seen, ended: end,
};
const TABLE = {
  idle: {},
  checking: { tone: callOut, unanswered: standAlone, answered: settle },
  called: { tone: waitOn, unanswered: standAlone, answered: settle, dismissed: standAndClear },
  alone: { answered: fill, tapped: decide, over: clear },
  settled: { answered: fill, tapped: decide, over: clear },
  found: {},
};

/**
 * `shown` is what is on the screen: {id, row, answer, goes, taps, at, isPractice}. `changes` are the late answers still to
 * be looked at, [{answer, row}], and `told` the ids of the scans whose change has been shown.
 */
export const NOTHING_SHOWN = { name: "idle", shown: null, changes: [], told: [] };

/** {state, effects} after an event: {name, mono, ...}. What a state has no line for changes nothing. */
export function step(state, event) {
  const act = { ...ANYWHERE, ...TABLE[state.name] }[nameOf(state, event)];
  return act ? act(state, event) : { state, effects: [] };
}

function nameOf(state, { name, id, row }) {
  if (name === "answered" && row.id !== state.shown?.id) return "late";
  if (name === "unanswered" && id !== undefined && id !== state.shown?.id) return "none: another scan's";
  return name === "dismissed" && state.changes.length ? "seen" : name;
}

// What is on the screen, for those who ask

const isChecking = ({ name }) => name === "checking" || name === "called";
const isNew = ({ shown }, mono) => mono - shown.at < SEEN;

/** The next guest's code may take the screen. */
export const isOpen = (state, mono) =>
  !state.changes.length && (!state.shown || (state.shown.goes && !isNew(state, mono)));

/** A verdict is being found, or has just been drawn. */
export const isUnderWay = (state, mono) => state.shown !== null && (isChecking(state) || isNew(state, mono));

/** Id of the scan that a steward is deciding on, or "": it is not sent before. */
export const decidingOn = ({ name, shown }) => (name === "alone" && shown.taps.length > 0 ? shown.id : "");

/** What a lead may decide of the verdict on the screen: {row, answer, says, codes}; null where nothing. */
export function question({ shown }) {
  const { row, answer, isPractice } = shown ?? {};
  const may = isPractice || (row && row.kind !== "out") ? leadMay(answer) : null;
  return may && { row, answer, isPractice, ...may };
}

// The acts of the table

function check(state, { row, local, count, mono }) {
  const shown = { id: row.id, row, answer: local, goes: false, taps: [], at: mono };
  const isSaid = AT_ONCE.includes(local.verdict);
  const moment = local.name && row.kind === "in" ? describeHollow(local) : null;
  const first = isSaid ? calledOut(describe(local)) : [["checking", moment]];
  const effects = [["stop"], ...first, ["touch"], ["wait", TONE_WAITS, "tone"], ["send", row, count]];
  return { state: { ...state, name: isSaid ? "called" : "checking", shown }, effects };
}

/** The server takes its time: a come in of a fresh list is called out, still hollow. */
function callOut(state) {
  const { answer } = state.shown;
  const waits = waitOn(state);
  if (answer.verdict !== "ok") return waits;
  return { state: { ...state, name: "called" }, effects: [...calledOut(describeHollow(answer)), ...waits.effects] };
}

function waitOn(state) {
  return { state, effects: [["wait", PATIENCE - TONE_WAITS, "unanswered"]] };
}

/** From here on the phone's own verdict stands, until the server has another. */
function standAlone(state, event) {
  const { row, answer } = state.shown;
  const offline = describeOffline({ ...answer, kind: row.kind });
  const drawn = draw(state, "alone", { row, answer, mono: event.mono, quiet: state.name === "called" }, offline);
  return { ...drawn, effects: [...standing(row, answer.verdict), ...drawn.effects, ["doubt"]] };
}

function standAndClear(state) {
  const { row, answer } = state.shown;
  return after(standing(row, answer.verdict), clear(state));
}

function settle(state, { row, answer: told, mono }) {
  const answer = withName(state, told);
  const quiet = state.name === "called" && agrees({ shown: state.shown.answer.verdict }, answer.verdict);
  return after(heard(row, answer), draw(state, "settled", { row, answer, mono, quiet }));
}

/** The server's answer to what stands on the screen: the mark goes away, or it says that it was otherwise. */
function fill(state, event) {
  const { row, mono } = event;
  const answer = withName(state, event.answer);
  if (answer.verdict === "error" || !agrees(row, answer.verdict)) return late(state, event);
  return after(heard(row, answer), draw(state, "settled", { row, answer, mono, quiet: true }));
}

/** However late. What the screen said and what is true may differ: then it says so, once. */
function late(state, { row, answer }) {
  const same = after(heard(row, answer), { state, effects: [] });
  if (answer.verdict === "error" || agrees(row, answer.verdict) || state.told.includes(row.id)) return same;
  const changes = [...state.changes, { answer, row }];
  const effects = changes.length === 1 ? changed(changes) : [];
  return after(same.effects, { state: { ...state, changes, told: [...state.told, row.id] }, effects });
}

/** A tap: the change on top of the verdict has been seen. */
function seen(state) {
  const [{ row }, ...changes] = state.changes;
  const cleared = state.shown?.id === row.id ? clear(state) : { state, effects: [] };
  const effects = [...cleared.effects, ...(changes.length ? changed(changes) : [["unchanged"]])];
  return { state: { ...cleared.state, changes }, effects };
}

/** A tap on one of the verdict's own buttons: who lets them in, what the answer is, or "" for neither. */
function decide(state, { choice }) {
  const { row, answer } = state.shown;
  const cleared = clear(state);
  const isQuestion = answer.verdict === "came_in_elsewhere";
  const asks = isQuestion && choice && row ? [["ask", { kind: "out", proof: row.proof, code: choice }, counted(answer)]] : [];
  if (state.name !== "alone") return { ...cleared, effects: [...cleared.effects, ...asks] };
  const tap = isQuestion ? {} : { tap: choice || NOT_LET_IN };
  const booked = !isQuestion && choice ? [["book", row, passes(row)]] : [];
  return { ...cleared, effects: [...cleared.effects, ...asks, ["amend", row, tap], ...booked, ["send", row]] };
}

const counted = (answer) => ({ ...answer, verdict: "out" });

/** With no network a lead's tap stands at once. */
function override(state, { row, local, mono }) {
  const drawn = draw(state, "alone", { row, answer: local, mono }, describeOffline(local));
  return { ...drawn, effects: [["book", row, local.verdict], ...drawn.effects, ["send", row]] };
}

function say(state, { answer, described, isPractice, mono }) {
  return draw(state, "settled", { row: null, answer, isPractice, mono }, described);
}

function find(state, { person, mono }) {
  const shown = { id: "", row: null, answer: person, goes: false, taps: [], at: mono };
  return { state: { ...state, name: "found", shown }, effects: [["stop"], ["found", describeFound(person)]] };
}

function clear(state) {
  return { state: { ...state, name: "idle", shown: null }, effects: [["stop"], ["clear"]] };
}

function end() {
  return clear(NOTHING_SHOWN);
}

// What they are made of

/** To a scan that is no news the server says no name: whom this phone has opened by itself stays on the screen. */
function withName({ shown }, told) {
  const { name, badge_name, organisation, badge } = shown.answer;
  return name ? { name, badge_name, organisation, badge, ...told } : told;
}

const after = (effects, then) => ({ state: then.state, effects: [...effects, ...then.effects] });
const heard = (row, { verdict }) => [["book", row, verdict], ["heard", row]];
const standing = (row, verdict) => [["amend", row, { offline: true, shown: verdict }], ["book", row, verdict]];
const calledOut = (described) => [["verdict", described, false], ["sound", SIGNS[described.sign]]];
const changed = (changes) => {
  const [{ answer, row }] = changes;
  return [["changed", describeChanged(answer), changes.length, row], ["sound", CHANGED]];
};

function draw(state, name, { row, answer, mono, isPractice = false, quiet = false }, described = describe(answer)) {
  const { goes, taps } = described;
  const next = { ...state, name, shown: { id: row?.id ?? "", row, answer, goes, taps, at: mono, isPractice } };
  const sound = quiet ? [] : [["sound", SIGNS[described.sign]]];
  const stays = goes ? [["wait", STAYS, "over"]] : []; // a change on top of it stays until it is tapped
  return { state: next, effects: [["stop"], ["verdict", described, question(next) !== null], ...sound, ...stays] };
}
