// What happens after a scan: the states of the screen, the events, and one table of both. Nothing is stored, sent or
// drawn here: each step returns a list of effects, which scanning.mjs carries out in order.

import { agrees, NOT_LET_IN, passes } from "./offline-verdict.mjs";
import { asOne, named } from "./together-signs.mjs";
import {
  ASKS_LEAD, AT_ONCE, CHANGED, describe, describeChanged, describeFound, describeHollow, describeOffline, leadMay, SIGNS,
} from "./verdict-signs.mjs";

const TONE_WAITS = 400; // milliseconds to wait for the server, before a COME IN of the list is called out
const PATIENCE = 1200; // milliseconds without an answer, after which the screen says so
const SEEN = 700; // milliseconds: the least that a verdict without buttons is shown
const STAYS = 4000; // milliseconds: the most, unless somebody comes with them
const LETS_IN = ["ok", "check_id"]; // beside whom somebody else is let in
const YES = { came_in_elsewhere: "out", not_counted: "ok" }; // the questions, and what follows from the steward's yes

/**
 * States. idle: nothing is shown. checking: the scan is stored and judged, and the server is asked. called: the same,
 * and the phone's own verdict has been called out. offline: no answer came, so the phone's own verdict stands. settled:
 * the final verdict. found: somebody was found by reference, and nobody has let them in yet.
 *
 * Events. judged: a scan is stored, and the list has been asked. tone, unanswered, over: a timer has run out. answered:
 * the server's answer to the scan on the screen; late: its answer to another scan. said: an answer that belongs to no
 * scan. found: by reference. overridden: by a lead's tap without a network. tapped: a button of the verdict.
 * (With `card`, the proof of a lead's card, if one decided.) dismissed: the steward has seen the verdict; seen: the steward has seen the change on top of it. cleared: a lead has
 * decided on it. held: a panel asks about the person on the screen, so nobody else takes it. ended: this phone stops
 * scanning.
 *
 * Several scans at once (`rows`), of people who come together or of their entries taken back, are one verdict: it waits
 * for the answer to the last of them, and the others' come before it.
 */
const ANYWHERE = {
  judged: check, said: say, found: find, overridden: override, late,
  cleared: clear, dismissed: clear, seen, ended: end, held: hold,
};
const TABLE = {
  idle: {},
  checking: { tone: callOut, unanswered: standAlone, answered: settle, partner },
  called: { tone: waitOn, unanswered: standAlone, answered: settle, dismissed: standAndClear, partner },
  offline: { answered: fill, tapped: decide, over: clear },
  settled: { answered: fill, tapped: decide, over: clear },
  found: {},
};

/**
 * `shown` is what is on the screen: {id, row, rows, told, answer, goes, taps, at, isPractice}, with `told` what the server
 * has answered to each row but the last. `changes` has the late answers that
 * nobody has looked at yet, [{answer, row}], and `told` the ids of the scans whose change has been shown.
 */
export const NOTHING_SHOWN = { name: "idle", shown: null, changes: [], told: [] };

/** {state, effects} after an event: {name, mono, ...}. An event that is not in the state's table changes nothing. */
export function step(state, event) {
  const act = { ...ANYWHERE, ...TABLE[state.name] }[nameOf(state, event)];
  return act ? act(state, event) : { state, effects: [] };
}

function nameOf(state, { name, id, row }) {
  if (name === "answered" && row.id !== state.shown?.id) {
    return isChecking(state) && state.shown.rows.includes(row) ? "partner" : "late";
  }
  if (name === "unanswered" && id !== undefined && id !== state.shown?.id) return "none: another scan's";
  return name === "dismissed" && state.changes.length ? "seen" : name;
}

// What is on the screen, for other rooms

const isChecking = ({ name }) => name === "checking" || name === "called";
const isNew = ({ shown }, mono) => mono - shown.at < SEEN;

/** True if the next guest's code may take the screen. */
export const isOpen = (state, mono) =>
  !state.changes.length && (!state.shown || (state.shown.goes && !isNew(state, mono)));

/** True while a verdict is being found, or has just been drawn. */
export const isUnderWay = (state, mono) => state.shown !== null && (isChecking(state) || isNew(state, mono));

