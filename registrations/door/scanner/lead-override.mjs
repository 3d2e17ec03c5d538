// A lead's override on this phone: a PIN that the server alone can tell, good for a while and for this run of the page.

import { atMost, stamp } from "./elapsed.mjs";

const MARGIN = 5; // seconds before its end: a scan may take that long to arrive
const PIN = /^[0-9]{6}$/;
const REFUSED = ["already_in", "too_early", "too_late", "undo_needs_lead"];

/** `sender` reaches the server, `page` names this run of it. The PIN is kept nowhere. */
export class LeadOverride {
  #parts;
  #given = null; // {at, seconds}

  constructor(parts) {
    this.#parts = parts; // {sender, clock, page}
  }

  stands() {
    return this.#given !== null && atMost(this.#given.at, this.#parts.clock, 0) < this.#given.seconds - MARGIN;
  }

  /** "" where it was a lead's, else the sentence to show. Throws where nobody answers. */
  async give(pin) {
    if (!PIN.test(pin)) return "A lead's PIN has 6 digits.";
    const { sender, clock, page } = this.#parts;
    const at = stamp(clock);
    const { status, body } = await sender.timed("override", { pin, page }, ({ override, sentence } = {}) => override || sentence);
    if (status !== 200) return body.sentence;
    this.#given = { at, seconds: body.override.seconds };
    return "";
  }

  /** An answer to a scan under the override: where it did not count, it is over, whatever this clock says. */
  heard({ verdict }, { tap, offline }) {
    if (tap === "lead" && !offline && REFUSED.includes(verdict)) this.#given = null;
  }
}
