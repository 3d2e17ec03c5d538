// What each verdict looks, sounds and feels like.
// Colour, shape, word and sound each say it, in case one of them is missed.

import { ADMIT, comesWith } from "./together-signs.mjs";

/** The signs. A tone is a list of [hertz, start, length]; start, length and buzz are in milliseconds. */
export const SIGNS = {
  green: { shape: "circle", buzz: [90], tone: [[660, 0, 130], [880, 150, 220]] },
  amber: { shape: "triangle", buzz: [110, 90, 110], tone: [[520, 0, 150], [520, 230, 150]] },
  red: { shape: "octagon", buzz: [500], tone: [[196, 0, 650]] },
  blue: { shape: "square", buzz: [60, 70, 60, 70, 60], tone: [[1100, 0, 50], [1100, 130, 50], [1100, 260, 50]] },
};

/** Played when a late answer differs from what the screen said. */
export const CHANGED = {
  buzz: [200, 100, 200, 100, 200],
  tone: [[880, 0, 150], [587, 170, 150], [880, 340, 150], [587, 510, 300]],
};

/** Shown before the server answers: none of these lets anybody in, so the list is enough. */
export const AT_ONCE = ["already_in", "already_out", "ask_lead", "too_early", "too_late", "wrong_door"];

const LEAD_SEES = {
  revoked: "Replaced or withdrawn. If there is a newer ticket, ask for the newest email.",
  cancelled: "Gave up the place. Call an organiser.",
  not_approved: "Not confirmed. Call an organiser.",
  waitlisted: "On the waiting list. An organiser can offer a place.",
};

/** What a lead may decide and a steward may not, with the words on the button. */
const UNDO_CODES = [
  ["wrong_person", "Wrong person"],
  ["wrong_door", "Wrong door"],
  ["test", "It was a test"],
  ["did_not_enter", "Did not go in"],
];
export const LEAD_MAY = {
  already_in: {
    says: "Lead: let in again, because:",
    codes: [
      ["scanned_twice", "Scanned twice by mistake"],
      ["left_without_scan", "Went out without a scan"],
      ["wrong_person_before", "Somebody else was scanned"],
      ["code_shared", "The ticket was shared"],
    ],
  },
  too_early: { says: "Lead: let in before the door opens?", codes: [["early", "Let in early"]] },
  too_late: { says: "Lead: let in after the door has closed?", codes: [["late", "Let in late"]] },
  wrong_door: {
    says: "Lead: why do they come in here?",
    codes: [
      ["changed_workshop", "They have changed workshops"],
      ["belongs_here", "They speak, help or assist"],
    ],
  },
  speak_to_lead: {
    says: "Lead: why is one more let in?",
    codes: [
      ["left_unseen", "Somebody left without a scan"],
      ["must_be_there", "They speak, help or assist"],
      ["has_room", "There is room for one more"],
    ],
  },
  not_counted: {
    says: "Lead: why are they not counted at the entrance now?",
    codes: [
      ["counted_there", "They were: on paper, or offline"],
      ["works_here", "They work here"],
    ],
  },
  lead_meets: {
    says: "Lead: you meet them. What now?",
    codes: [["met", "Let in"], ["other_entrance", "Other entrance"], ["refused", "Do not let in"]],
  },
  undo_needs_lead: { says: "Lead: why is it taken back?", codes: UNDO_CODES },
};

const VENUE = "venue"; // the cause of a limit that nobody at a door passes
const KEPT = "kept"; // the room is not full
const BY_LEAD_TWICE = "lead"; // a lead has said that it was scanned twice by mistake

/** {says, codes: [[code, words], ...]}, or null if a lead may not decide it. */
export const leadMay = ({ verdict, cause, twice }) =>
  Object.hasOwn(LEAD_MAY, verdict) && cause !== VENUE && twice !== BY_LEAD_TWICE ? LEAD_MAY[verdict] : null;

