// A reference typed at the door: the server finds the person, the phone shows them, and one more tap lets them in.

import { byId, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";
import { neverUsed, normalReference } from "./ticket-code.mjs";

/**
 * `scanning` shows who was found, and lets them in by a scan like any other. `lead` unlocks typing after too many wrong
 * references.
 */
export class Reference {
  #parts;
  #input = byId("reference-code");
  #proof = null;

  constructor(parts) {
    this.#parts = parts; // {sender, panels, scanning, lead}
    const taps = {
      unlock: () => parts.lead.decide({ onPin: () => this.#unlocked() }),
      "type-reference": () => this.open(true),
      "not-them": () => this.#notThem(),
      "let-in": () => this.#letIn(),
    };
    for (const [id, work] of Object.entries(taps)) byId(id).addEventListener("click", work);
    this.#input.addEventListener("input", () => say(neverUsed(this.#input.value) && complaint(this.#input.value)));
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
    this.#input.value = "";
    say("");
    this.#parts.panels.close();
  }

  async #find(event) {
    event.preventDefault();
    const { sender, scanning } = this.#parts;
    const reference = normalReference(this.#input.value);
    if (!reference) return say(complaint(this.#input.value));
    say("Looking it up");
    const before = scanning.onScreen();
    const found = await sender.timed("reference", { reference }, isAnswer).catch(noAnswer);
    if (found && this.#isTheirs(before)) this.#answer(found.body);
  }

  /** False once the panel has been left, or once somebody else's verdict is on the screen. */
  #isTheirs(before) {
    if (byId("reference").hidden || !this.#parts.scanning.isOn()) return false;
    const shown = this.#parts.scanning.onScreen();
    if (shown === null || shown === before) return true;
    say("Somebody else was scanned meanwhile. Press Find again.");
    return false;
  }

  /** Never says why: the four possible reasons are for the lead to know. */
  #answer({ found, sentence, ask_lead, error, seconds, lead: isLocked }) {
    if (isLocked) return lock();
    if (error === "slow") return say(`Wait ${seconds} seconds, then try again.`);
    if (!ask_lead && !found) return say(sentence);
    this.show({ found, ask_lead });
  }

  /** Whoever was found, here or by name, for the tap that lets them in; or that the lead is to be asked. */
  show({ found, ask_lead }) {
    const { scanning, panels } = this.#parts;
    this.close();
    if (ask_lead) return scanning.tell({ verdict: "ask_lead", ...ask_lead });
    this.#proof = found.proof;
    scanning.offer(found);
    panels.open("found");
  }

  #unlocked() {
    this.open(true);
    say("");
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

const say = (words) => setText("reference-says", words);

/** A captive portal may answer with nothing, or with JSON of its own. */
const isAnswer = (told) => Boolean(told && (told.found || told.sentence || told.ask_lead || told.error === "slow"));

function noAnswer(error) {
  if (error instanceof SignedOut) return; // the page is already leaving
  say("No answer. References need the network: try again, or call the lead.");
}

/** Keeps what was typed. */
function lock() {
  say("Typing is locked: too many references were wrong. The lead's PIN opens it again.");
  byId("unlock").hidden = false;
  byId("unlock").focus();
}

function complaint(typed) {
  const letter = neverUsed(typed);
  return letter ? `That letter is never used: ${letter}` : "A reference has 6 letters and numbers, like HK7-4QD.";
}
