// Brings scans to the server: a fresh one at once, the others oldest first, each until its answer is back.

import { BATCH, lineWords, message, usable, wait } from "./scan-row.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";

const UNREADABLE = ["id", "kind", "proof", "undoes"]; // it reads no better the next time: that is an answer
const FAULTS = 5; // a row that makes the server fail this often is given up: nothing is tried for ever

/**
 * `ask(path, body)` reaches the server. `onAnswer(answer, sent, isFinal)` hears each answer to what was sent, the row
 * leaving the phone where it is final; `onHeard(body)` what the server says of the list and the time;
 * `onLine(words, toSend)` how the line is; `onSignedOut(why)` that this was the last answer. `about()` is what the board
 * is told of the phone, `isHeld(id)` names the scan that a steward is deciding on just now, `hasMore(answer, sent)` one
 * of which the server does not know all yet. `exclusively(work)` keeps a second tab from sending the same queue.
 */
export function createSync(given) {
  const { store, ask, clock, app, onAnswer, onHeard, onLine, onSignedOut, exclusively, about, isHeld, hasMore } = given;
  const trips = [];
  const faults = new Map();
  let downSince = null;
  let failures = 0;
  let timer = null;
  let draining = false;

  const report = async () => onLine(lineWords(trips, downSince, clock.mono()), await store.count());

  /** Any question to the server, timed: what the bar says of the line comes from here. */
  async function timed(path, body, accept = () => true) {
    const start = clock.mono();
    try {
      const answer = await ask(path, body);
      if (!accept(answer.body)) throw new NoAnswer("an answer to something else");
      trips.push(clock.mono() - start);
      trips.splice(0, trips.length - 5);
      downSince = null;
      return answer;
    } catch (error) {
      if (!(error instanceof SignedOut)) downSince ??= start;
      else await store.drop(error.kept).then(() => onSignedOut(error.message));
      throw error;
    } finally {
      report(); // nobody waits for the bar, least of all the phone's own word when the server is away
    }
  }

  /** Of these rows so many are surely still stored: the server must not hear "none left" while one is. */
  const messageOf = async (rows, stored = rows.length, count = undefined) => {
    const left = Math.max(0, (count ?? (await store.count())) - stored);
    return message(rows, left, about(), clock, app, Math.max(0, ...trips));
  };

  /**
   * One request: a row leaves the phone only once the server's answer to it is back, and nobody waits for it to have
   * left to see that answer. True when all did.
   */
  async function send(rows, stored, count) {
    const sent = await messageOf(rows, stored, count);
    const { body } = await timed("scans", sent, (read) => usable(read, rows) !== null);
    const final = body.answers.map((answer, n) => isFinal(answer) && !hasMore(answer, sent.scans[n]));
    const gone = store.drop(rows.filter((_, n) => final[n]).map(({ id }) => id));
    body.answers.forEach((answer, n) => onAnswer(answer, sent.scans[n], final[n]));
    await gone;
    onHeard(body);
    await report();
    return final.every(Boolean);
  }

  /** An `error` is a failure of the server's own: the row stays for another try, but not for ever. */
  function isFinal({ id, verdict, fault }) {
    if (verdict !== "error" || UNREADABLE.includes(fault)) return true;
    faults.set(id, (faults.get(id) ?? 0) + 1);
    return faults.get(id) >= FAULTS;
  }

  function later(error) {
    if (error instanceof SignedOut) return;
    clearTimeout(timer);
    timer = setTimeout(drain, wait(failures++));
  }

  /** Everything still on the phone, oldest first, a batch at a time. */
  async function drain() {
    if (draining) return;
    draining = true;
    clearTimeout(timer);
    try {
      await exclusively(async () => {
        for (let rows = await oldest(); rows.length; rows = await oldest()) {
          if (!(await send(rows))) throw new NoAnswer("some rows failed on the server");
        }
        failures = 0;
      });
    } catch (error) {
      later(error);
    } finally {
      draining = false;
    }
  }

  const oldest = async () => (await store.oldest(BATCH + 1)).filter(({ id }) => !isHeld(id)).slice(0, BATCH);

  /** The line may be back, or a steward is asking: the next try does not wait out a long silence. */
  function hurry() {
    failures = 0;
    return drain();
  }

  /** What is new of the list, and that this phone is still a phone. No scan is sent. */
  const idle = () => send([]).catch(() => {}); // the bar says Offline; who was signed out is on the way to another page

  /** Every few seconds while nobody scans: a line that answers takes along what waits. */
  async function beat() {
    if (draining) return;
    await idle();
    if (downSince === null && (await store.count())) await drain();
  }

  /**
   * A fresh scan does not wait behind older ones that hang, but for those of the same ticket. `count` rows are on the
   * phone with it, where that is known. False when no answer came; the queue goes on trying.
   */
  async function sendNow(row, before = [], count = undefined) {
    failures = 0;
    try {
      const sending = send([...before.slice(1 - BATCH), row], 1, count); // the others may be answered meanwhile
      if (count === undefined) report();
      else onLine(lineWords(trips, downSince, clock.mono()), count);
      await sending;
      if (await store.count()) later();
      return true;
    } catch (error) {
      later(error);
      return false;
    }
  }

  /** A scan has waited too long: whatever the browser says, for the steward this is offline. */
  function doubt() {
    downSince ??= clock.mono();
    return report();
  }

  return { sendNow, drain, hurry, idle, beat, timed, doubt, report, stop: () => clearTimeout(timer) };
}