const BY_ID = [["id_seen", "ID seen"], ["", "Not let in"]];
/** The choice that asks about whoever comes with them before anything is done. */
export const TOGETHER = "together";
const byId = ({ along }) => (along?.length ? [BY_ID[0], [TOGETHER, ADMIT[along.length]], BY_ID[1]] : BY_ID);
const BY_LEAD = [["lead", "Lead lets them in"], ["", "Not let in"]];
const OUT_BY_LEAD = [["lead", "Lead counts them out"], ["", "Not counted"]];
const CARD = "Lead: hold your card to the camera";
/** Where leads have cards, a card held to the camera takes the place of the tap. */
const byLead = ({ kind, card }) => {
  const taps = kind === "out" ? OUT_BY_LEAD : BY_LEAD;
  return card ? { taps: taps.slice(1), foot: CARD } : { taps };
};
/** What a lead alone decides offline. */
export const ASKS_LEAD = ["old_list", "issued_since", "not_on_phone", "clock_doubted"];
const ELSEWHERE = [["came_in_elsewhere", "Yes: count in and out"], ["", "No"]];
/** The choice with which a lead lets them in and leaves the entrance as it is. */
export const SKIP = "skip";
const UNCOUNTED = [["both", "Count in at both"], [SKIP, "Lead decides"], ["", "Send to the entrance"]];
/** Without a network the server finds out by itself what was counted there: a lead's reason would say no more. */
const uncounted = ({ list }) =>
  list === undefined
    ? { first: "Not counted at the entrance yet", taps: UNCOUNTED }
    : { first: `Not counted at the entrance by ${list}`, taps: UNCOUNTED.filter(([choice]) => choice !== SKIP) };
const CHECK = "Check name against work ID";
const ASIDE = "Take them aside. Call the lead"; // what every amber sign asks, unless it says something else
const OWN_PHONE = "Take them aside. Call the lead: the lead's phone says what to do"; // no lead decides on it on this one
const ONLY_ONE = "The person you scanned is in. Take the other aside. Call the lead";
const SAME = "The same person? Go on. Somebody else? Call the lead";
const WAY = "Show them the way, or call the lead";
const DUE_NOWHERE = "No place in a workshop at this time";
const TRY = "Try again, or call the lead";
const VENUE_FULL = "Nobody at the door can let more in. The lead calls an organiser";
const ONLY_LEAD_UNDOES = "Too late to undo: only the lead can do it now";
const NO_HOURS = { first: "The door has no opening time now", foot: "Ask them to wait. Call the lead" };
/** How full it is: what one phone says by itself is its list, and its own scans since. */
const fullWords = ({ cause, limit, inside }) => {
  if (!cause) return "";
  if (cause === KEPT) return "The places left are kept for those who take part";
  const full = cause === VENUE ? "The venue is full" : "The room is full";
  return inside === undefined ? `${full}: it is for ${limit}` : `${full}: about ${inside} of ${limit}`;
};
const fullFoot = ({ cause }) => (cause === VENUE ? VENUE_FULL : ASIDE);
const UNDONE = { in: "The entry is taken back", out: "The exit is taken back" };
const undone = ({ way }) => ({ first: UNDONE[way] ?? "It is taken back", foot: "The code can be scanned again" });
/** The same ticket on the phone that has just let them in, and what a lead found to be a mistake: no cause for alarm. */
const repeated = ({ twice, at, door }) =>
  twice === BY_LEAD_TWICE
    ? { first: `In since ${at}, ${door}`, foot: "A mistake, the lead says. Go on" }
    : { first: `Let in here ${twice} s ago`, foot: SAME };
