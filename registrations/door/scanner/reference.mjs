// A reference typed at the door: it goes by itself once it is complete, the server finds the person, the phone shows
// them, and one tap lets them in.

import { byId, ONLINE_AGAIN, setText, showNetwork } from "./screen.mjs";
import { SignedOut } from "./server.mjs";
import { neverUsed, normalReference } from "./ticket-code.mjs";
import { stands } from "./wedge.mjs";

/**
 * `scanning` shows who was found, and lets them in by a scan like any other. `lead` unlocks typing after too many wrong
 * references.
 */
export class Reference {
  #parts;
  #input = byId("reference-code");
  #proof = null;
  #going = 0; // pending while a complete reference waits to be asked for
  #asked = null; // {reference, told, isUnderWay}: what was asked last, and said of it. It goes by itself once only

  constructor(parts) {
    this.#parts = parts; // {sender, panels, scanning, lead}
    const taps = {
      unlock: () => parts.lead.decide({ onPin: () => this.#unlocked() }),
      "type-reference": () => this.open(true),
      "not-them": () => this.#notThem(),
      "let-in": () => this.#letIn(),
    };
    for (const [id, work] of Object.entries(taps)) byId(id).addEventListener("click", work);
    this.#input.addEventListener("input", () => this.#typed());
    byId("reference").addEventListener("submit", (event) => this.#find(event));
    byId("reference").querySelector(".close").addEventListener("click", () => this.close());
  }

  /** If the steward did not ask for it, focus and keyboard stay where they are, and so does a question that is open. */
  open(focus = false) {
    if (!focus && this.#parts.panels.areOpen()) return;
    this.#proof = null;
    this.#parts.panels.open("reference", focus);
  }

  close() {
    this.#proof = null;
    this.#asked = null;
    this.#input.value = "";
    clearTimeout(this.#going);
    say("");
    this.#parts.panels.close();
  }

  /** Offline, the field says so before anything is typed. Back online, a question that had no answer may be asked again. */
  connection({ state }) {
    showNetwork("reference-network", state);
    byId("reference-hint").hidden = state === "offline";
    if (state === "offline" || this.#asked?.told !== NO_ANSWER) return;
    this.#asked = null;
    say(ONLINE_AGAIN);
  }

  /** Typed, pasted, or taken back from a wedge scanner's burst. */
  #typed() {
    clearTimeout(this.#going);
    const typed = this.#input.value;
    const reference = normalReference(typed);
    if (reference && reference === this.#asked?.reference) return say(this.#asked.told);
    say(neverUsed(typed) && complaint(typed));
    if (reference) this.#going = setTimeout(() => this.#ask(reference), stands(typed));
  }

  /** By Enter or the button, which ask again; but not while the same question is under way. */
  #find(event) {
    event.preventDefault();
    clearTimeout(this.#going);
    const reference = normalReference(this.#input.value);
    if (!reference) return say(complaint(this.#input.value));
    return this.#asked?.isUnderWay && reference === this.#asked.reference ? undefined : this.#ask(reference);
  }

  async #ask(reference) {
    const { sender, scanning } = this.#parts;
    const mine = (this.#asked = { reference, told: "", isUnderWay: true });
    this.#tell("Looking it up");
    const before = scanning.onScreen();
    const said = await sender.timed("reference", { reference }, isAnswer).catch((error) => error);
    mine.isUnderWay = false;
    if (mine !== this.#asked || said instanceof SignedOut) return; // the panel was left, or another typed; or all ends
    if (normalReference(this.#input.value) !== reference) this.#asked = null; // asked again if it is typed again
    else if (said instanceof Error) this.#tell(NO_ANSWER);
    else if (this.#isTheirs(before)) this.#answer(said.body);
  }

  /** False once the panel has been left, or once somebody else's verdict is on the screen. */
  #isTheirs(before) {
    if (byId("reference").hidden || !this.#parts.scanning.isOn()) return false;
    const shown = this.#parts.scanning.onScreen();
    if (shown === null || shown === before) return true;
    this.#tell("Somebody else was scanned meanwhile. Press Find again.");
    return false;
  }

  /** Never says why: the four possible reasons are for the lead to know. */
  #answer({ found, sentence, ask_lead, error, seconds, lead: isLocked }) {
    if (isLocked) return this.#lock();
    if (error === "slow") return this.#tell(`Wait ${seconds} seconds, then press Find.`);
    if (!ask_lead && !found) return this.#tell(sentence);
    this.show({ found, ask_lead });
  }

  #tell(words) {
    if (this.#asked) this.#asked.told = words;
    say(words);
  }

  /** Keeps what was typed. */
  #lock() {
    this.#tell("Typing is locked: too many references were wrong. The lead's PIN opens it again.");
    byId("unlock").hidden = false;
    byId("unlock").focus();
  }

  /** Whoever was found, here or by name, for the tap that lets them in; or that the lead is to be asked. */
  show({ found, ask_lead }) {
    const { scanning, panels } = this.#parts;
    this.close();
    if (ask_lead) return scanning.tell({ verdict: "ask_lead", ...ask_lead });
    this.#proof = found.proof;
    panels.open("found", false);
    scanning.offer(found);
  }

  #unlocked() {
    this.open(true);
    this.#tell("");
    byId("unlock").hidden = true;
  }

  #notThem() {
    this.#parts.scanning.dismiss();
    this.close();
  }

  #letIn() {
    const chosen = this.#proof;
    this.close();
    if (chosen) this.#parts.scanning.letIn(chosen);
  }
}

const NO_ANSWER = "No answer. Press Find again, or take them aside.";
const say = (words) => setText("reference-says", words);

/** A captive portal may answer with nothing, or with JSON of its own. */
const isAnswer = (told) => Boolean(told && (told.found || told.sentence || told.ask_lead || told.error === "slow"));

function complaint(typed) {
  const letter = neverUsed(typed);
  return letter ? `That letter is never used: ${letter}` : "A reference has 6 letters and numbers, like HK7-4QD.";
}
