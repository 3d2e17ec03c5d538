// What each verdict looks, sounds and feels like.
// Any one of colour, shape, word and sound may fail: the others still say it.

/** Four signs. A tone is a list of [hertz, start, length], the last two and a buzz in milliseconds. */
export const SIGNS = {
  green: { shape: "circle", buzz: [90], tone: [[660, 0, 130], [880, 150, 220]] },
  amber: { shape: "triangle", buzz: [110, 90, 110], tone: [[520, 0, 150], [520, 230, 150]] },
  red: { shape: "octagon", buzz: [500], tone: [[196, 0, 650]] },
  blue: { shape: "square", buzz: [60, 70, 60, 70, 60], tone: [[1100, 0, 50], [1100, 130, 50], [1100, 260, 50]] },
};

/** Heard when an answer comes late and differs from what the screen said. */
export const CHANGED = {
  buzz: [200, 100, 200, 100, 200],
  tone: [[880, 0, 150], [587, 170, 150], [880, 340, 150], [587, 510, 300]],
};

const LEAD_SEES = {
  revoked: "Replaced or withdrawn. If there is a newer ticket, ask for the newest email.",
  cancelled: "Gave up the place. An organiser can restore it.",
  not_approved: "Not confirmed. Call an organiser.",
  waitlisted: "On the waiting list. An organiser can offer a place.",
  speak_to_lead: "You are to meet this person yourself.",
};

const CHECK = "Check name against work ID";
const TRY = "Try again, or use the paper list";
const UNDONE = { first: "The entry is taken back", foot: "The code can be scanned again" };
const SHOWN = {
  ok: (a) => sign("green", "COME IN", { ...person(a), foot: CHECK }),
  already_in: (a) =>
    sign("amber", "ALREADY IN", { first: `at ${a.at}, ${a.door}`, name: a.name, lines: [a.organisation] }),
  ask_lead: (a) => sign("amber", "ASK THE LEAD", { first: `Reference ${a.reference}`, foot: LEAD_SEES[a.code] }),
  wrong_door: () => sign("amber", "NOT THIS ROOM", { first: "This ticket is for another door" }),
  too_early: (a) => sign("amber", "TOO EARLY", { first: `Opens at ${a.opens}` }),
  too_late: (a) => sign("amber", "CLOSED", { first: `Closed at ${a.closes}` }),
  unknown: () => sign("red", "NOT A TICKET", { first: "Call the lead" }),
  invalid: () => sign("red", "NOT A TICKET", { first: "Ask for the reference" }),
  undone: () => sign("blue", "UNDONE", { shape: "back", ...UNDONE }),
  undo_needs_lead: () => sign("amber", "ASK THE LEAD", { first: "Too late to undo: only the lead can do it now" }),
  nothing_to_undo: () => sign("blue", "NOTHING TO UNDO", { shape: "back", first: "No entry was changed" }),
  error: (a) => sign("blue", "CANNOT TELL", { first: TRY, foot: a.fault && `Fault ${a.fault}` }),
  offline: () => sign("blue", "CANNOT TELL", { mark: "OFFLINE", first: "No answer from the server", foot: TRY }),
};

/** A server's answer as it is shown. A code this page does not know, of a newer server, is never green. */
export function describe(answer) {
  const shown = Object.hasOwn(SHOWN, answer.verdict) ? SHOWN[answer.verdict] : SHOWN.error;
  return shown(answer);
}

/** Who was found by reference: shown before the one tap that lets them in. */
export function describeFound(found) {
  const plain = { sign: "plain", shape: "", mark: "", word: "FOUND", first: "" };
  return { ...plain, ...person(found), foot: CHECK };
}

function person({ name, badge_name, organisation, badge }) {
  const other = badge_name && badge_name !== name ? [`Badge: ${badge_name}`] : [];
  return { name, lines: [...other, organisation, badge].filter(Boolean) };
}

function sign(colour, word, { shape = SIGNS[colour].shape, mark = "", first = "", name = "", lines = [], foot = "" }) {
  return { sign: colour, word, shape, mark, first, name: name || "", lines: lines.filter(Boolean), foot: foot || "" };
}