/** Id of the scan that a steward is deciding on, or "". It is not sent before they have decided. */
export const decidingOn = ({ name, shown }) => (name === "offline" && shown.taps.length > 0 ? shown.id : "");

/** True while only a lead's card lets in whoever is on the screen. */
export const wantsCard = ({ name, shown }) =>
  name === "offline" && shown.taps.length > 0 && shown.answer.card === true && ASKS_LEAD.includes(shown.answer.verdict);

/**
 * What a lead may decide about the verdict on the screen: {row, answer, says, codes}; or null. Of whoever stands beside
 * somebody nothing: the ticket was not theirs, and they show their own.
 */
export function question({ shown }) {
  const { row, answer, isPractice } = shown ?? {};
  const may = isPractice || (row && row.kind !== "out" && !row.mark) ? leadMay(answer) : null;
  return may && { row, answer, isPractice, ...may };
}

/** Who comes with the person on the screen and can be let in beside them: {row, answer, marks}; or null. */
export function company({ name, shown }) {
  const { row, answer, isPractice } = shown ?? {};
  const isLetIn = name === "settled" || name === "offline" ? LETS_IN.includes(answer?.verdict) : false;
  const isAsked = isLetIn && !isPractice && row?.kind === "in" && !row.mark && answer.along?.length;
  return isAsked ? { row, answer, marks: answer.along } : null;
}

// The acts of the table

function check(state, { row, rows = [row], local, count, mono }) {
  const shown = { id: row.id, row, rows, told: [], answer: local, goes: false, taps: [], at: mono };
  const isSaid = AT_ONCE.includes(local.verdict);
  const moment = local.name && row.kind === "in" ? describeHollow(local) : null;
  const first = isSaid ? calledOut(describe(local)) : [["checking", moment]];
  const effects = [["stop"], ...first, ["touch"], ["wait", TONE_WAITS, "tone"], ["send", row, count]];
  return { state: { ...state, name: isSaid ? "called" : "checking", shown }, effects };
}

/** The server is slow: a COME IN of a fresh list is called out, still under a hollow sign. */
function callOut(state) {
  const { answer } = state.shown;
  const waits = waitOn(state);
  if (answer.verdict !== "ok") return waits;
  return { state: { ...state, name: "called" }, effects: [...calledOut(describeHollow(answer)), ...waits.effects] };
}

function waitOn(state) {
  return { state, effects: [["wait", PATIENCE - TONE_WAITS, "unanswered"]] };
}

/** From now on the phone's own verdict stands, until the server gives another. */
function standAlone(state, event) {
  const { row, answer } = state.shown;
  const offline = describeOffline({ ...answer, kind: row.kind });
  const drawn = draw(state, "offline", { row, answer, mono: event.mono, quiet: state.name === "called" }, offline);
  return { ...drawn, effects: [...allStanding(state), ...drawn.effects, ["doubt"]] };
}

function standAndClear(state) {
  return after(allStanding(state), clear(state));
}

/** The answer to one of several scans; they are shown with that to the last. */
function partner(state, { row, answer }) {
  const shown = { ...state.shown, told: [...state.shown.told, { row, answer }] };
  return { state: { ...state, shown }, effects: heard(row, answer) };
}

function settle(state, { row, answer: last, mono }) {
  const { rows, told } = state.shown;
  const answer = withKnown(state, asOne(rows, [...told.map(({ answer: before }) => before), last]));
  const { verdict, twice } = state.shown.answer;
  const isSame = agrees({ shown: verdict }, answer.verdict) && (twice === undefined) === (answer.twice === undefined);
  const quiet = state.name === "called" && isSame;
  return after(heard(row, last), draw(state, "settled", { row, answer, mono, quiet }));
}

/** The server's answer to what is on the screen: removes the mark, or says that the verdict has changed. */
function fill(state, event) {
  const { row, mono } = event;
  const answer = withKnown(state, asOne([row], [event.answer])); // what was said of the others stands
  if (answer.verdict === "error" || !agrees(row, answer.verdict)) return late(state, event);
  return after(heard(row, answer), draw(state, "settled", { row, answer, mono, quiet: true }));
}

