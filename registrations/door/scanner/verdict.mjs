// The verdict on one scan: a fixed order of checks.
// The twin of verdict.py: change tests/vectors/make.py first, then both.

/**
 * known: {standing, inside}, or null for a ticket nobody knows.
 * hours: {opens, closes}, epoch seconds of the server or null. The first check that hits wins.
 */
export function judge(known, hours, at) {
  if (known === null) return "unknown";
  if (known.standing !== "ok") return known.standing;
  if (hours.opens !== null && at < hours.opens) return "too_early";
  if (hours.closes !== null && at >= hours.closes) return "too_late";
  if (known.inside) return "already_in";
  return "ok";
}
