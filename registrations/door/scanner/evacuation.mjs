// The band above all else while the building is being left, or during a drill: when it began, and what to do.

import { byId, setText } from "./screen.mjs";

const TITLES = { real: "EVACUATION", drill: "Drill" };

export class Evacuation {
  #band = byId("evacuation");
  #parts;

  constructor(parts) {
    this.#parts = parts; // {pass}
  }

  /** What each answer says of a roll call. No focus moves, and no scan waits: people may still be counted out. */
  heard({ roll_call: roll }) {
    if (!roll) return this.hide();
    const title = TITLES[roll.kind] ?? TITLES.real;
    this.#band.className = roll.kind === "drill" ? "evacuation drill" : "evacuation";
    this.#band.hidden = false;
    setText("evacuation", `${title} since ${this.#parts.pass.hourOf(roll.since)}: let nobody in. Help people out.`);
  }

  hide() {
    this.#band.hidden = true;
    setText("evacuation", "");
  }
}