export const SHOWN = {
  ok: (a) => sign("green", "COME IN", { ...person(a), foot: CHECK, goes: true }),
  already_in: (a) =>
    a.twice === undefined
      ? sign("amber", "ALREADY IN", { first: `at ${a.at}, ${a.door}`, name: a.name, lines: [a.organisation], foot: ASIDE })
      : sign("blue", "SCANNED TWICE", { ...repeated(a), name: a.name, lines: [a.organisation] }),
  ask_lead: (a) =>
    sign("amber", "ASK THE LEAD", {
      first: a.reference ? `Reference ${a.reference}` : "The reference is on their ticket",
      foot: LEAD_SEES[a.code] ?? OWN_PHONE,
    }),
  wrong_door: (a) =>
    sign("amber", "NOT THIS ROOM", { first: a.due ? `Due at ${a.due}` : DUE_NOWHERE, name: a.name, lines: [a.organisation], foot: WAY }),
  speak_to_lead: (a) => sign("amber", "ASK THE LEAD", { first: fullWords(a), name: a.name, lines: [a.organisation], foot: fullFoot(a) }),
  lead_meets: (a) =>
    sign("amber", "ASK THE LEAD", { first: "The lead meets them", name: a.name, lines: [a.organisation], foot: "Take them aside" }),
  too_early: (a) =>
    sign("amber", "TOO EARLY", a.opens ? { first: `Opens at ${a.opens}`, foot: "Ask them to wait" } : NO_HOURS),
  too_late: (a) => sign("amber", "CLOSED", { first: `Closed at ${a.closes}`, foot: ASIDE }),
  unknown: () => sign("red", "NOT A TICKET", { first: "Call the lead" }),
  invalid: () => sign("red", "NOT A TICKET", { first: "Ask for the reference" }),
  turned_away: () => sign("blue", "NOT LET IN", { first: "Nobody was let in by this scan" }),
  undone: (a) => sign("blue", "UNDONE", { shape: "back", ...undone(a) }),
  undo_needs_lead: () => sign("amber", "ASK THE LEAD", { first: ONLY_LEAD_UNDOES }),
  nothing_to_undo: () => sign("blue", "NOTHING TO UNDO", { shape: "back", first: "No entry was changed" }),
  out: (a) => sign("blue", "OUT", { shape: "back", name: a.name, lines: [a.organisation], goes: true }),
  already_out: (a) => sign("blue", "ALREADY OUT", { shape: "back", first: `at ${a.at}`, name: a.name }),
  came_in_elsewhere: (a) =>
    sign("blue", "ONE QUESTION", {
      first: "Came in elsewhere?", name: a.name, lines: [a.organisation], foot: "Ask, then press the answer", taps: ELSEWHERE,
    }),
  not_counted: (a) => sign("blue", "ONE QUESTION", { name: a.name, lines: [a.organisation], foot: CHECK, ...uncounted(a) }),
  check_id: (a) =>
    sign("amber", "CHECK ID, THEN IN", { ...person(a), first: `Guest list from ${a.list}`, foot: CHECK, taps: byId(a) }),
  old_list: (a) =>
    sign("amber", "ASK THE LEAD", { ...person(a), first: `Guest list from ${a.list}: too old`, ...byLead(a) }),
  issued_since: (a) => sign("amber", "ASK THE LEAD", { first: `Real ticket, issued after ${a.list}`, ...byLead(a) }),
  not_on_phone: (a) =>
    sign("amber", "ASK THE LEAD", { first: `Not on the guest list of ${a.list}`, ...byLead(a) }),
  clock_doubted: (a) =>
    sign("amber", "ASK THE LEAD", { ...person(a), first: "This phone's clock is out: is the door open?", ...byLead(a) }),
  error: (a) => sign("blue", "CANNOT TELL", { first: TRY, foot: a.fault && `Fault ${a.fault}` }),
  offline: () => sign("blue", "CANNOT TELL", { mark: "OFFLINE", first: "No answer from the server", foot: TRY }),
};

/** An answer as it is shown. A verdict of a newer server that this page does not know is never green. */
export function describe(answer) {
  if (answer.several) return answer.isBeside ? describeBeside(answer) : describeUndone(answer);
  const shown = Object.hasOwn(SHOWN, answer.verdict) ? SHOWN[answer.verdict] : SHOWN.error;
  return shown(answer);
}

/** Whoever was let in beside the person who was scanned: by name once the server has said who it is. */
function describeBeside(answer) {
  const { verdict, several, done, people, code, at, door } = answer;
  if (["error", "offline"].includes(verdict)) return sign("blue", "CANNOT TELL", { first: "Scan their own ticket", foot: TRY });
  if (["too_early", "too_late"].includes(verdict)) return describe({ ...answer, several: 0 });
  const named = people.flatMap(({ name, organisation }) => [name, organisation]);
  if (done === several) {
    const unnamed = { first: `And ${several} with them: this phone has no name`, foot: "Settled by the server later" };
    return sign("green", "COME IN", { ...(named.length ? { foot: CHECK } : unnamed), name: named[0], lines: named.slice(1), goes: true });
  }
  const shown = { lines: named };
  if (verdict === "already_in" && several === 1) {
    return sign("amber", "ALREADY IN", { first: `Who comes with them came in at ${at}, ${door}`, foot: ONLY_ONE });
  }
  const first = several > 1 ? `${done} of ${several} with them are let in` : "Who comes with them is not let in";
  return sign("amber", "ASK THE LEAD", { ...shown, first, foot: LEAD_SEES[code] ?? ONLY_ONE });
}

/** Several entries that were taken back together. */
function describeUndone(answer) {
  const { several, done } = answer;
  if (done === several) return { ...describe({ ...answer, several: 0 }), first: `${several} entries are taken back` };
  return { ...describe({ ...answer, several: 0 }), first: `${done} of ${several} entries are taken back` };
}

