// The lead's word on this phone: a PIN that the server alone can tell, good for a while and for this run of the page.

import { atMost, stamp } from "./passing.mjs";

const MARGIN = 5; // seconds before its end: a scan may take that long to arrive
const PIN = /^[0-9]{6}$/;
const WITHOUT = ["already_in", "too_early", "too_late", "undo_needs_lead"];

/** `ask` reaches the server, `page` names this run of it. The PIN is kept nowhere. */
export function createWord({ ask, clock, page }) {
  let given = null; // {at, seconds}

  return {
    stands: () => given !== null && atMost(given.at, clock, 0) < given.seconds - MARGIN,

    /** "" where it was a lead's, else the sentence to show. Throws where nobody answers. */
    async give(pin) {
      if (!PIN.test(pin)) return "A lead's PIN has 6 digits.";
      const at = stamp(clock);
      const { status, body } = await ask("word", { pin, page }, ({ word, sentence } = {}) => word || sentence);
      if (status !== 200) return body.sentence;
      given = { at, seconds: body.word.seconds };
      return "";
    },

    /** An answer to a scan on the lead's word: where it did not count, the word is over, whatever this clock says. */
    heard({ verdict }, { word, offline }) {
      if (word === "lead" && !offline && WITHOUT.includes(verdict)) given = null;
    },
  };
}
