// The verdict on one scan, by checks in a fixed order.
// The twin of verdict.py: change tests/vectors/make.py first, then both.

/**
 * known: {standing, inside, wrong_door, meets, full, uncounted}, or null for an unknown ticket.
 * hours: {opens, closes}, in epoch seconds by the server's clock, or null. The first check that applies wins.
 */
export function judge(known, hours, at) {
  if (known === null) return "unknown";
  if (known.standing !== "ok") return known.standing;
  if (known.wrong_door) return "wrong_door";
  if (hours.opens !== null && at < hours.opens) return "too_early";
  if (hours.closes !== null && at >= hours.closes) return "too_late";
  if (known.inside) return "already_in";
  if (known.meets) return "lead_meets";
  if (known.full) return "speak_to_lead";
  if (known.uncounted) return "not_counted";
  return "ok";
}

const REPEATED_WITHIN = 60; // seconds

/** Of a ticket that is already in: whether the phone asks calmly, since it let them in itself, so many seconds ago. */
export const isRepeat = (ago) => ago !== null && ago >= 0 && ago <= REPEATED_WITHIN;
