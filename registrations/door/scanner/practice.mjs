// Sample codes for practising before the doors open: read before anything else, never stored, never sent.

const PREFIX = "MUSTER:PRACTICE:"; // no ticket begins like this, and no ticket has a colon
const SOMEONE = {
  name: "Practice Person", badge_name: "Practice", organisation: "Example Charity", badge: "Delegate", tray: "P", photos: false,
};

/** One sample for each thing a door can say. The last part of a sample code is its key. */
export const SAMPLES = {
  "COME-IN": { verdict: "ok", ...SOMEONE },
  "ALREADY-IN": { verdict: "already_in", ...SOMEONE, at: "09:12", door: "Main door" },
  "ASK-THE-LEAD": { verdict: "ask_lead", reference: "AAA-222" },
  "TOO-EARLY": { verdict: "too_early", opens: "09:00" },
  CLOSED: { verdict: "too_late", closes: "17:00" },
  "NOT-A-TICKET": { verdict: "unknown" },
  "CHECK-ID": { verdict: "check_id", ...SOMEONE, list: "09:31" },
  "ONE-QUESTION": { verdict: "came_in_elsewhere", ...SOMEONE },
  "CANNOT-TELL": { verdict: "error" },
};

/** Practice ends when the door opens: from then on somebody might hold up the COME IN of the card. */
export const isPracticeOver = (pass) => pass.now() >= (pass.get().door.opens ?? 0);

/** The answer that a sample stands for, or null if the text is no sample. */
export function sampleIn(text) {
  const written = text.trim().toUpperCase();
  if (!written.startsWith(PREFIX)) return null;
  const key = written.slice(PREFIX.length);
  return Object.hasOwn(SAMPLES, key) ? SAMPLES[key] : null;
}
