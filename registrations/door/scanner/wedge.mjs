// A wedge scanner types codes like a keyboard, only faster. What it types is a scan, wherever the focus is.

import { parse } from "./ticket-code.mjs";

const FAST = 35; // milliseconds between two keys: no hand is this quick for long
const SLOW = 350; // milliseconds between two keys of what begins as our codes do: over Bluetooth some scanners take 100
const SILENCE = 80; // milliseconds after which a code without Enter has ended
const LENGTH = 29; // characters of a code
const BEGUN = /^(\][A-Z]?[0-9]?|(\][A-Z][0-9])?M(1[0-9A-Z]*)?)$/i; // a code, so far, behind what a scanner puts first
const EDITS = ["Backspace", "Delete", "ArrowLeft", "ArrowRight", "Home", "End", "Escape"]; // by a hand alone
const SPARE = 65; // milliseconds for a page that is late with a key
const LEAST = 12; // characters: fewer were typed by hand
const CODE = /M1[0-9A-HJKMNP-TV-Z]{27}/gi;
const OTHER_LAYOUT = { Y: "Z", Z: "Y", y: "z", z: "y" }; // a German keyboard

/**
 * `key(name, at)` takes each key, `silence(at)` the passing of time, which is to be asked `waits()` after the last key;
 * all in milliseconds. Both return {swallow}:
 * true if the key came from the scanner and is not text; {codes}: what is to be scanned now; {undo}: how many keys in a
 * text field came from the scanner; {typed}: what was held back, but came from a hand.
 */
export function createWedge() {
  let burst = "";
  let last = -Infinity;
  let held = 0; // how many keys of the burst were kept from the page
  let isSlow = false; // there was a gap in it that no fast scanner leaves

  const patience = () => patienceWith(burst, isSlow);

  function end() {
    const said = ended(burst, held, isSlow);
    burst = "";
    held = 0;
    isSlow = false;
    last = -Infinity;
    return said;
  }

  return {
    waits: () => patience() + 10,
    silence: (at) => (burst && at - last >= patience() ? end() : { codes: [] }),

    key(name, at) {
      const gap = at - last;
      if (name === "Enter" || name === "Tab") {
        const swallow = isScan(burst, isSlow) && gap <= patience();
        return { ...end(), swallow };
      }
      if (name.length !== 1) return isSlow && EDITS.includes(name) ? end() : { codes: [] }; // Shift comes between letters
      const joins = gap <= FAST || (gap <= SLOW && burst !== "" && isBegun(burst + name));
      const before = joins ? {} : end();
      isSlow ||= joins && gap > FAST;
      last = at;
      burst += name;
      if (!joins) return { codes: [], ...before };
      held++;
      return { codes: [], swallow: true, undo: held === 1 ? 1 : 0 };
    },
  };
}

/** What a scanner types quickly is a scan, whatever it is; slowly only one of our codes, or a hand may have typed it. */
const isScan = (text, isSlow) => text.length >= (isSlow ? LENGTH : LEAST);

function ended(text, kept, isSlow) {
  if (isScan(text, isSlow)) return { codes: codesIn(text) };
  return kept ? { codes: [], typed: text } : { codes: [] };
}

/** Milliseconds for which the next key still belongs to this burst. */
const patienceWith = (burst, isSlow) => (isBegun(burst) && (isSlow || burst.length < LENGTH) ? SLOW : SILENCE);

const isBegun = (text) => BEGUN.test(text) && text.length <= LENGTH + 3;

/** Milliseconds until what stands in a field is known to be a hand's: the first key of a scanner's is in it that long. */
export const stands = (typed) => (isBegun(typed.slice(-1)) ? SLOW : FAST) + SPARE;

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
