// One scan, second by second: stored, shown, sent, answered. What is on the screen is decided here and drawn elsewhere.

import { age, newScan } from "./queue.mjs";
import { derive, toBase64url } from "./sealing.mjs";
import { CHANGED, describe, describeFound, SIGNS } from "./signs.mjs";
import { choose, createSightings } from "./sightings.mjs";
import { parse } from "./ticket-code.mjs";

const PATIENCE = 1200; // milliseconds without an answer, and the screen says so
const SEEN = 700; // the least an ok is shown
const OK_STAYS = 4000; // the most

/**
 * `salt` is the event's, `unsent` the rows of an earlier run of the page. `store` keeps a row, `send(row)` brings it
 * to the server, `screen` draws, `feel` sounds and buzzes. `after(milliseconds, work)` returns what stops it, `timeOf`
 * says when so many seconds ago was. `onInvalid` offers the typed reference, `onUnanswered` has the bar say offline.
 * Only an answer of the server ever makes the screen green.
 */
export function createScanning(given) {
  const { salt, unsent, store, send, screen, feel, clock, after, timeOf, onInvalid, onUnanswered } = given;
  const sightings = createSightings();
  const waiting = new Map(unsent.map((row) => [row.id, row])); // scan id -> row without a final answer
  const changes = []; // late answers still to be looked at
  let shown = null; // {id, phase: "checking" | "offline" | "settled" | "found", verdict, at}
  let last = null; // the last entry of this phone: {id, at}
  let stop = () => {};
  let turns = 0; // taken, and not yet on the screen
  let chain = Promise.resolve();

  const wasSeen = () => shown.verdict === "ok" && clock.mono() - shown.at >= SEEN;
  const isOpen = () => !turns && !changes.length && (!shown || wasSeen());

  /** What one picture of the camera held: [{text, off}]. */
  function see(found) {
    const { text, two } = choose(found);
    screen.hint(two ? "One ticket at a time" : "");
    if (text === undefined || !sightings.take(text, clock.mono(), isOpen())) return;
    inTurn(() => accept(text));
  }

  /** One after the other, so that two codes never race for the screen; a failure of one never stops the next. */
  function inTurn(work) {
    turns++;
    chain = chain
      .then(work)
      .catch(() => draw({ id: "", phase: "settled" }, { verdict: "error", fault: "phone" }))
      .finally(() => turns--);
    return chain;
  }

  async function accept(text) {
    const { secret } = parse(text);
    if (secret === null) return refuse(text.length);
    const { proof } = await derive(secret, salt);
    await admit(toBase64url(proof));
  }

  /** Not a code of ours: said at once, and of the text only its length is kept. */
  async function refuse(length) {
    const row = newScan({ kind: "invalid", length }, clock);
    await store.add(row);
    draw({ id: row.id, phase: "settled" }, { verdict: "invalid" });
    onInvalid();
    send(row);
  }

  /** By its proof: held to the camera, or found by reference. Tried again, it is the same scan, with the same id. */
  async function admit(proof) {
    const again = [...waiting.values()].find((row) => row.kind === "in" && row.proof === proof);
    await ask(again ?? newScan({ proof }, clock), !again);
  }

  async function ask(row, isNew) {
    if (isNew) await store.add(row);
    waiting.set(row.id, row);
    shown = { id: row.id, phase: "checking", verdict: "", at: clock.mono() };
    screen.checking();
    feel.touch();
    stop();
    stop = after(PATIENCE, () => unanswered(row.id));
    send(row).then((answered) => answered || unanswered(row.id));
  }

  function unanswered(id) {
    if (shown?.id !== id || shown.phase !== "checking") return;
    draw({ id, phase: "offline" }, { verdict: "offline" });
    onUnanswered();
  }

  /** The server's answer, however late. What the screen said and what is true may differ: then it says so. */
  function answered(answer, row, isFinal) {
    const { id, verdict } = answer;
    if (!waiting.has(id)) return; // an invalid code, or an answer that came twice
    if (isFinal) waiting.delete(id);
    if (verdict === "ok") last = { id, at: clock.mono() - age(row, clock) * 1000 };
    if (verdict === "undone") afterUndo(row);
    screen.canUndo(last !== null);
    if (shown?.id === id && shown.phase === "checking") return draw({ id, phase: "settled" }, answer);
    if (verdict === "error") return; // the screen says CANNOT TELL already
    changes.push({ answer, row });
    if (changes.length === 1) drawChange();
  }

  function afterUndo({ undoes }) {
    if (last?.id === undoes) last = null;
    sightings.forget(); // the same code may be scanned again at once
  }

  function draw({ id, phase }, answer) {
    const described = describe(answer);
    shown = { id, phase, verdict: answer.verdict, at: clock.mono() };
    stop();
    screen.verdict(described, answer.verdict);
    feel.sign(SIGNS[described.sign]);
    if (answer.verdict === "ok") stop = after(OK_STAYS, dismiss);
  }

  function drawChange() {
    const [{ answer, row }] = changes;
    screen.changed(describe(answer), changes.length, timeOf(age(row, clock)));
    feel.sign(CHANGED);
  }

  /** A tap: the verdict, or the change on top of it, has been seen. */
  function dismiss() {
    if (changes.length) {
      if (shown?.id === changes.shift().row.id) clear();
      return changes.length ? drawChange() : screen.unchanged();
    }
    clear();
  }

  /** Found by reference: the name first; then one tap lets them in, as nothing was held to the camera. */
  function offer(found) {
    stop();
    shown = { id: "", phase: "found", verdict: "", at: clock.mono() };
    screen.found(describeFound(found));
  }

  function clear() {
    stop();
    shown = null;
    screen.clear();
  }

  function undo() {
    if (!last) return Promise.resolve();
    return inTurn(() => ask(newScan({ kind: "undo", undoes: last.id }, clock), true));
  }

  return {
    see,
    offer,
    letIn: (proof) => inTurn(() => admit(proof)),
    tell: (answer) => draw({ id: "", phase: "settled" }, answer),
    undo,
    answered,
    dismiss,
    lastEntry: () => last,
  };
}
