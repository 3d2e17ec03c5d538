// What a phone may decide by itself, from its list and its own scans, when the server does not answer.

import { actOf, markOf, marksIn } from "./marks.mjs";
import { isRepeat, judge } from "./verdict.mjs";

export const NOTHING = { verdict: "offline" }; // the answer of a phone that knows nothing
const NO_NAME = ["revoked", "cancelled", "not_approved", "waitlisted"];
const SCANNED_TWICE = "scanned_twice";
/** What a lead decides, and nobody comes in by it: of somebody whom they meet, or who is in already. */
const ADMITS_NOBODY = ["other_entrance", "refused", SCANNED_TWICE];

/** What a lead's reason makes of the verdict on the screen. */
export function byLead(code) {
  if (code === SCANNED_TWICE) return { verdict: "already_in", twice: "lead" };
  return { verdict: ADMITS_NOBODY.includes(code) ? "turned_away" : "ok" };
}

const NOT_YET = Date.UTC(9999, 0) / 1000; // when a door opens whose hours were taken away again, as door.py has it
const HOURS = ["too_early", "too_late"];
const LET_IN = ["ok", "not_counted"]; // at once, or by the steward's answer
const CLOCK_DOUBTED = 300; // seconds between the phone's clock and the server's, last time they spoke
const RULES = { fresh: 300, old: 14_400 }; // seconds since the server last said that the list is right

/**
 * `record` is what the list says about a ticket, or null. `own` is this phone's own last act with it: {way: "in" |
 * "out"}, or undefined. `listAge` is in seconds, or null without a list. `at` and `hours` are by the server's clock.
 * `clockOff` is the difference of this phone's clock from it. `jumped` is how much further the phone's clock has moved
 * than this page has run since the server last answered: somebody moved it, or the phone slept. The result is one of
 * the server's verdicts, or why the phone cannot tell: offline, not_on_phone, issued_since, check_id, old_list,
 * clock_doubted.
 */
export function judgeOffline(record, own, { kind = "in", hours, at, listAge, policy, ...doubts }) {
  const { full = false, clockOff = 0, jumped = 0, rules = RULES } = doubts;
  if (listAge === null) return "offline";
  if (kind === "out") return judgeExit(record, own);
  const inside = isInside(record, own, policy);
  if (record === null) return inside ? "already_in" : "not_on_phone";
  if (record.s === "reserve") return inside ? "already_in" : "issued_since";
  const known = { ...knownOf(record, inside), full, uncounted: record.u === 1 && !own }; // who came in here before was counted
  const judged = (moment) => judge(known, hours, moment);
  const verdict = judged(at);
  if (HOURS.includes(verdict) && Math.abs(clockOff) > CLOCK_DOUBTED) return "clock_doubted";
  if (!LET_IN.includes(verdict)) return verdict;
  if (Math.abs(jumped) > CLOCK_DOUBTED && judged(at + jumped) !== verdict) return "clock_doubted";
  return byAge(verdict, listAge, rules);
}

/** Nobody is stopped from leaving because their ticket is no longer good. */
function judgeExit(record, own) {
  if (own) return own.way === "in" ? "out" : "already_out";
  if (record === null) return "not_on_phone";
  if (record.s === "reserve") return "issued_since";
  if (record.l) return "already_out";
  return record.i ? "out" : "came_in_elsewhere";
}

/** By this phone, otherwise by the list. Where people may come in only once, whoever has left still counts as in. */
function isInside(record, own, policy) {
  const isOnce = policy === "once";
  if (own) return own.way === "in" || isOnce;
  return record?.i !== undefined || (isOnce && record?.l !== undefined);
}

/** Answers like the server, from this phone's `guestList`, its own `acts`, and its `pass`, which tells the time. */
export class OfflineVerdict {
  #parts;

  constructor(parts) {
    this.#parts = parts; // {guestList, acts, pass, places}
  }

