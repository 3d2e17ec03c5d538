// The verdict on one scan: a fixed order of checks.
// The twin of verdict.py: change tests/vectors/make.py first, then both.

/**
 * known: {standing, doors: [id, ...] | null for every door, inside, hold, asks}, or null for a ticket nobody knows.
 * hours: {opens, closes}, epoch seconds of the server or null. The first check that hits wins.
 */
export function judge(known, door, hours, at) {
  if (known === null) return "unknown";
  if (known.standing !== "ok") return known.standing;
  if (known.doors !== null && !known.doors.includes(door)) return "wrong_door";
  if (hours.opens !== null && at < hours.opens) return "too_early";
  if (hours.closes !== null && at >= hours.closes) return "too_late";
  if (known.inside) return "already_in";
  if (known.hold) return "speak_to_lead";
  if (known.asks) return "needs_answer";
  return "ok";
}