/** An answer after the screen has shown a verdict. If it differs from that verdict, the screen says so, once. */
function late(state, { row, answer }) {
  const same = after(heard(row, answer), { state, effects: [] });
  if (answer.verdict === "error" || agrees(row, answer.verdict) || state.told.includes(row.id)) return same;
  const changes = [...state.changes, { answer: asOne([row], [answer]), row }];
  const effects = changes.length === 1 ? changed(changes) : [];
  return after(same.effects, { state: { ...state, changes, told: [...state.told, row.id] }, effects });
}

/** A tap: the steward has seen the change on top of the verdict. */
function seen(state) {
  const [{ row }, ...changes] = state.changes;
  const cleared = state.shown?.id === row.id ? clear(state) : { state, effects: [] };
  const effects = [...cleared.effects, ...(changes.length ? changed(changes) : [["unchanged"]])];
  return { state: { ...cleared.state, changes }, effects };
}

/** A tap on a button of the verdict: who lets them in, what the answer is, or "" for neither. */
function decide(state, { choice, card }) {
  const { row, answer } = state.shown;
  const cleared = clear(state);
  const verdict = YES[answer.verdict];
  const asks = verdict && choice && row ? [["ask", { kind: row.kind, proof: row.proof, code: choice }, { ...answer, verdict }]] : [];
  if (state.name !== "offline") return { ...cleared, effects: [...cleared.effects, ...asks] };
  const isQuestion = verdict === "out"; // the scan says no more than that it was asked, and the answer is another one
  const tap = isQuestion ? {} : { tap: choice || NOT_LET_IN, ...(card && { card }) };
  const booked = !isQuestion && choice ? [["book", row, passes(row)]] : [];
  return { ...cleared, effects: [...cleared.effects, ...(isQuestion ? asks : []), ["amend", row, tap], ...booked, ["send", row]] };
}

/** Without a network a lead's tap counts at once. */
function override(state, { row, local, mono }) {
  const drawn = draw(state, "offline", { row, answer: local, mono }, describeOffline(local));
  return { ...drawn, effects: [["book", row, local.verdict], ...drawn.effects, ["send", row]] };
}

/** Whoever holds the phone looks at two work IDs: the verdict stays, and the next code waits. */
function hold(state) {
  return { state: { ...state, shown: { ...state.shown, goes: false, isHeld: true } }, effects: [["stop"]] };
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

// Parts of the acts

/** Of a scan that it knows already the server sends no name, and of an undo no way: what the phone knows stays. */
function withKnown({ shown }, told) {
  const { name, way } = shown.answer;
  if (way) return { way, ...told };
  return name && !told.name ? { ...named(shown.answer), ...told } : told;
}

const after = (effects, then) => ({ state: then.state, effects: [...effects, ...then.effects] });
const heard = (row, { verdict }) => [["book", row, verdict], ["heard", row]];
const standing = (row, verdict) => [["amend", row, { offline: true, shown: verdict }], ["book", row, verdict]];
const allStanding = ({ shown: { rows, told, answer } }) => {
  const isTold = (row) => told.some(({ row: other }) => other === row);
  return rows.filter((row) => !isTold(row)).flatMap((row) => standing(row, answer.verdict));
};
const calledOut = (described) => [["verdict", described, false], ["sound", SIGNS[described.sign]]];
const changed = (changes) => {
  const [{ answer, row }] = changes;
  return [["changed", describeChanged(answer), changes.length, row], ["sound", CHANGED]];
};

function draw(state, name, { row, answer, mono, isPractice = false, quiet = false }, described = describe(answer)) {
  const { rows = [row], isHeld = false } = row && state.shown?.id === row.id ? state.shown : {};
  const [goes, { taps }] = [described.goes && !isHeld, described];
  const shown = { id: row?.id ?? "", row, rows, answer, goes, taps, at: mono, isPractice, isHeld };
  const next = { ...state, name, shown };
  const sound = quiet ? [] : [["sound", SIGNS[described.sign]]];
  const together = company(next)?.marks.length ?? 0;
  const stays = goes && !together ? [["wait", STAYS, "over"]] : []; // a change on top of it stays until it is tapped
  return { state: next, effects: [["stop"], ["verdict", described, question(next) !== null, together], ...sound, ...stays] };
}
