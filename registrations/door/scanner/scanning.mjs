// One scan, step by step: stored, judged, shown, sent and answered. scan-states.mjs decides what follows; here the
// effects of each step are carried out.

import { byLead, NOTHING } from "./offline-verdict.mjs";
import { isPracticeOver, sampleIn } from "./practice.mjs";
import { age, newScan, scanBeside } from "./scan-row.mjs";
import { company, decidingOn, isOpen, isUnderWay, NOTHING_SHOWN, question, step, wantsCard } from "./scan-states.mjs";
import { derive, toBase64url } from "./sealing.mjs";
import { parse } from "./ticket-code.mjs";
import { asOne } from "./together-signs.mjs";
import { Turns } from "./turns.mjs";
import { describePractice, describePracticeOver } from "./verdict-signs.mjs";

/**
 * `store` keeps rows and counts them, `sender` sends them to the server, `offline` answers from the list, `booking`
 * keeps what a verdict changes here, `openScans` keeps the scans without an answer, `screen` draws, `feel` makes sounds
 * and vibrates. `pass` says whose phone this is, `direction` whether people come in or leave, `initials` who holds it.
 * `after(milliseconds, work)` returns a function that cancels it. `bus` is told of a code that is no ticket
 * ("not-ours").
 */
export class Scanning {
  #parts;
  #effects;
  #state = NOTHING_SHOWN;
  #salt = null; // of the event, while scanning is on
  #turns = new Turns();
  #written = null; // pending while a row that this step changed is being stored
  #stop = () => {};

  constructor(parts) {
    this.#parts = parts;
    this.#effects = this.#carriesOut(parts);
  }

  // Whether codes are accepted

  /** Starts with the rows of an earlier run of the page that belong to this pass. */
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

  /** True if the next guest's code may take the screen. */
  isOpen() {
    return !this.#turns.areWaiting() && isOpen(this.#state, this.#now());
  }

  /** True while a verdict is being found, or has just been drawn. */
  isUnderWay() {
    return this.#turns.areWaiting() || isUnderWay(this.#state, this.#now());
  }

  /** True between two guests: no verdict is on the screen, and none is on its way. */
  isIdle() {
    return !this.#state.shown && this.isOpen();
  }

  turnsEnd() {
    return this.#turns.end();
  }

  // What people do

  /** Takes a code from the camera or a wedge scanner. Resolves when its verdict is on the screen. */
  accept(text) {
    return this.#inTurn(() => this.#accept(text));
  }

  /** Somebody found by reference: shows the name first, and one tap lets them in, since no ticket was scanned. */
  offer(person) {
    this.#happens({ name: "found", person });
  }

  letIn(proof) {
    return this.#inTurn(() => this.#admit(proof, "in", NOTHING));
  }

  /** Shows an answer that belongs to no scan. */
  tell(answer) {
    this.#happens({ name: "said", answer });
  }

  /** The steward has seen the verdict, or the change on top of it. */
  dismiss() {
    this.#happens({ name: "dismissed" });
  }

  /** A tap on a button of the verdict. */
  tap(choice) {
    return this.#happens({ name: "tapped", choice });
  }

