// What stands on the screen of a roll call: its rows in order, their first letters, and how many have which tick.

export const HEADER = "Checked in, not proof of who is inside. Follow the venue's fire marshal and sweep.";
export const MARKS = { safe: "Safe", not_seen: "Not seen", left: "Left earlier" };

const order = new Intl.Collator("en-GB").compare;

/**
 * A newer list while a roll call is open: whoever has left since stays on it, since nobody may vanish from a roll call
 * that is being taken. `rows` are in the server's order.
 */
export function withNewer(had, rows) {
  const listed = new Set(rows.map(({ row }) => row));
  const merged = [...rows];
  for (const gone of had.filter(({ row }) => !listed.has(row))) {
    const place = merged.findIndex(({ surname }) => order(surname, gone.surname) > 0);
    merged.splice(place < 0 ? merged.length : place, 0, gone);
  }
  return merged;
}

/** How many there are with each tick, without one, and with ticks that disagree. `of(row)` is a row's tick, or null. */
export function totals(rows, of) {
  const counts = { all: rows.length, safe: 0, not_seen: 0, left: 0, not_yet: 0, disagree: 0 };
  for (const { row } of rows) {
    const tick = of(row);
    counts[tick?.mark ?? "not_yet"]++;
    if (tick?.disputes.length) counts.disagree++;
  }
  return counts;
}

/** The first letter of a surname, without its accent, by which people jump to it. */
export function letterOf(surname) {
  const [first = ""] = surname.trim().normalize("NFD").toUpperCase();
  return first || "?";
}

/** The letters there are, in the order of the rows. */
export const lettersOf = (rows) => [...new Set(rows.map(({ surname }) => letterOf(surname)))];

/** What is said of the tick of a row: what it is, whose, whether it is on its way, and who says otherwise. */
export function wordsOf(tick, hourOf) {
  if (!tick) return "";
  const whose = tick.device ? `, ${tick.device}` : "";
  const said = `${MARKS[tick.mark]} ${hourOf(tick.at)}${whose}${tick.isWaiting ? ", not sent yet" : ""}`;
  const others = tick.disputes.map(({ mark, device, at }) => `${device || "This phone"}: ${MARKS[mark]} ${hourOf(at)}`);
  return [said, ...others].join(". ");
}
