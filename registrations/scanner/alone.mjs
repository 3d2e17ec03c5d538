// What a phone may say by itself, from its list and its own scans, when the server does not answer.

import { judge } from "./verdict.mjs";

const CLOCK_DOUBTED = 300; // seconds between the phone's clock and the server's, last time they spoke
export const RULES = { fresh: 300, old: 14_400 }; // seconds since the server last said that the list is right

/**
 * `record` is what the list says of a ticket, null where it says nothing. `own` is this phone's own last act with it:
 * {way: "in" | "out"}, or undefined. `listAge` is in seconds, null where there is no list. `at` and `hours` are by the
 * server's clock, `clockOff` is how far this phone's own is from it. The verdict is the server's, or a word that a
 * phone cannot tell: offline, not_on_phone, issued_since, check_id, old_list, clock_doubted.
 */
export function judgeAlone(record, own, { kind = "in", door, hours, at, listAge, clockOff = 0, policy, rules = RULES }) {
  if (listAge === null) return "offline";
  if (kind === "out") return judgeExit(record, own);
  if (own?.way === "in" || (own && policy === "once")) return barred(record) ?? "already_in";
  if (record === null) return "not_on_phone";
  if (record.s === "reserve") return "issued_since";
  const verdict = judge(knownOf(record, own), door, hours, at);
  if (["too_early", "too_late"].includes(verdict) && Math.abs(clockOff) > CLOCK_DOUBTED) return "clock_doubted";
  return verdict === "ok" ? okByAge(listAge, rules) : verdict;
}

/** Going out is never refused for what a ticket has become meanwhile. */
function judgeExit(record, own) {
  if (own) return own.way === "in" ? "out" : "already_out";
  if (record === null) return "not_on_phone";
  if (record.s === "reserve") return "issued_since";
  return record.i ? "out" : "came_in_elsewhere";
}

/** Withdrawn since this phone let them in: that comes before their being in. */
function barred(record) {
  return record && !["ok", "reserve"].includes(record.s) ? record.s : null;
}

function knownOf(record, own) {
  const inside = !own && record.i !== undefined;
  return { standing: record.s, doors: record.d ?? null, inside, hold: record.h === 1, asks: false };
}

function okByAge(listAge, { fresh, old }) {
  if (listAge <= fresh) return "ok";
  return listAge <= old ? "check_id" : "old_list";
}