/** What a phone says by itself: marked, in a striped frame, until the server confirms it. */
export function describeOffline(answer) {
  const described = { ...describe(answer), frame: "striped", mark: "OFFLINE" };
  return answer.verdict === "ok" ? { ...described, mark: "", word: "COME IN – OFFLINE" } : described;
}

/** What the list says about somebody, while the server is asked: the sign is hollow until it answers. */
export const describeHollow = (answer) => ({ ...describe({ ...answer, verdict: "ok" }), frame: "hollow" });

/** A changed verdict. It asks no question any more, since the person has gone. */
export function describeChanged(answer) {
  if (answer.verdict === "not_counted") return sign("amber", "ASK THE LEAD", { first: "Not counted at the entrance", foot: ASIDE });
  if (answer.verdict !== "came_in_elsewhere") return describe(answer);
  return sign("amber", "ASK THE LEAD", { first: "Counted out, and no entry of theirs is known" });
}

/** What a lead's own phone says in place of what sends a steward to them: where they can decide on it, and where not. */
const TO_A_LEAD = new Map([
  ["ASK THE LEAD", ["YOU DECIDE", "TAKE ASIDE"]],
  [ASIDE, ["Take them aside, then decide", "Take them aside. Call an organiser"]],
  [OWN_PHONE, ["Take them aside, then decide", "Take them aside. Call an organiser"]],
  [ONLY_ONE, ["The person you scanned is in. Take the other aside, then decide", "The person you scanned is in. Take the other aside"]],
  [SAME, ["The same person? Go on. Somebody else? Decide", "The same person? Go on"]],
  [WAY, ["Show them the way, or decide", "Show them the way"]],
  [TRY, ["Try again, or decide", "Try again, or take them aside"]],
  [NO_HOURS.foot, ["Ask them to wait, or decide", "Ask them to wait. Call an organiser"]],
  [VENUE_FULL, ["Nobody at the door can let more in. Call an organiser", "Nobody at the door can let more in. Call an organiser"]],
  ["Call the lead", ["Take them aside, then decide", "Take them aside. Ask for their reference"]],
  ["The lead meets them", ["You meet them", "You meet them"]],
  [ONLY_LEAD_UNDOES, ["Too late to undo without your PIN", "Too late to undo"]],
]);

/** A sign on a lead's own phone: it sends nobody to the lead, who holds it. `mayDecide`: a button of it lets them. */
export function describeTo(role, described, mayDecide = false) {
  if (role !== "door_lead") return described;
  const which = mayDecide || described.taps.length ? 0 : 1;
  const own = (text) => TO_A_LEAD.get(text)?.[which] ?? text;
  return { ...described, word: own(described.word), first: own(described.first), foot: own(described.foot) };
}

/** A sample from the printed card. Nobody came, so no tap counts anybody. */
export const describePractice = (answer) => ({ ...describe(answer), frame: "striped", mark: "PRACTICE" });

/** A sample after the door has opened: neither yes nor no, and no alarm. */
export const describePracticeOver = () =>
  sign("blue", "PRACTICE CARD", { first: "The door is open: practice is over", foot: "Ask for their ticket" });

/** Somebody found by reference or name, shown before the tap that lets them in; and that they are in, if they are. */
export function describeFound(found) {
  const { in_since: since } = found;
  const first = since && `In since ${since.at}, ${since.door}`;
  return sign("plain", "FOUND", { ...person(found), shape: "", first, foot: CHECK });
}

function person({ name, badge_name, organisation, badge, along, ...handed }) {
  const other = badge_name && badge_name !== name ? `Badge: ${badge_name}` : "";
  const lines = [organisation, [other, badge].filter(Boolean).join(", "), badgeToHandOut(handed), comesWith(along)];
  return { name, lines };
}

/** Where the badge lies, by surname as they are printed; and that they are in no photograph, unless they have said yes. */
function badgeToHandOut({ tray, photos }) {
  const where = tray === undefined ? "" : tray ? `Tray ${tray}` : "Tray of other letters";
  return [where, photos === false ? "No photographs" : ""].filter(Boolean).join(". ");
}

function sign(colour, word, more = {}) {
  const { shape = SIGNS[colour].shape, mark = "", first = "", name, lines = [], foot, taps = [], goes = false } = more;
  const texts = { mark, first, name: name || "", lines: lines.filter(Boolean), foot: foot || "" };
  return { sign: colour, word, shape, frame: "", ...texts, taps, goes };
}
