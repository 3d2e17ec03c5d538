// A scan until the server has it: its row, its age, the message that carries it, and when to try again.

import { since, stamp, unsure } from "./elapsed.mjs";
import { toHex } from "./sealing.mjs";

export const BATCH = 50; // as many as the server accepts at once
const SLOW = 1000; // milliseconds: the connection is slow if the median of the last five answers is above this

/** The row that is stored before anything is shown. It has the proof, which opens nothing, but never the code. */
export function newScan(fields, clock, random = (bytes) => crypto.getRandomValues(bytes)) {
  const id = toHex(random(new Uint8Array(16)));
  return { id, ...EMPTY, ...fields, ...stamp(clock) };
}

/** Of somebody who stands beside the one of that scan: by a mark, at the same moment. */
export function scanBeside({ id, proof, wall, mono, run }, mark, fields, clock) {
  return { ...newScan({ ...fields, proof, mark, beside: id }, clock), wall, mono, run };
}

/** Seconds since the scan. */
export const age = since;

/**
 * In addition to what was scanned: the phone's own verdict, the tap that let them in all the same, and the mark of the
 * pass, since the phone may be paired again before the row is sent.
 */
const JUDGED = { offline: false, shown: "", tap: "", code: "" };
/** When it was, by the phone's own clocks: an age is sent instead. `own` is the mark of whoever was scanned. */
const NOT_SENT = ["wall", "mono", "run", "own"];
const EMPTY = { kind: "in", proof: null, undoes: null, length: null, ...JUDGED, pass_mark: "" };

/**
 * The body of a request. `toSend` is how many scans the phone still has after these: if none, the phone is empty as of
 * now. `about` is what the board is told about the phone. `trip` is the time there and back, in milliseconds: nobody
 * knows how it divides, so the times of the scans are unsure by half of it.
 */
export function message(rows, toSend, about, clock, app, trip = 0) {
  const ages = agesOf(rows, clock);
  const scans = rows.map((row, n) => {
    const told = { ...EMPTY, initials: "", ...row };
    for (const kept of NOT_SENT) delete told[kept];
    const raised = ages[n] - age(row, clock);
    return { ...told, age: ages[n], unsure: Math.max(unsure(row, clock), raised) + trip / 2000, app };
  });
  return { scans, to_send: toSend, ...about };
}

/** Ages in seconds. An earlier scan is never younger than a later one, even if the clock was changed between them. */
function agesOf(rows, clock) {
  const ages = rows.map((row) => age(row, clock));
  return ages.map((_, n) => Math.max(...ages.slice(n)));
}

/** The answers to exactly these rows, in order; or null, for example if a captive portal sent a page of its own. */
export function usable(body, rows) {
  const answers = body?.answers;
  if (!Array.isArray(answers) || answers.length !== rows.length) return null;
  return answers.every((answer, n) => answer?.id === rows[n].id && typeof answer.verdict === "string") ? answers : null;
}

/** Milliseconds until the next try after n failures: doubles up to a minute, and differs from phone to phone. */
export function wait(n, random = Math.random) {
  return Math.min(60_000, 1000 * 2 ** n) * (0.5 + random() / 2);
}

/**
 * How this phone stands to the server, from the last round trips in milliseconds, and since when nothing answers, or
 * null: {state: "online", "slow" or "offline", minutes: how long it has been offline}.
 */
export function connectionNow(trips, downSince, mono) {
  if (downSince !== null) return { state: "offline", minutes: Math.floor((mono - downSince) / 60_000) };
  const last = trips.slice(-5).sort((a, b) => a - b);
  return { state: last.length && last[Math.floor(last.length / 2)] > SLOW ? "slow" : "online", minutes: 0 };
}
