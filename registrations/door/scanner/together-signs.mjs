// How several scans at once look: of people who come together, or of their entries that are taken back. One verdict.

/** What the button says, with so many beside the person on the screen. */
export const ADMIT = ["", "Admit both", "Admit all 3"];

const NAMED = ["name", "badge_name", "organisation", "badge", "tray", "photos", "along"];

/** What is said of who comes with somebody, to whoever looks at that one. */
export const comesWith = (along) =>
  along?.length ? `Comes with ${along.length}: ${along.length > 1 ? "scan each, or admit all 3" : "scan, or admit both"}` : "";

/** The answers to these rows as one, as it is shown: the worst verdict counts, and says how many of them it is not. */
export function asOne(rows, answers) {
  const last = answers.at(-1);
  if (!rows[0]?.mark && rows.length === 1) return last;
  const good = rows[0].mark ? "ok" : "undone";
  const done = answers.filter(({ verdict }) => verdict === good);
  const worst = answers.find(({ verdict }) => verdict !== good) ?? last;
  const people = done.filter(({ name }) => name);
  return { ...nameless(worst), several: rows.length, done: done.length, isBeside: Boolean(rows[0].mark), people };
}

/** What of an answer says who somebody is. */
export const named = (answer) => only(answer, (field) => NAMED.includes(field));
const nameless = (answer) => only(answer, (field) => !NAMED.includes(field));
const only = (answer, wanted) => Object.fromEntries(Object.entries(answer).filter(([field]) => wanted(field)));
