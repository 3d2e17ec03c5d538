// What a lead decides on a steward's phone: asks for the PIN, then the reason. Offline, a tap replaces the PIN.

import { byId, element, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";

const SETTLES = 350; // milliseconds: so the second half of a double tap chooses no reason
const OFFLINE = "No network: a tap counts as the lead's override, and is recorded.";

/** `override` says whether a PIN still counts, `status` whether a PIN could be checked now. */
export class Lead {
  #parts;
  #input = byId("lead-pin");
  #offered = 0; // when the reasons came up
  #asked = null; // {says, codes, onCode(code, isOffline)}, or {onPin} if only the PIN is needed

  constructor(parts) {
    this.#parts = parts; // {panels, override, status}
    byId("lead").addEventListener("submit", (event) => this.#check(event));
    for (const panel of ["lead", "deciding"]) {
      byId(panel).querySelector(".close").addEventListener("click", () => this.#close());
    }
  }

  /** With `isPractice` no PIN is needed. */
  decide(question) {
    const { override, panels, status } = this.#parts;
    this.#asked = question;
    if (question.isPractice) return this.#offer(question.says, false);
    if (status.isOffline()) return this.#offline();
    if (question.codes && override.stands()) return this.#offer(question.says, false);
    this.#input.value = "";
    say("");
    panels.open("lead");
  }

  /** A PIN is never checked on the phone: there six digits could be guessed in a second. */
  #offline() {
    if (this.#asked.codes) return this.#offer(`${this.#asked.says} ${OFFLINE}`, true);
    this.#parts.panels.open("lead");
    say("No answer from the server: this needs the network.");
  }

  #offer(says, isOffline) {
    setText("deciding-says", says);
    for (const old of byId("reasons").querySelectorAll(".main")) old.remove();
    byId("reasons").prepend(...this.#asked.codes.map(([code, label]) => this.#button(code, label, isOffline)));
    this.#offered = performance.now();
    this.#parts.panels.open("deciding");
  }

  #button(code, label, isOffline) {
    const made = element("button", "main", label);
    made.type = "button";
    made.addEventListener("click", () => {
      if (performance.now() - this.#offered >= SETTLES) this.#closing(({ onCode }) => onCode(code, isOffline));
    });
    return made;
  }

  async #check(event) {
    event.preventDefault();
    const [pin, question] = [this.#input.value, this.#asked];
    this.#input.value = "";
    say("Checking the PIN");
    const wrong = await this.#parts.override.give(pin).catch((error) => error);
    if (this.#asked !== question || byId("lead").hidden || wrong instanceof SignedOut) return; // the lead has left
    if (wrong instanceof Error) return this.#offline();
    if (!wrong) return question.codes ? this.#offer(question.says, false) : this.#closing(({ onPin }) => onPin());
    say(wrong);
    this.#input.focus({ preventScroll: true });
  }

  #closing(work) {
    const question = this.#asked;
    this.#close();
    if (question) work(question);
  }

  #close() {
    this.#asked = null;
    this.#input.value = "";
    this.#parts.panels.close();
  }
}

const say = (words) => setText("lead-says", words);
