// A wedge scanner types a code as a keyboard would, only faster. What it types is a scan, wherever the focus is.

import { parse } from "./ticket-code.mjs";

const FAST = 35; // milliseconds between two keys: no hand is so quick for long
const SILENCE = 80; // milliseconds after which a code without Enter has ended
const LEAST = 12; // characters: fewer are a hand after all
const CODE = /M1[0-9A-HJKMNP-TV-Z]{27}/gi;
const OTHER_LAYOUT = { Y: "Z", Z: "Y", y: "z", z: "y" }; // a German keyboard

/**
 * `key(name, at)` takes each key pressed, `silence(at)` the passing of time, both in milliseconds. They answer
 * {swallow}: whether the key is the scanner's and no text; {codes}: what is to be scanned now; {undo}: how many keys
 * already in a text field were the scanner's; {typed}: what was held back, but came from a hand.
 */
export function createWedge() {
  let burst = "";
  let last = -Infinity;
  let held = 0; // of the burst, how many keys were kept from the page

  function end() {
    const text = burst;
    const kept = held;
    burst = "";
    held = 0;
    last = -Infinity;
    if (text.length >= LEAST) return { codes: codesIn(text) };
    return kept ? { codes: [], typed: text } : { codes: [] };
  }

  return {
    silence: (at) => (burst && at - last >= SILENCE ? end() : { codes: [] }),

    key(name, at) {
      const ends = name === "Enter" || name === "Tab";
      if (!ends && name.length !== 1) return { codes: [] }; // Shift and the like arrive between the letters
      const fast = at - last <= FAST;
      if (ends) {
        const isScan = burst.length >= LEAST && at - last <= SILENCE;
        return { ...end(), swallow: isScan };
      }
      const before = fast ? {} : end();
      last = at;
      burst += name;
      if (!fast) return { codes: [], ...before };
      held++;
      return { codes: [], swallow: true, undo: held === 1 ? 1 : 0 };
    },
  };
}

/** The tickets in a burst, in their order, freed of what the scanner adds; else the burst itself, as it came. */
export function codesIn(text) {
  const found = text.match(CODE) ?? [];
  if (found.length) return found.map(read);
  const swapped = swap(text).match(CODE) ?? [];
  const read_ = swapped.filter((code) => parse(code).secret !== null);
  return read_.length ? read_ : [text];
}

/** A code that fails its check is tried once with Y and Z changed over. */
function read(code) {
  return parse(code).secret === null && parse(swap(code)).secret !== null ? swap(code) : code;
}

const swap = (text) => text.replace(/[yz]/gi, (letter) => OTHER_LAYOUT[letter]);
