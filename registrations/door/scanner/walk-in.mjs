// Somebody without a place. A steward is sent to the lead. A lead asks an organiser for a place, with the PIN; the
// reference is shown here once they are let in. Nothing that was typed is stored, or stays on the screen.

import { byId, element, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";

const STEPS = ["walk-in-who", "walk-in-why"]; // each as high as a thumb reaches
const FIRST = { "walk-in-who": "walk-in-name", "walk-in-why": "walk-in-email" };
const NEEDED = [["walk-in-name", "Enter their full name"], ["walk-in-organisation", "Enter their organisation"]]; // of the first
const FIELDS = { "walk-in-name": "full_name", "walk-in-organisation": "organisation", "walk-in-email": "email" };
const NO_ANSWER = "No answer. This needs the network: telephone an organiser.";
const SHOWN_AS = { waiting: "waits for an organiser", declined: "not let in: call an organiser" };
const STAYS = 60_000; // milliseconds without a touch: longer than a name, since somebody is asked how it is spelt

export class WalkIn {
  #parts;
  #forgetting = 0;

  constructor(parts) {
    this.#parts = parts; // {sender, panels, lead, pass, page}
    byId("not-on-list").addEventListener("click", () => this.open());
    byId("walk-in-new").addEventListener("click", () => this.#ask());
    byId("walk-in-back").addEventListener("click", () => step("walk-in-who"));
    byId("walk-in").addEventListener("submit", (event) => this.#goOn(event));
    byId("walk-in").addEventListener("input", () => this.#forgetLater());
    for (const panel of ["walk-ins", "walk-in", "ask-lead"]) {
      byId(panel).querySelector(".close").addEventListener("click", () => this.close());
    }
  }

  /** The steward's panel says one thing. The lead's shows what became of those asked for from this phone. */
  async open() {
    const { panels, pass } = this.#parts;
    if (pass.get()?.role !== "door_lead") return panels.open("ask-lead");
    panels.open("walk-ins");
    say("Looking");
    await this.look();
  }

  close() {
    this.#forget();
    this.#parts.panels.close();
  }

  /** Asks again every few seconds while the panel is open. */
  async look() {
    if (byId("walk-ins").hidden) return;
    const told = await this.#parts.sender.timed("walk-ins", undefined, (body) => Array.isArray(body?.walk_ins)).catch((error) => error);
    if (told instanceof SignedOut || byId("walk-ins").hidden) return;
    if (told instanceof Error) return say(NO_ANSWER);
    const { walk_ins: walkIns } = told.body;
    say(walkIns.length ? "" : "No place was asked for on this phone.");
    this.#show(walkIns.map((walkIn) => this.#row(walkIn)));
  }

  /** Leaves nothing behind when the phone leaves the door. */
  leave() {
    this.#forget();
    byId("walk-in-rows").replaceChildren();
  }

  /** Only what has changed is drawn anew, and read out. */
  #show(rows) {
    const text = (row) => row.textContent;
    const list = byId("walk-in-rows");
    if (rows.map(text).join("\n") !== [...list.children].map(text).join("\n")) list.replaceChildren(...rows);
  }

  /** By its number, which the lead tells the person and the desk shows too: several of one minute look alike else. */
  #row({ number, asked, stage, reference }) {
    const says = reference ? "let in. Reference " : (SHOWN_AS[stage] ?? stage);
    const row = element("li", "", `Walk-in ${number}, ${this.#parts.pass.hourOf(asked)}: ${says}`);
    if (reference) row.append(element("b", "reference", reference));
    return row;
  }

  #ask() {
    this.#parts.lead.decide({ onPin: () => this.#blank() });
  }

  #blank() {
    this.#forget();
    this.#parts.panels.open("walk-in");
  }

  #goOn(event) {
    event.preventDefault();
    if (byId("walk-in-who").hidden) return this.#send();
    const missing = NEEDED.find(([id]) => !byId(id).value.trim());
    if (missing) return wrong(...missing);
    setText("walk-in-says", "");
    return step("walk-in-why");
  }

  async #send() {
    const { sender, page } = this.#parts;
    const typed = Object.fromEntries(Object.entries(FIELDS).map(([id, name]) => [name, byId(id).value]));
    const body = { ...typed, reason: byId("walk-in-reason").value, page };
    setText("walk-in-says", "Asking the organisers");
    const told = await sender.timed("walk-ins", body, (answer) => answer?.walk_in || answer?.sentence).catch((error) => error);
    if (told instanceof SignedOut || byId("walk-in").hidden) return;
    if (told instanceof Error) return setText("walk-in-says", NO_ANSWER);
    if (!told.body.walk_in) return refused(told.body);
    this.#forget();
    await this.open();
  }

  #forgetLater() {
    clearTimeout(this.#forgetting);
    this.#forgetting = setTimeout(() => this.#forget(), STAYS);
  }

  #forget() {
    clearTimeout(this.#forgetting);
    for (const id of Object.keys(FIELDS)) byId(id).value = "";
    byId("walk-in-reason").value = "";
    setText("walk-in-says", "");
    show("walk-in-who");
  }
}

function show(wanted) {
  for (const id of STEPS) byId(id).hidden = id !== wanted;
  const isFirst = wanted === STEPS[0];
  byId("walk-in").querySelector(".close").hidden = !isFirst;
  byId("walk-in-back").hidden = isFirst;
  setText("walk-in-go", isFirst ? "Continue" : "Ask the organisers");
}

function step(wanted) {
  show(wanted);
  byId(FIRST[wanted]).focus();
}

/** The step of the first field that the server did not take is shown again, with what it says of it. */
function refused({ sentence, wrong: fields }) {
  const [{ field } = {}] = fields ?? [];
  const id = Object.keys(FIELDS).find((typed) => FIELDS[typed] === field);
  return id ? wrong(id, sentence) : setText("walk-in-says", sentence);
}

function wrong(id, sentence) {
  setText("walk-in-says", sentence);
  show(id === "walk-in-email" ? "walk-in-why" : "walk-in-who");
  byId(id).focus();
}

const say = (words) => setText("walk-ins-says", words);
