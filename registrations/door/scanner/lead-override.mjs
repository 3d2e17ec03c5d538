// A lead's override on this phone, given by a PIN that only the server can check, for a while and this run of the page.

import { atMost, stamp } from "./elapsed.mjs";
import { leadMay } from "./verdict-signs.mjs";

const MARGIN = 5; // seconds: it ends this much earlier here, since a scan may take so long to arrive
const PIN = /^[0-9]{6}$/;
const REFUSED = ["already_in", "lead_meets", "not_counted", "too_early", "too_late", "undo_needs_lead", "wrong_door"];

/** `sender` asks the server, `page` names this run of the page. The PIN is never stored. */
export class LeadOverride {
  #parts;
  #given = null; // {at, seconds}

  constructor(parts) {
    this.#parts = parts; // {sender, clock, page}
  }

  stands() {
    return this.#given !== null && atMost(this.#given.at, this.#parts.clock, 0) < this.#given.seconds - MARGIN;
  }

  /** "" if it was a lead's PIN, otherwise the sentence to show. Throws if the server does not answer. */
  async give(typed) {
    const pin = typed.replace(/\s/g, ""); // the desk shows it in two halves
    if (!PIN.test(pin)) return "A lead's PIN has 6 digits.";
    const { sender, clock, page } = this.#parts;
    const at = stamp(clock);
    const { status, body } = await sender.timed("override", { pin, page }, ({ override, sentence } = {}) => override || sentence);
    if (status !== 200) return body.sentence;
    this.#given = { at, seconds: body.override.seconds };
    return "";
  }

  /** An answer to a scan under the override. If the override did not count, it is over, whatever this clock says. */
  heard(answer, { tap, offline, code }) {
    if (answer.twice === "lead") return;
    if (tap === "lead" && !offline && (REFUSED.includes(answer.verdict) || isFull(answer, code))) this.#given = null;
  }
}

/** A lead's reason to let somebody into a full room was refused, and not one to let them in early. */
const isFull = (answer, code) =>
  answer.verdict === "speak_to_lead" && (leadMay(answer)?.codes.some(([known]) => known === code) ?? false);
