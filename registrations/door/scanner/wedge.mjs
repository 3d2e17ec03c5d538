// A wedge scanner types codes like a keyboard, only faster. What it types is a scan, wherever the focus is.

import { parse } from "./ticket-code.mjs";

const FAST = 35; // milliseconds between two keys: no hand is this quick for long
const SILENCE = 80; // milliseconds after which a code without Enter has ended
const LEAST = 12; // characters: fewer were typed by hand
const CODE = /M1[0-9A-HJKMNP-TV-Z]{27}/gi;
const OTHER_LAYOUT = { Y: "Z", Z: "Y", y: "z", z: "y" }; // a German keyboard

/**
 * `key(name, at)` takes each key, `silence(at)` the passing of time; `at` is in milliseconds. Both return {swallow}:
 * true if the key came from the scanner and is not text; {codes}: what is to be scanned now; {undo}: how many keys in a
 * text field came from the scanner; {typed}: what was held back, but came from a hand.
 */
export function createWedge() {
  let burst = "";
  let last = -Infinity;
  let held = 0; // how many keys of the burst were kept from the page

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
      if (!ends && name.length !== 1) return { codes: [] }; // keys like Shift come between the letters
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

/** The tickets in a burst, in order, without what the scanner adds; or, if there are none, the burst as it came. */
export function codesIn(text) {
  const found = text.match(CODE) ?? [];
  if (found.length) return found.map(read);
  const swapped = swap(text).match(CODE) ?? [];
  const read_ = swapped.filter((code) => parse(code).secret !== null);
  return read_.length ? read_ : [text];
}

/** If a code fails its check, tries it once more with Y and Z swapped. */
function read(code) {
  return parse(code).secret === null && parse(swap(code)).secret !== null ? swap(code) : code;
}

const swap = (text) => text.replace(/[yz]/gi, (letter) => OTHER_LAYOUT[letter]);
