// One scan, second by second: stored, judged, shown, sent and answered. What follows on what is in scan-states.mjs; here
// each step's effects are carried out.

import { NOTHING } from "./offline-verdict.mjs";
import { isPracticeOver, sampleIn } from "./practice.mjs";
import { age, newScan } from "./scan-row.mjs";
import { decidingOn, isOpen, isUnderWay, NOTHING_SHOWN, question, step } from "./scan-states.mjs";
import { derive, toBase64url } from "./sealing.mjs";
import { parse } from "./ticket-code.mjs";
import { Turns } from "./turns.mjs";
import { describePractice, describePracticeOver } from "./verdict-signs.mjs";

/**
 * `store` keeps rows and counts them, `sender` brings them to the server, `offline` answers from the list, `booking`
 * keeps what a verdict changes here, `openScans` those without an answer, `screen` draws, `feel` sounds and buzzes.
 * `pass` is whose phone this is, `direction` says whether people come in or leave, `initials` who holds it.
 * `after(milliseconds, work)` returns what stops it. `bus` is told of a code that is no ticket ("not-ours").
 */
export class Scanning {
  #parts;
  #effects;
  #state = NOTHING_SHOWN;
  #salt = null; // of the event, while scanning is on
  #turns = new Turns();
  #written = null; // until what this step has changed of a row is stored
  #stop = () => {};

  constructor(parts) {
    this.#parts = parts;
    this.#effects = this.#carriesOut(parts);
  }

  // Whether anything is taken

  /** With the rows of an earlier run of the page that are of this pass. */
  begin(salt, rows) {
    this.#salt = salt;
    this.#parts.openScans.start(rows);
    this.#parts.booking.start();
  }

  end() {
    if (this.isOn()) this.#happens({ name: "ended" });
    this.#salt = null;
  }

  isOn() {
    return this.#salt !== null;
  }

  /** The next guest's code may take the screen. */
  isOpen() {
    return !this.#turns.areWaiting() && isOpen(this.#state, this.#now());
  }

  /** A verdict is being found, or has just been drawn. */
  isUnderWay() {
    return this.#turns.areWaiting() || isUnderWay(this.#state, this.#now());
  }

  /** No verdict on the screen and none on its way: between two guests. */
  isIdle() {
    return !this.#state.shown && this.isOpen();
  }

  turnsEnd() {
    return this.#turns.end();
  }

  // What people do

  /** A code, by the camera or by a wedge. Done when its verdict is on the screen. */
  accept(text) {
    return this.#inTurn(() => this.#accept(text));
  }

  /** Found by reference: the name first; then one tap lets them in, as nothing was held to the camera. */
  offer(person) {
    this.#happens({ name: "found", person });
  }

  letIn(proof) {
    return this.#inTurn(() => this.#admit(proof, "in", NOTHING));
  }

  /** An answer that is no scan's. */
  tell(answer) {
    this.#happens({ name: "said", answer });
  }

  /** The verdict, or the change on top of it, has been seen. */
  dismiss() {
    this.#happens({ name: "dismissed" });
  }

  /** One of the verdict's own buttons. */
  tap(choice) {
    return this.#happens({ name: "tapped", choice });
  }

  onScreen() {
    return this.#state.shown;
  }

  lastAct() {
    return this.#parts.booking.lastAct();
  }

  isLate(act) {
    return this.#parts.booking.isLate(act);
  }

  /** The last act, or the one that a lead has named with a reason. */
  undo(act = this.lastAct(), code = "", isAlone = false) {
    if (!act) return Promise.resolve();
    const fields = { kind: "undo", undoes: act.id, proof: act.proof };
    if (code) return this.#override({ ...fields, code }, { verdict: "undone" }, isAlone);
    const verdict = this.isLate(act) ? "undo_needs_lead" : "undone";
    return this.#inTurn(() => this.#ask(this.#scanOf(fields), true, { verdict }));
  }

