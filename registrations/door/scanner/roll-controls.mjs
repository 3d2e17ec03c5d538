// The buttons of a marshal's page, and what each does.

import { coverPage } from "./focus.mjs";
import { byId, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";
import { MARKS } from "./roll-rows.mjs";

const CAMERA = "Hold the key card, or a guest's ticket, to the camera.";
const NOT_ON_LIST = "This ticket is not on this list. Its tick is kept and sent.";
const REAL_NOW = "It is real now. All ticks begin anew.";
const NONE_RUNS = "No roll call is running: begin one first.";

export class RollControls {
  #parts;

  constructor(parts) {
    this.#parts = parts; // the rooms that the buttons work on
    for (const [id, work] of Object.entries({ ...this.#ofTheRollCall(), ...this.#ofThePhone() })) {
      byId(id).addEventListener("click", work);
    }
    byId("people").addEventListener("click", ({ target }) => this.#mark(target.closest("button")));
    byId("letters").addEventListener("click", ({ target }) => this.#jump(target.closest("button")));
    for (const panel of document.querySelectorAll(".panel")) {
      panel.querySelector(".close").addEventListener("click", () => this.close());
    }
  }

  /** Whatever panel is open, and the camera with it. */
  close() {
    this.#parts.panels.close();
    this.#parts.viewfinder.stop();
  }

  /** What is it for? A card that was read waits for the answer. What is running as a drill can only turn real. */
  asksWhatFor() {
    const isDrill = this.#parts.rollCall.get()?.kind === "drill";
    this.close();
    byId("start-drill").hidden = isDrill;
    setText("starting-asks", isDrill ? "It is no drill?" : "What is it?");
    this.#parts.panels.open("starting");
  }

  /** The list is open: its rows take the place of whatever was there. */
  opened() {
    const { practice, screen, feel } = this.#parts;
    this.close();
    practice.end();
    feel.touch();
    screen.say("");
    screen.draw();
    byId("list").scrollTop = 0;
    byId("open-title").tabIndex = -1;
    byId("open-title").focus();
  }

  /** What stood there was said of the drill. */
  turnedReal() {
    this.#parts.screen.say(REAL_NOW);
  }

  /** The list is sealed again. */
  ended() {
    this.close();
    this.#parts.screen.draw();
    this.#parts.screen.say("The roll call has ended. The list is sealed again.");
  }

  /** A guest's ticket was held up: they are here. Without a list on the screen nobody is named. */
  async guest(row) {
    const { ticks, rollCall, rollList, practice, screen, sender, feel } = this.#parts;
    if (practice.isOn()) return screen.say("Practice: no real ticket is ticked.");
    if (!rollCall.get()) return screen.say(NONE_RUNS);
    await ticks.mark(row, "safe", true);
    feel.touch();
    const name = screen.nameOf(row);
    const unknown = rollList.isOpen() ? NOT_ON_LIST : "Ticked: safe. The list is sealed.";
    screen.rows();
    if (!rollList.isOpen()) screen.draw();
    screen.say(name ? `${name}: safe, by ticket.` : unknown);
    await sender.hurry();
  }

  #ofTheRollCall() {
    const { opening, sheet, screen, panels, practice } = this.#parts;
    return {
      "open-list": () => opening.byServer(),
      "begin-roll": () => this.asksWhatFor(),
      "start-real": () => this.#start("real"),
      "is-real": () => this.asksWhatFor(),
      "start-drill": () => this.#start("drill"),
      "hold-card": () => this.#reads(),
      read: () => this.#reads(),
      practise: () => this.#practise(),
      "end-practice": () => (this.close(), practice.end(), screen.draw()),
      "to-buttons": () => byId("not-yet").focus(),
      "jump-to": () => panels.open("jumping"),
      print: () => (this.close(), sheet.print()),
      "has-paper": () => this.#hasPaper(),
    };
  }

  #ofThePhone() {
    const { panels, viewfinder, session, sender } = this.#parts;
    return {
      "ask-again": () => session.begins(),
      more: () => panels.open("other"),
      "more-open": () => panels.open("other"),
      "change-camera": () => viewfinder.change(),
      "send-now": () => sender.hurry(),
      cover: () => (this.close(), this.#cover(true)),
      covered: () => this.#cover(false),
      update: () => location.reload(),
      "sign-out": () => this.#askSignOut(),
      "sign-out-now": () => this.#signOut(),
    };
  }

  #practise() {
    const { practice, screen } = this.#parts;
    practice.begin();
    screen.say("");
    screen.draw();
    byId("list").scrollTop = 0;
  }

  async #start(kind) {
    const { rollCall, rollList, opening } = this.#parts;
    const turns = rollCall.get()?.kind === "drill";
    this.close();
    await opening.start(kind);
    if (turns && rollList.isOpen()) this.turnedReal(); // its list was opened anew, which says nothing
  }

  #reads() {
    setText("hint", CAMERA);
    this.#parts.panels.open("reading");
    this.#parts.viewfinder.start();
  }

  async #mark(button) {
    if (!button) return;
    const { screen, practice, sender, feel } = this.#parts;
    const { row, mark } = button.dataset;
    await screen.source().mark(row, mark);
    feel.touch();
    screen.update();
    screen.say(`${screen.nameOf(row)}: ${MARKS[mark].toLowerCase()}.`);
    if (!practice.isOn()) await sender.hurry();
  }

  #jump(button) {
    if (!button) return;
    this.close();
    this.#parts.screen.jump(button.dataset.letter);
  }

  async #hasPaper() {
    await this.#parts.prints.paper();
    this.#parts.status.bar();
    this.close();
  }

  #cover(isCovered) {
    coverPage(isCovered, this.#parts.screen.isOpen() ? "more-open" : "more");
  }

  #askSignOut() {
    const unsent = this.#parts.status.unsent();
    if (unsent) return setText("other-says", `${unsent} not sent yet. Wait, or press Send now.`);
    setText("signing-out-says", "Sign this phone out? It then has no list, until it is paired again with a new code.");
    this.#parts.panels.open("signing-out");
  }

  async #signOut() {
    const { status, ask, leaving } = this.#parts;
    if (status.unsent()) return this.#askSignOut();
    try {
      await ask("sign-out", {});
      await leaving.signedOut("device_revoked");
    } catch (error) {
      if (error instanceof SignedOut) return leaving.signedOut(error.message);
      setText("signing-out-says", "No answer from the server. Try again.");
    }
  }
}
