// One scan, second by second: stored, shown, sent, answered. What is on the screen is decided here and drawn elsewhere.

import { agrees, NOT_LET_IN, NOTHING, passedAlone, passes, PASSES } from "./offline-verdict.mjs";
import { sampleIn } from "./practice.mjs";
import { age, newScan } from "./scan-row.mjs";
import { derive, toBase64url } from "./sealing.mjs";
import {
  AT_ONCE, CHANGED, describe, describeChanged, describeFound, describeHollow, describeOffline, describePractice, leadMay,
  SIGNS,
} from "./verdict-signs.mjs";
import { choose, createSightings } from "./sightings.mjs";
import { parse } from "./ticket-code.mjs";

const TONE_WAITS = 400; // milliseconds for the server's word, before a come in of the list's is called out
const PATIENCE = 1200; // without an answer, and the screen says so
const SEEN = 700; // the least that what needs no tap is shown
const STAYS = 4000; // the most
const LOOKS = 100; // between two looks whether the next code of a wedge may take the screen
const UNDO = 60_000; // how long a steward may take back an entry

/**
 * `salt` is the event's, `unsent` the rows of an earlier run of the page. `store` keeps a row and counts them all,
 * `send(row, before, count)` brings it to the server after what was before, `alone(derived, proof, kind)` answers from
 * the list, `own` keeps what this phone did, `screen` draws, `feel` sounds and buzzes. `way()` is "in" or "out",
 * `holder()` who holds the phone, `under()` the mark of its pass, `now()` the server's time. `after(milliseconds, work)`
 * returns what stops it, `timeOf` says when so many seconds ago was. `practising()` says that nobody comes in yet.
 * `onInvalid` offers the typed reference, `onUnanswered` has the bar say offline.
 */
