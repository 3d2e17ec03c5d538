// Admit both: asks whether the work IDs of all who come together were seen, and lets them in together.

import { byId, setText } from "./screen.mjs";
import { ADMIT } from "./together-signs.mjs";

const PEOPLE = ["", "2 come together: one ticket will do.", "3 come together: one ticket will do."];
const EACH = "Tick each work ID that you have seen. Is somebody not here? Close this: each shows their own ticket.";
const GONE = "Somebody else is on the screen now. Nobody was let in by this.";

export class Together {
  #parts;
  #company = null; // about whom the panel asks: {row, answer, marks}

  constructor(parts) {
    this.#parts = parts; // {panels, scanning}
    byId("admit-together").addEventListener("click", () => this.open());
    byId("together").addEventListener("submit", (event) => this.#admit(event));
    byId("together").querySelector(".close").addEventListener("click", () => this.#close());
  }

  /** Nothing is ticked in advance. */
  open() {
    const { scanning, panels } = this.#parts;
    this.#company = scanning.company();
    if (!this.#company) return;
    scanning.hold();
    const beside = this.#company.marks.length;
    for (const tick of ticks()) tick.checked = false;
    byId("third").hidden = beside < 2;
    setText("together-title", PEOPLE[beside]);
    setText("together-now", ADMIT[beside]);
    say("");
    byId("choosing").hidden = true; // until this is closed
    panels.open("together");
  }

  #admit(event) {
    event.preventDefault();
    const { scanning } = this.#parts;
    const asked = this.#company;
    if (scanning.company()?.row !== asked.row) return say(GONE);
    const wanted = ticks().slice(0, asked.marks.length + 1);
    if (!wanted.every(({ checked }) => checked)) return say(EACH);
    this.#leave();
    return scanning.admitTogether(asked);
  }

  /** Whoever was scanned and is in needs no more; whoever is not is decided on as before. */
  #close() {
    const { scanning } = this.#parts;
    const [asked, onScreen] = [this.#company, scanning.company()];
    this.#leave();
    if (onScreen?.row !== asked?.row) return;
    if (onScreen.answer.verdict === "ok") scanning.dismiss();
    else byId("choosing").hidden = false;
  }

  #leave() {
    this.#company = null;
    this.#parts.panels.close();
  }
}

const ticks = () => ["first-seen", "second-seen", "third-seen"].map(byId);
const say = (words) => setText("together-says", words);
