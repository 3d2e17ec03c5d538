// The controls within reach of the thumb: each button of the door's page, and what it does.

import { byId, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";
import { leadMay, SIGNS, SKIP, TOGETHER } from "./verdict-signs.mjs";

const PANELS = "#undoing, #other, #device, #handing, #signing-out, #unsent";

export class Controls {
  #parts;
  #undoing = null; // the act that the steward was asked about; the camera may see the next guest before they answer

  constructor(parts) {
    this.#parts = parts; // the rooms that the buttons work on
    for (const [id, work] of Object.entries({ ...this.#atTheDoor(), ...this.#ofThePhone() })) {
      byId(id).addEventListener("click", work);
    }
    byId("verdict").addEventListener("click", () => this.#tapped());
    byId("choosing").addEventListener("click", ({ target }) => this.#chosen(target.closest("button")));
    for (const panel of document.querySelectorAll(PANELS)) {
      panel.querySelector(".close").addEventListener("click", () => parts.panels.close());
    }
  }

  /** Restores what an earlier run of the page had set. */
  async recall() {
    if (await this.#parts.store.recall("left")) this.#switchHands();
  }

  #atTheDoor() {
    const { scanning, session, panels, screen } = this.#parts;
    return {
      begin: () => session.begin(),
      "begin-online": () => session.begin({ isOnlineOnly: true }),
      next: () => scanning.dismiss(),
      seen: () => scanning.dismiss(),
      undo: () => this.#askUndo(),
      "undo-it": () => this.#closing(() => this.#undo(this.#undoing.pair)),
      "undo-scanned": () => this.#closing(() => this.#undo(this.#undoing.pair.slice(0, 1))),
      "undo-beside": () => this.#closing(() => this.#undo(this.#undoing.pair.slice(1))),
      "lead-decides": () => this.#leadDecides(),
      more: () => panels.open("other"),
      bar: () => this.#openDevice(),
      cover: () => this.#closing(() => screen.cover(true)),
      covered: () => screen.cover(false),
    };
  }

  #ofThePhone() {
    const { session, direction, viewfinder } = this.#parts;
    return {
      "ask-again": () => session.begins(),
      "test-sound": () => this.#testSound(),
      turn: () => this.#closing(() => direction.turn()),
      "change-camera": () => this.#closing(() => viewfinder.change()),
      "to-device": () => this.#openDevice(),
      "send-now": () => session.sendRest(),
      "send-first": () => session.sendRest(),
      hand: () => this.#switchHands(),
      update: () => this.#update(),
      "sign-out": () => this.#askSignOut(),
      "sign-out-now": () => this.#signOut(),
      leave: () => this.#leaveUnsent(),
    };
  }

  #openDevice() {
    setText("device-says", "");
    this.#parts.panels.open("device");
  }

  #closing(work) {
    this.#parts.panels.close();
    work();
  }

  /** A tap on the verdict itself; ignored while a lead is deciding on it. */
  #tapped() {
    const isLeads = !byId("lead").hidden || !byId("deciding").hidden;
    if (!byId("next").hidden && !isLeads) this.#parts.scanning.dismiss();
  }

  #chosen(button) {
    if (button?.dataset.choice === TOGETHER) return this.#parts.together.open();
    if (button?.dataset.choice === SKIP) return this.#skips();
    if (button) this.#parts.scanning.tap(button.dataset.choice);
  }

  /** The choices are back once the lead closes this. */
  #skips() {
    byId("choosing").hidden = true;
    this.#leadDecides();
  }

  #askUndo() {
    const { scanning, pass, clock, panels } = this.#parts;
    const act = scanning.lastAct();
    const hour = pass.hourOf(pass.now() - (clock.mono() - act.at) / 1000);
    const people = act.pair?.length ?? 1;
    const acts = people > 1 ? `${people} entries` : act.way === "in" ? "entry" : "exit";
    this.#undoing = { act, pair: act.pair ?? [act.id], what: `this phone's last ${acts}, of ${hour}` };
    if (people === 1 && scanning.isLate(act)) return this.#undo([act.id]);
    setText("undoing-says", people > 1 ? `Undo this phone's last ${acts}, of ${hour}? They came in together.` : `Undo ${this.#undoing.what}?`);
    setText("undo-it", people > 1 ? UNDO[people] : "Undo it");
    byId("undo-scanned").hidden = byId("undo-beside").hidden = people === 1;
    panels.open("undoing");
  }

  /** The entries or exits with these ids; after the first minute only a lead may. */
  #undo(ids) {
    const { scanning, lead } = this.#parts;
    const { what } = this.#undoing;
    const act = this.#undoing.act.pair ? { ...this.#undoing.act, ids } : this.#undoing.act;
    if (!scanning.isLate(act)) return scanning.undo(act);
    const { codes } = leadMay({ verdict: "undo_needs_lead" });
    const onCode = (...decided) => scanning.undo(act, ...decided);
    return lead.decide({ about: `Undo ${what}?`, says: `Lead: why is ${what}, taken back?`, codes, onCode });
  }

  /** Keeps what is on the screen now: it may be gone by the time the lead has decided. */
  #leadDecides() {
    const { scanning, lead } = this.#parts;
    const asked = scanning.question();
    if (!asked) return;
    const { row, answer, isPractice } = asked;
    const onRefuse = isPractice || LETS_NOBODY_IN.includes(answer?.verdict) ? () => this.#refuse(row, isPractice) : undefined;
    lead.decide({ ...asked, onRefuse, onCode: (...decided) => scanning.decide(asked, ...decided) });
  }

  /** The scan is kept as it was answered, and nobody came in by it. Whoever is on the screen by now stays there. */
  #refuse(row, isPractice) {
    const { scanning } = this.#parts;
    if (isPractice) scanning.dismiss();
    else if (scanning.question()?.row === row) scanning.tell({ verdict: "turned_away" });
  }

  async #testSound() {
    await this.#parts.feel.wake();
    this.#parts.feel.sign(SIGNS.green);
  }

  #switchHands() {
    const isLeft = document.body.classList.toggle("left");
    byId("hand").setAttribute("aria-pressed", String(isLeft));
    this.#parts.store.keep({ left: isLeft });
  }

  /** Not while a scan waits: this page must finish with it first. */
  #update() {
    const not = this.#parts.status.mayReload();
    if (not) return setText("device-says", not);
    location.reload();
  }

  #askSignOut() {
    const { status, store, panels } = this.#parts;
    const unsent = status.unsent();
    if (unsent !== 0) {
      const cannotTell = store.areInOtherTab() ? IN_OTHER_TAB : CANNOT_TELL;
      setText("unsent-says", unsent === null ? cannotTell : `${unsent} not sent yet. Wait, press Send now, or let a lead decide.`);
      return panels.open("unsent");
    }
    setText("signing-out-says", "Sign this phone out? It then scans no more, until it is paired again with a new code.");
    panels.open("signing-out");
  }

  /** Scans made since the question was asked are sent first. */
  async #signOut() {
    const { status, ask, signOut } = this.#parts;
    if (status.unsent() !== 0) return this.#askSignOut();
    try {
      await ask("sign-out", {});
      await signOut.signedOut("device_revoked");
    } catch (error) {
      if (error instanceof SignedOut) return signOut.signedOut(error.message);
      setText("signing-out-says", "No answer from the server. Try again.");
    }
  }

  /** Erases everything except the unsent scans. */
  #leaveUnsent() {
    const { status, lead, signOut } = this.#parts;
    const unsent = status.unsent() ?? "some scans";
    const about = `Sign out with ${unsent} not sent?`;
    const says = `Lead: sign out with ${unsent} not sent? This phone keeps them, and scans no more.`;
    lead.decide({ about, says, codes: [["leave", "Sign out"]], onCode: () => signOut.leave() });
  }
}

const LETS_NOBODY_IN = ["already_in", "speak_to_lead", "too_early", "too_late", "wrong_door"]; // while a lead does not
const UNDO = ["", "", "Undo both", "Undo all 3"];
const CANNOT_TELL = "This phone cannot tell what is still to send: its storage is full. Free some, or let a lead decide.";
const IN_OTHER_TAB = "This phone cannot tell what is still to send: another tab has some. Open that tab, or let a lead decide.";