export function createScanning(given) {
  const { salt, unsent, store, send, alone, own, screen, feel, clock, after } = given;
  const { way, holder, under = () => "", now, timeOf, practising, onInvalid, onUnanswered } = given;
  const sightings = createSightings();
  const waiting = new Map(unsent.map((row) => [row.id, row])); // scan id -> row without a final answer
  const changes = []; // late answers still to be looked at
  const told = new Set(); // ids of the scans whose answer has been shown as a change
  let begun = ""; // id of the scan that is being stored and judged
  let shown = null; // {id, row, phase: "checking" | "alone" | "settled" | "found", answer, goes, taps, told, at}
  let last = null; // the last entry or exit of this phone: {id, proof, at, way}
  let stop = () => {};
  let turns = 0; // taken, and not yet on the screen
  let chain = Promise.resolve();

  const isNew = () => clock.mono() - shown.at < SEEN;
  const isOpen = () => !turns && !changes.length && (!shown || (shown.goes && !isNew()));
  const isChecking = (id) => shown?.id === id && shown.phase === "checking";
  const scanOf = (fields) => newScan({ holder: holder(), under: under(), ...fields }, clock);

  /** What one picture of the camera held: [{text, off}]. */
  function see(found) {
    const { text, two } = choose(found);
    screen.hint(two ? "One ticket at a time" : "");
    return text === undefined ? chain : take(text);
  }

  /** By the camera or by a wedge. Done when it is on the screen, or was not taken. */
  function take(text) {
    return sightings.take(text, clock.mono(), isOpen()) ? inTurn(() => accept(text)) : chain;
  }

  /** Codes that a wedge typed in one go: each but the first waits until the one before has been seen. */
  function takeTyped([first, ...others]) {
    const done = take(first);
    if (others.length) whenOpen(() => takeTyped(others));
    return done;
  }

  function whenOpen(work) {
    if (isOpen()) work();
    else after(LOOKS, () => whenOpen(work));
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
    const sample = practising() ? sampleIn(text) : null; // anybody may hold up a COME IN of the card
    if (sample) return draw({ id: "", phase: "settled" }, sample, describePractice(sample));
    const { secret } = parse(text);
    if (secret === null) return refuse(text.length);
    const derived = await derive(secret, salt);
    const proof = toBase64url(derived.proof);
    await admit(proof, way(), alone(derived, proof, way()).catch(() => NOTHING)); // the server still can tell
  }

  /** Not a code of ours: said at once, and of the text only its length is kept. */
  async function refuse(length) {
    const row = scanOf({ kind: "invalid", length, shown: "invalid" });
    await store.add(row);
    draw({ id: row.id, phase: "settled" }, { verdict: "invalid" });
    onInvalid();
    send(row);
  }

  /** Tried again before anyone could tell, it is the same scan, with the same id. */
  async function admit(proof, kind, local) {
    const undecided = (row) => !row.offline || row.shown === NOTHING.verdict;
    const again = [...waiting.values()].find((row) => row.kind === kind && row.proof === proof && undecided(row));
    await ask(again ?? scanOf({ proof, kind }), !again, local);
  }

  /** Stored while it is judged, and shown only when it is both: the phone's disk takes as long as its list. */
  async function ask(row, isFirst, judged) {
    begun = row.id;
    const [local, count] = await Promise.all([judged, isFirst ? store.add(row) : undefined]);
    begun = "";
    waiting.set(row.id, row);
    shown = { id: row.id, row, phase: "checking", answer: local, at: clock.mono(), goes: false, taps: [], told: false };
    stop();
    if (AT_ONCE.includes(local.verdict)) tell(describe(local));
    else screen.checking(local.name && row.kind === "in" ? describeHollow(local) : null);
    feel.touch();
    stop = after(TONE_WAITS, () => stillAlone(row.id));
    sendAll(row, count).then((answered) => answered || unanswered(row.id));
  }

  /** With what the server has not heard yet of the same ticket: an undo without its entry would undo nothing. */
  function sendAll(row, count) {
    const isSame = ({ id, proof }) => id !== row.id && proof !== null && proof === row.proof;
    return send(row, [...waiting.values()].filter(isSame), count);
  }

  function tell(described) {
    shown.told = true;
    screen.verdict(described);
    feel.sign(SIGNS[described.sign]);
  }

  /** The server takes its time: a come in of a fresh list is called out, still hollow. */
  function stillAlone(id) {
    if (!isChecking(id)) return;
    if (shown.answer.verdict === "ok") tell(describeHollow(shown.answer));
    stop = after(PATIENCE - TONE_WAITS, () => unanswered(id));
  }

  /** From here on the phone's own word stands, until the server has another. */
  function unanswered(id) {
    if (!isChecking(id)) return;
    const { row, answer, told } = shown;
    stand(row, answer.verdict);
    draw({ id, row, phase: "alone" }, answer, describeOffline({ ...answer, kind: row.kind }), told);
    onUnanswered();
  }

  function stand(row, verdict) {
    Object.assign(row, { offline: true, shown: verdict });
    book(row, verdict);
    return store.put(row);
  }

  /** What a verdict changes here, whoever gave it. */
  function book(row, verdict) {
    const at = clock.mono() - age(row, clock) * 1000;
    if (PASSES.includes(verdict)) {
      const went = verdict === "ok" ? "in" : "out";
      own.keep(row, went, now() - age(row, clock));
      if (!last || last.id === row.id || last.at <= at) last = { id: row.id, proof: row.proof, at, way: went };
    }
    if (verdict === "undone") takeBack(row.undoes);
    screen.canUndo(last !== null);
  }

  function takeBack(id) {
    if (last?.id === id) last = null;
    own.undo(id);
    sightings.forget(); // the same code may be scanned again at once
  }

  /** The server said no, when they were through already: it has to hear so, under the same id. Its answer stays. */
  function hasMore({ id, verdict }, sent) {
    const row = waiting.get(id);
    return row !== undefined && !sent.offline && passedAlone(row) && !PASSES.includes(verdict);
  }

  /** The server's answer, however late. What the screen said and what is true may differ: then it says so, once. */
  function answered(answer, isFinal) {
    const row = waiting.get(answer.id);
    if (!row) return; // an invalid code, or an answer that came twice
    if (isFinal) waiting.delete(row.id);
    book(row, answer.verdict);
    own.answered(row.id);
    if (isChecking(row.id)) return settle(row, answer);
    if (answer.verdict === "error") return; // the screen says already what the phone can tell
    if (!agrees(row, answer.verdict)) return change(row, answer);
    if (shown?.id === row.id) settle(row, answer, true); // the mark goes away
  }

  function settle(row, answer, quiet = shown.told && agrees({ shown: shown.answer.verdict }, answer.verdict)) {
    draw({ id: row.id, row, phase: "settled" }, answer, describe(answer), quiet);
  }

  function change(row, answer) {
    if (told.has(row.id)) return;
    told.add(row.id);
    changes.push({ answer, row });
    if (changes.length === 1) drawChange();
  }

  function draw({ id, row, phase }, answer, described = describe(answer), quiet = false) {
    const { goes, taps } = described;
    shown = { id, row, phase, answer, goes, taps, told: true, at: clock.mono() };
    stop();
    screen.verdict(described, question() !== null);
    if (!quiet) feel.sign(SIGNS[described.sign]);
    if (goes) stop = after(STAYS, clear); // a change on top of it stays until it is tapped
  }

  function drawChange() {
    const [{ answer, row }] = changes;
    screen.changed(describeChanged(answer), changes.length, timeOf(age(row, clock)));
    feel.sign(CHANGED);
  }

  /** A tap: the verdict, or the change on top of it, has been seen. */
  function dismiss() {
    if (changes.length) {
      if (shown?.id === changes.shift().row.id) clear();
      return changes.length ? drawChange() : screen.unchanged();
    }
    if (shown?.phase === "checking" && shown.told) stand(shown.row, shown.answer.verdict);
    clear();
  }

  /** One of the verdict's own buttons: whose word lets them in, what the answer is, or "" for neither. */
  async function tap(word) {
    const { row, phase, answer } = shown;
    clear();
    if (answer.verdict === "came_in_elsewhere") {
      if (word) inTurn(() => ask(scanOf({ kind: "out", proof: row.proof, code: word }), true, { ...answer, verdict: "out" }));
    } else if (phase === "alone") {
      row.word = word || NOT_LET_IN;
      if (word) book(row, passes(row));
    }
    if (phase !== "alone") return;
    await store.put(row);
    sendAll(row);
  }

  /** Found by reference: the name first; then one tap lets them in, as nothing was held to the camera. */
  function offer(found) {
    stop();
    shown = { id: "", phase: "found", answer: found, goes: false, taps: [], at: clock.mono() };
    screen.found(describeFound(found));
  }

  function clear() {
    stop();
    shown = null;
    screen.clear();
  }

  /** What a lead may decide of the verdict on the screen: {row, answer, says, codes}; null where nothing. */
  function question() {
    const { row, answer } = shown ?? {};
    const may = row && row.kind !== "out" ? leadMay(answer) : null;
    return may && { row, answer, ...may };
  }

  /** On the lead's word, as a scan of its own. `isAlone`: with no network a tap stood for it. */
  function decide({ row, answer }, code, isAlone) {
    if (shown?.id === row.id) clear();
    if (row.kind === "undo") return undo({ id: row.undoes, proof: row.proof }, code, isAlone);
    return onWord({ proof: row.proof, code }, { ...answer, verdict: "ok" }, isAlone);
  }

  function onWord(fields, local, isAlone) {
    const told = { ...fields, word: "lead" };
    if (!isAlone) return inTurn(() => ask(scanOf(told), true, local));
    return inTurn(() => actAlone(scanOf({ ...told, offline: true, shown: local.verdict }), local));
  }

  async function actAlone(row, local) {
    await store.add(row);
    waiting.set(row.id, row);
    book(row, local.verdict);
    draw({ id: row.id, row, phase: "alone" }, local, describeOffline(local));
    sendAll(row);
  }

  const isLate = ({ at }) => clock.mono() - at > UNDO;

  /** The last act, or the one that a lead has named with a reason. */
  function undo(act = last, code = "", isAlone = false) {
    if (!act) return Promise.resolve();
    const fields = { kind: "undo", undoes: act.id, proof: act.proof };
    if (code) return onWord({ ...fields, code }, { verdict: "undone" }, isAlone);
    return inTurn(() => ask(scanOf(fields), true, { verdict: isLate(act) ? "undo_needs_lead" : "undone" }));
  }

  return {
    see,
    take,
    takeTyped: (texts) => takeTyped([...new Set(texts)]),
    offer,
    letIn: (proof) => inTurn(() => admit(proof, "in", NOTHING)),
    tell: (answer) => draw({ id: "", phase: "settled" }, answer),
    undo, answered, hasMore, dismiss, tap,
    end: clear,
    onScreen: () => shown,
    lastAct: () => last,
    isLate,
    question,
    decide,
    /** A verdict is being found, or has just been drawn. */
    isUnderWay: () => turns > 0 || (shown !== null && (shown.phase === "checking" || isNew())),
    /** No verdict on the screen and none on its way: between two guests. */
    isIdle: () => !shown && isOpen(),
    /** The steward is deciding on this one, or has not seen it yet: it is not sent before. */
    isHeld: (id) => begun === id || (shown?.id === id && shown.phase === "alone" && shown.taps.length > 0),
  };
}