  /** What a lead may decide of the verdict on the screen; null where nothing. */
  question() {
    return question(this.#state);
  }

  /** By a lead, as a scan of its own. `isAlone`: with no network a tap stood for the PIN. */
  decide({ row, answer, isPractice }, code, isAlone) {
    const local = { ...answer, verdict: "ok" };
    if (isPractice) return this.#practise(local);
    if (this.#state.shown?.id === row.id) this.#happens({ name: "cleared" });
    if (row.kind === "undo") return this.undo({ id: row.undoes, proof: row.proof }, code, isAlone);
    return this.#override({ proof: row.proof, code }, local, isAlone);
  }

  /** The server's answer, however late. */
  answered(answer, isFinal) {
    const row = this.#parts.openScans.get(answer.id);
    if (!row) return; // an invalid code, or an answer that came twice
    if (isFinal) this.#parts.openScans.settle(row.id);
    this.#happens({ name: "answered", row, answer });
  }

  // From the code to the server

  async #accept(text) {
    const sample = sampleIn(text);
    if (sample) return this.#practise(sample);
    const { secret } = parse(text);
    if (secret === null) return this.#refuse(text.length);
    const { offline, direction } = this.#parts;
    const derived = await derive(secret, this.#salt);
    const [proof, way] = [toBase64url(derived.proof), direction.get()];
    await this.#admit(proof, way, offline.judge(derived, proof, way).catch(() => NOTHING)); // the server still can tell
  }

  /** Nobody is let in by a card once the door is open, and no alarm is raised by one. */
  #practise(answer) {
    const described = isPracticeOver(this.#parts.pass) ? describePracticeOver() : describePractice(answer);
    this.#happens({ name: "said", answer, described, isPractice: described.mark === "PRACTICE" });
  }

  /** Not a code of ours: said at once, and of the text only its length is kept. */
  async #refuse(length) {
    const { store, sender, bus } = this.#parts;
    const row = this.#scanOf({ kind: "invalid", length, shown: "invalid" });
    await store.add(row);
    this.tell({ verdict: "invalid" });
    bus.tell("not-ours");
    sender.sendNow(row);
  }

  async #admit(proof, kind, local) {
    const again = this.#parts.openScans.again(proof, kind);
    await this.#ask(again ?? this.#scanOf({ proof, kind }), !again, local);
  }

  /** Stored while it is judged, and shown only when it is both: the phone's disk takes as long as its list. */
  async #ask(row, isFirst, judged) {
    const { store, openScans } = this.#parts;
    openScans.storing(row.id);
    const [local, count] = await Promise.all([judged, isFirst ? store.add(row) : undefined]);
    openScans.storing("");
    openScans.add(row);
    this.#happens({ name: "judged", row, local, count });
  }

  #override(fields, local, isAlone) {
    const told = { ...fields, tap: "lead" };
    if (!isAlone) return this.#inTurn(() => this.#ask(this.#scanOf(told), true, local));
    return this.#inTurn(() => this.#standAlone(this.#scanOf({ ...told, offline: true, shown: local.verdict }), local));
  }

  async #standAlone(row, local) {
    await this.#parts.store.add(row);
    this.#parts.openScans.add(row);
    this.#happens({ name: "overridden", row, local });
  }

  async #send(row, count) {
    const { sender, openScans } = this.#parts;
    const isAnswered = await sender.sendNow(row, openScans.before(row), count);
    if (!isAnswered) this.#happens({ name: "unanswered", id: row.id });
  }

  #scanOf(fields) {
    const { initials, pass, clock } = this.#parts;
    return newScan({ initials: initials.get(), pass_mark: pass.get().pass_mark ?? "", ...fields }, clock);
  }

  // The states, and what they have done

  #happens(event) {
    if (!this.isOn()) return null;
    const { state, effects } = step(this.#state, { mono: this.#now(), ...event });
    this.#state = state;
    this.#written = null;
    this.#parts.openScans.deciding(decidingOn(state));
    for (const [name, ...given] of effects) this.#effects[name](...given);
    return this.#written;
  }

  /** By the name of the effect. */
  #carriesOut({ screen, feel, booking, acts, after, sender, clock, pass }) {
    return {
      clear: () => screen.clear(),
      checking: (described) => screen.checking(described),
      verdict: (described, isLeads) => screen.verdict(described, isLeads),
      found: (described) => screen.found(described),
      changed: (described, count, row) => screen.changed(described, count, pass.hourOf(pass.now() - age(row, clock))),
      unchanged: () => screen.unchanged(),
      touch: () => feel.touch(),
      sound: (sign) => feel.sign(sign),
      stop: () => this.#stop(),
      wait: (milliseconds, name) => (this.#stop = after(milliseconds, () => this.#happens({ name }))),
      amend: (row, fields) => this.#amend(row, fields),
      book: (row, verdict) => booking.book(row, verdict),
      heard: ({ id }) => acts.answered(id),
      send: (row, count) => this.#sendOnceWritten(row, count),
      ask: (fields, local) => this.#inTurn(() => this.#ask(this.#scanOf(fields), true, local)),
      doubt: () => sender.doubt(),
    };
  }

  #amend(row, fields) {
    this.#written = this.#parts.store.put(Object.assign(row, fields));
  }

  #sendOnceWritten(row, count) {
    if (this.#written) this.#written = this.#written.then(() => void this.#send(row));
    else this.#send(row, count);
  }

  #inTurn(work) {
    return this.#turns.take(work, () => this.tell({ verdict: "error", fault: "phone" }));
  }

  #now() {
    return this.#parts.clock.mono();
  }
}