  /** True while only a lead's card lets in whoever is on the screen. */
  wantsCard() {
    return wantsCard(this.#state);
  }

  byCard(card) {
    return this.#happens({ name: "tapped", choice: "lead", card });
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

  /** Who comes with the person on the screen, {row, answer, marks}, if they can be let in beside them; or null. */
  company() {
    return company(this.#state);
  }

  /** The verdict on the screen stays, and no code is taken, while its company is asked about. */
  hold() {
    this.#happens({ name: "held" });
  }

  /** Lets in the person on the screen, where that waits for a tap, and each of their company by a scan beside theirs. */
  async admitTogether({ row, answer, marks }) {
    if (answer.verdict === "check_id") await this.tap("id_seen");
    const rows = marks.map((mark) => this.#scanOf({}, (fields, clock) => scanBeside(row, mark, fields, clock)));
    const local = this.#parts.offline.beside(marks.length);
    return this.#inTurn(() => this.#ask(rows, true, asOne(rows, rows.map(() => local))));
  }

  /** Undoes the last act, or the one given, with a lead's reason. Of several together, those of these `ids`. */
  undo(act = this.lastAct(), code = "", isOffline = false, card = "") {
    if (!act) return Promise.resolve();
    const { way, proof, ids = [act.id] } = act; // the way is for the screen alone
    const undos = ids.map((id) => ({ kind: "undo", undoes: id, proof, ...(card && { card }), ...(code && { code }) }));
    if (code && isOffline) return Promise.all(undos.map((fields) => this.#override(fields, { verdict: "undone", way }, true)));
    const verdict = !code && this.isLate(act) ? "undo_needs_lead" : "undone";
    const rows = undos.map((fields) => this.#scanOf({ ...fields, ...(code && { tap: "lead" }) }));
    return this.#inTurn(() => this.#ask(rows, true, asOne(rows, rows.map(() => ({ verdict, way })))));
  }

  /** What a lead may decide about the verdict on the screen, or null. */
  question() {
    return question(this.#state);
  }

  /** A lead's decision, as a scan of its own. `isOffline`: without a network, a card or a tap replaced the PIN. */
  decide({ row, answer, isPractice }, code, isOffline, card = "") {
    const local = { ...answer, ...byLead(code) };
    if (isPractice) return this.#practise(local);
    if (this.#state.shown?.id === row.id) this.#happens({ name: "cleared" });
    if (row.kind === "undo") return this.undo({ id: row.undoes, proof: row.proof, way: answer.way }, code, isOffline, card);
    return this.#override({ proof: row.proof, code, ...(card && { card }) }, local, isOffline);
  }

  /** The server's answer, even if it comes late. */
  answered(answer, isFinal) {
    const row = this.#parts.openScans.get(answer.id);
    if (!row) return; // an invalid code, or a repeated answer
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
    await this.#admit(proof, way, offline.judge(derived, proof, way).catch(() => NOTHING)); // the server can still tell
  }

  /** Once the door is open, a practice card lets nobody in and raises no alarm. */
  #practise(answer) {
    const described = isPracticeOver(this.#parts.pass) ? describePracticeOver() : describePractice(answer);
    this.#happens({ name: "said", answer, described, isPractice: described.mark === "PRACTICE" });
  }

  /** Not one of our codes: says so at once, and keeps only the length of the text. */
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
    await this.#ask([again ?? this.#scanOf({ proof, kind })], !again, local);
  }

  /** Stores and judges at the same time, since each takes as long as the other. One verdict is shown on all rows. */
  async #ask(rows, isFirst, judged) {
    const { store, openScans } = this.#parts;
    const row = rows.at(-1);
    openScans.storing(row.id);
    const storing = isFirst ? Promise.all(rows.map((stored) => store.add(stored))) : [];
    const [{ own, ...local }, counts] = await Promise.all([judged, storing]);
    openScans.storing("");
    if (own) row.own = own;
    for (const open of rows) openScans.add(open);
    this.#happens({ name: "judged", row, rows, local, count: counts.at(-1) });
  }

  #override(fields, local, isOffline) {
    const told = { ...fields, tap: "lead" };
    if (!isOffline) return this.#inTurn(() => this.#ask([this.#scanOf(told)], true, local));
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

  #scanOf(fields, make = newScan) {
    const { initials, pass, clock } = this.#parts;
    return make({ initials: initials.get(), pass_mark: pass.get().pass_mark ?? "", ...fields }, clock);
  }

  // The states and their effects

  #happens(event) {
    if (!this.isOn()) return null;
    const { state, effects } = step(this.#state, { mono: this.#now(), ...event });
    this.#state = state;
    this.#written = null;
    this.#parts.openScans.deciding(decidingOn(state));
    for (const [name, ...given] of effects) this.#effects[name](...given);
    return this.#written;
  }

  /** What to do, by the name of the effect. */
  #carriesOut({ screen, feel, booking, acts, after, sender, clock, pass }) {
    return {
      clear: () => screen.clear(),
      checking: (described) => screen.checking(described),
      verdict: (described, isLeads, beside) => screen.verdict(described, isLeads, beside),
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
      ask: (fields, local) => this.#inTurn(() => this.#ask([this.#scanOf(fields)], true, local)),
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
