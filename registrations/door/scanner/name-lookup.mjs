// A guest looked up by name: a few letters are typed, one of those whom the server finds is chosen, and one more tap
// lets them in. Nothing that was typed or found is stored, and the screen forgets it by itself.

import { byId, ONLINE_AGAIN, setText, showNetwork } from "./screen.mjs";
import { SignedOut } from "./server.mjs";

const NO_ANSWER = "No answer. Try again, or take them aside.";
const LOCKED = "Too many names were looked up on this phone. The lead's PIN lets it go on.";

/** `reference` shows who was chosen as it shows whoever it finds. `screen` draws names, and takes them away. */
export class NameLookup {
  #parts;
  #asked = 0; // counts questions: an answer to an older one is not shown

  constructor(parts) {
    this.#parts = parts; // {sender, panels, scanning, lead, reference, initials, pass, screen}
    const taps = { "by-name": () => this.open(), "type-again": () => this.open(), "name-unlock": () => this.#unlock() };
    for (const [id, work] of Object.entries(taps)) byId(id).addEventListener("click", work);
    byId("naming").addEventListener("submit", (event) => this.#find(event));
    byId("name-rows").addEventListener("click", ({ target }) => this.#choose(target.closest("button")));
    for (const panel of ["naming", "named"]) {
      byId(panel).querySelector(".close").addEventListener("click", () => this.close());
    }
  }

  /** The pass says whether this phone may look up names now. */
  look() {
    byId("by-name").hidden = !this.#parts.pass.get()?.looks_up;
  }

  /** Offline, the form says so before anything is typed. Back online, a question that had no answer may be asked again. */
  connection({ state }) {
    showNetwork("naming-network", state);
    if (state !== "offline" && byId("naming-says").textContent === NO_ANSWER) say(ONLINE_AGAIN);
  }

  /** Opens empty, whatever was typed before. */
  open() {
    this.#forget();
    const isLead = this.#parts.pass.get()?.role === "door_lead";
    setText("first-label", isLead ? "First name (optional)" : "First name, or its initial");
    this.#parts.panels.open("naming");
  }

  close() {
    this.#forget();
    this.#parts.panels.close();
  }

  #forget() {
    this.#asked++;
    this.#parts.screen.forgetPeople();
    byId("name-unlock").hidden = true;
    say("");
  }

  #find(event) {
    event.preventDefault();
    const [surname, first] = [byId("surname").value, byId("first-name").value];
    say("Looking");
    return this.#ask("names", { surname, first }, "naming", (answer) => this.#found(answer));
  }

  #choose(button) {
    if (!button) return undefined;
    return this.#ask("names/choose", { row: button.dataset.row }, "named", (answer) => this.#chosen(answer));
  }

  /** Hears the answer only while its panel is open, and nobody else's verdict has come up. */
  async #ask(path, asked, panel, hear) {
    const { sender, initials, scanning } = this.#parts;
    const [question, before] = [++this.#asked, scanning.onScreen()];
    const said = await sender.timed(path, { ...asked, initials: initials.get() }, isAnswer).catch((error) => error);
    if (question !== this.#asked || byId(panel).hidden || !scanning.isOn() || said instanceof SignedOut) return;
    if (said instanceof Error) return say(NO_ANSWER);
    const shown = scanning.onScreen();
    if (shown !== null && shown !== before) return say("Somebody else was scanned meanwhile. Try again.");
    hear(said.body);
  }

  #found({ rows, sentence, lead: isLocked }) {
    if (isLocked) return lock();
    if (!rows?.length) return say(sentence);
    const { panels, screen } = this.#parts;
    say(rows.length === 1 ? "1 found. Is it them?" : `${rows.length} found. Which is it?`);
    panels.open("named");
    screen.people(rows);
  }

  #chosen(answer) {
    if (!answer.found && !answer.ask_lead) return say(answer.sentence);
    this.close();
    this.#parts.reference.show(answer);
  }

  #unlock() {
    this.#parts.lead.decide({ onPin: () => this.open() });
  }
}

function say(words) {
  setText("naming-says", words);
  setText("named-says", words);
}

/** A captive portal may answer with nothing, or with JSON of its own. */
const isAnswer = (told) => Boolean(told && (told.rows || told.sentence || told.found || told.ask_lead || told.error === "slow"));

function lock() {
  say(LOCKED);
  byId("name-unlock").hidden = false;
  byId("name-unlock").focus();
}
