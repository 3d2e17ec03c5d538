// What a lead decides on a steward's phone: asks for the PIN, then the reason. Offline, the lead's card replaces the PIN,
// or a tap where no lead has a card.

import { byId, element, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";

const SETTLES = 350; // milliseconds: so the second half of a double tap chooses no reason
const OFFLINE = "No network: a tap counts as the lead's override, and is recorded.";
const BY_CARD = "No network: the card counts, and is recorded.";

/** `override` says whether a PIN still counts, `status` whether one could be checked now, `guestList` if there are cards. */
export class Lead {
  #parts;
  #input = byId("lead-pin");
  #offered = 0; // when the reasons came up
  #asked = null; // {says, codes, onCode(code, isOffline, card), onRefuse(), if they may be let in}, or {onPin} if only the PIN is needed; what it is for: {about}
  #card = ""; // the proof of the card that this decision goes by

  constructor(parts) {
    this.#parts = parts; // {panels, override, status, guestList}
    byId("lead").addEventListener("submit", (event) => this.#check(event));
    byId("refuse").addEventListener("click", () => this.#closing(({ onRefuse }) => onRefuse()));
    for (const panel of ["lead", "deciding", "card"]) {
      byId(panel).querySelector(".close").addEventListener("click", () => this.#close());
    }
  }

  /** With `isPractice` no PIN is needed. */
  decide(question) {
    const { override, panels, status } = this.#parts;
    this.#asked = question;
    this.#card = "";
    for (const id of ["lead-about", "card-about"]) setText(id, question.about ?? "");
    if (question.isPractice) return this.#offer(question.says, false);
    if (status.isOffline()) return this.#offline();
    if (question.codes && override.stands()) return this.#offer(question.says, false);
    this.#input.value = "";
    say("");
    panels.open("lead");
  }

  /** A PIN is never checked on the phone: there six digits could be guessed in a second. */
  #offline() {
    const { codes, says } = this.#asked;
    if (codes && this.#parts.guestList.hasCards()) return this.#parts.panels.open("card");
    if (codes) return this.#offer(`${says} ${OFFLINE}`, true);
    this.#parts.panels.open("lead");
    say("No answer from the server: this needs the network.");
  }

  /** True while the phone waits for the lead's card. */
  wantsCard() {
    return this.#asked !== null && !byId("card").hidden;
  }

  /** The card counts for this one decision. */
  byCard(card) {
    this.#card = card;
    this.#offer(`${this.#asked.says} ${BY_CARD}`, true);
  }

  #offer(says, isOffline) {
    setText("deciding-says", says);
    for (const old of byId("reasons").querySelectorAll(".main")) old.remove();
    byId("reasons").prepend(...this.#asked.codes.map(([code, label]) => this.#button(code, label, isOffline)));
    byId("refuse").hidden = !this.#asked.onRefuse;
    this.#offered = performance.now();
    this.#parts.panels.open("deciding");
  }

  #button(code, label, isOffline) {
    const made = element("button", "main", label);
    made.type = "button";
    made.addEventListener("click", () => {
      if (performance.now() - this.#offered >= SETTLES) this.#closing(({ onCode }, card) => onCode(code, isOffline, ...(card ? [card] : [])));
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
    this.#input.focus();
  }

  #closing(work) {
    const [question, card] = [this.#asked, this.#card];
    this.#close();
    if (question) work(question, card);
  }

  #close() {
    this.#asked = null;
    this.#card = "";
    this.#input.value = "";
    byId("choosing").hidden = !byId("choosing").children.length; // the choices that a lead was one of are back
    this.#parts.panels.close();
  }
}

const say = (words) => setText("lead-says", words);