  async judge(derived, proof, kind) {
    const { guestList, acts, pass, places } = this.#parts;
    const { door, role } = pass.get();
    const [record, own] = await Promise.all([guestList.record(derived), acts.of(proof)]);
    const together = record?.c ? await this.#company(record, derived) : {};
    const mine = own ?? together.mine;
    const verdict = judgeOffline(record, mine, this.#facts(kind, record));
    const code = role === "door_lead" ? { code: verdict } : {};
    const isHidden = record?.m === 1 && role !== "door_lead"; // nobody but the lead hears who they are
    if (NO_NAME.includes(verdict) || (isHidden && verdict === "lead_meets")) return { verdict: "ask_lead", ...code };
    const hour = (seconds) => pass.hourOf(seconds);
    const list = guestList.facts();
    const opens = door.opens !== NOT_YET && door.opens && hour(door.opens);
    const hours = { opens, closes: door.closes && hour(door.closes), list: list && hour(list.at) };
    const howFull = verdict === "speak_to_lead" ? places.now(record?.j === 1) : {};
    const asksCard = guestList.hasCards() ? { card: true } : {};
    const when = { ...whenIn(record, mine, door.name, hour, kind), ...(verdict === "already_in" ? await this.#repeat(proof, together.shown) : {}) };
    return { verdict, ...(isHidden ? {} : personIn(record)), ...dueIn(record, verdict), ...together.shown, ...hours, ...when, ...howFull, ...asksCard };
  }

  /** How many seconds ago this phone let them in, if so lately that it was the same person again. */
  async #repeat(proof, { own } = {}) {
    const { acts, pass } = this.#parts;
    const at = (await acts.letInAt(proof)) ?? (own && (await acts.letInAt(actOf(own))));
    const ago = at === undefined ? null : pass.now() - at;
    return isRepeat(ago) ? { twice: Math.floor(ago) } : {};
  }

  /** Of so many beside somebody who is let in: they have been looked at, the list is not old, and each has a place. */
  beside(people) {
    const { guestList, pass, places } = this.#parts;
    const age = guestList.age();
    if (age === null || age > (pass.get().rules ?? RULES).old) return NOTHING;
    return places.areFull(false, people) ? { verdict: "speak_to_lead", ...places.now() } : { verdict: "ok" };
  }

  /** Who comes with them and is not in, as far as this phone knows, and what it did with them beside somebody else. */
  async #company(record, derived) {
    const { acts } = this.#parts;
    const isIn = async (mark) => (await acts.of(actOf(mark)))?.way === "in";
    const marks = marksIn(record.c);
    const known = await Promise.all(marks.map(isIn));
    const along = marks.filter((_, n) => !known[n]);
    const own = await markOf(derived.proof);
    return { mine: await acts.of(actOf(own)), shown: { own, ...(along.length ? { along } : {}) } };
  }

  #facts(kind, record) {
    const { guestList, pass, places } = this.#parts;
    const { door: { opens, closes, policy }, rules } = pass.get();
    const doubts = { clockOff: pass.clockOff(), jumped: pass.jumped(), rules, full: places.areFull(record?.j === 1) };
    return { kind, hours: { opens, closes }, at: pass.now(), listAge: guestList.age(), policy, ...doubts };
  }
}

function personIn(record) {
  if (!record) return {};
  const person = { name: record.n, badge_name: record.b ?? record.n, organisation: record.o, badge: record.t };
  if (record.i || record.l) return person; // they were here before, and have their badge
  return { ...person, ...(record.y !== undefined && { tray: record.y }), photos: record.p === 1 };
}

/** Where they are due, "" if in no workshop then. */
const dueIn = (record, verdict) => (verdict === "wrong_door" ? { due: record.w } : {});

function whenIn(record, mine, here, hourOf, kind) {
  if (mine) return { at: hourOf(mine.at), door: here };
  const [came, door, left] = record?.i ?? record?.l ?? [];
  return came ? { at: hourOf(kind === "out" && left ? left : came), door } : {};
}

/** The verdict on somebody who goes through. */
export const passes = ({ kind }) => (kind === "out" ? "out" : "ok");

/** The verdicts on those who went through, in or out. */
export const PASSES = ["ok", "out"];

/** The tap of a row whose guest the steward did not let through. */
export const NOT_LET_IN = "no";

/** Whether they went through offline: by the phone's own verdict, or by the tap of whoever decided there. */
export const passedOffline = ({ kind, offline, shown, tap, code }) =>
  kind !== "undo" && offline && tap !== NOT_LET_IN && !ADMITS_NOBODY.includes(code) && (tap !== "" || shown === passes({ kind }));

/** Whether the server's verdict is what the phone had said by itself, or what the steward had decided. */
export function agrees({ kind, shown, tap, code: reason }, verdict) {
  if (tap === NOT_LET_IN || ADMITS_NOBODY.includes(reason)) return !PASSES.includes(verdict);
  const said = tap && kind !== "undo" ? passes({ kind }) : shown || "offline";
  const plain = (code) => (NO_NAME.includes(code) || code === "lead_meets" ? "ask_lead" : code);
  return plain(said) === plain(verdict);
}

function knownOf(record, inside) {
  return { standing: record.s, inside, wrong_door: record.w !== undefined, meets: record.m === 1 };
}

/** An old list does not know who was counted at the entrance since: then nobody is asked, and the server counts them. */
function byAge(verdict, listAge, { fresh, old }) {
  if (listAge <= fresh) return verdict;
  return listAge <= old ? "check_id" : "old_list";
}
