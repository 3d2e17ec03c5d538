// A scan between the moment it happens and the moment the server has it: its row, its age, its message, the next try.

import { since, stamp, unsure } from "./elapsed.mjs";

export const BATCH = 50; // as many as the server takes at once
const SLOW = 1000; // milliseconds: the median of the last five answers above which the line is slow

/** The row that is stored before anything is shown. The proof opens nothing; the code itself is never in it. */
export function newScan(fields, clock, random = (bytes) => crypto.getRandomValues(bytes)) {
  const id = [...random(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { id, ...EMPTY, ...fields, ...stamp(clock) };
}

/** Seconds since the scan. */
export const age = since;

/**
 * Beside what was scanned: what the phone judged by itself, the tap that let them in all the same, and the mark of the
 * pass, as the phone may be paired anew before the row is sent.
 */
const JUDGED = { offline: false, shown: "", tap: "", code: "" };
const CLOCKS = ["wall", "mono", "run"]; // when it was, by clocks of the phone's own: an age is sent in their stead
const EMPTY = { kind: "in", proof: null, undoes: null, length: null, ...JUDGED, pass_mark: "" };

/**
 * What is posted. `toSend` is how many scans the phone still has after these: none, and it was last empty now. `about`
 * is what the board is told of the phone. How long scans are under way nobody knows: by half of a `trip` (milliseconds
 * there and back) their times are unsure.
 */
export function message(rows, toSend, about, clock, app, trip = 0) {
  const ages = agesOf(rows, clock);
  const scans = rows.map((row, n) => {
    const told = { ...EMPTY, initials: "", ...row };
    for (const clocks of CLOCKS) delete told[clocks];
    const raised = ages[n] - age(row, clock);
    return { ...told, age: ages[n], unsure: Math.max(unsure(row, clock), raised) + trip / 2000, app };
  });
  return { scans, to_send: toSend, ...about };
}

/** In seconds; whatever the clock was set to between two of them, none is younger than one that came after it. */
function agesOf(rows, clock) {
  const ages = rows.map((row) => age(row, clock));
  return ages.map((_, n) => Math.max(...ages.slice(n)));
}

/** The answers to exactly these rows, in their order, or null: a captive portal's page is no answer. */
export function usable(body, rows) {
  const answers = body?.answers;
  if (!Array.isArray(answers) || answers.length !== rows.length) return null;
  return answers.every((answer, n) => answer?.id === rows[n].id && typeof answer.verdict === "string") ? answers : null;
}

/** Milliseconds until the next try after n failures: doubling up to a minute, and never all phones at once. */
export function wait(n, random = Math.random) {
  return Math.min(60_000, 1000 * 2 ** n) * (0.5 + random() / 2);
}

/** The line in words, from the last round trips in milliseconds and since when, if so, nothing answers. */
export function lineWords(trips, downSince, mono) {
  if (downSince !== null) {
    const minutes = Math.floor((mono - downSince) / 60_000);
    return minutes ? `Offline ${minutes} min` : "Offline";
  }
  const last = trips.slice(-5).sort((a, b) => a - b);
  return last.length && last[Math.floor(last.length / 2)] > SLOW ? "Slow" : "Online";
}
