// Which code, seen by the camera or typed by a wedge scanner, is judged: one at a time, and only once while in view.

import { parseCard } from "./lead-card.mjs";

const GONE = 1500; // milliseconds out of view before the same code may count again
const LEAST = 5000; // and at least this long after it was taken
const LOOKS = 100; // milliseconds between two looks whether the next code of a wedge scanner may take the screen

/** A code that is held up for half a minute is one scan: each sighting, taken or not, extends its lock. */
export class Sightings {
  #held = new Map(); // text -> {taken, seen}, kept only as long as the lock

  /** True if this code is to be judged now. While `open` is false, no new code is taken. */
  take(text, mono, open) {
    for (const [old, { taken, seen }] of this.#held) {
      if (mono - seen > GONE && mono - taken >= LEAST) this.#held.delete(old);
    }
    const known = this.#held.get(text);
    if (known) known.seen = mono;
    if (known || !open) return false;
    this.#held.set(text, { taken: mono, seen: mono });
    return true;
  }

  /** After an undo: the same code counts as soon as it is held up again, but not while it stays in view. */
  free() {
    for (const lock of this.#held.values()) lock.taken = -Infinity;
  }
}

/** From one picture's codes [{text, off}], where `off` is the distance from the centre: {text}, {two: true} or {}. */
export function choose(found) {
  const nearest = new Map();
  for (const { text, off } of found) nearest.set(text, Math.min(off, nearest.get(text) ?? Infinity));
  const [first, second] = [...nearest].sort(([, a], [, b]) => a - b);
  if (!first) return {};
  return second && second[1] < 2 * first[1] ? { two: true } : { text: first[0] };
}

const UNREAD = 3000; // milliseconds
const GAP = 2000; // milliseconds without a sight of it, after which it is another one

/** Something of a code is in view and cannot be read: a thumb is on it, it shines, or it moves. */
export class Unread {
  #since = null;
  #last = 0;

  /** True once that has been so for a few seconds. */
  look(isRead, isPartly, mono) {
    if (isRead || mono - this.#last > GAP) this.#since = null;
    if (!isPartly) return this.#since !== null && this.#last - this.#since >= UNREAD;
    this.#since ??= mono;
    this.#last = mono;
    return mono - this.#since >= UNREAD;
  }
}

const SHOW_ALL = "This code cannot be read. Show all of it, hold it still, tilt it against glare";

/**
 * Passes the codes that count to `scanning`. `after(milliseconds, work)` returns a function that cancels it. `bus` is
 * told of a lead's card ("card"), once while it is in view, whatever is on the screen: it decides on that.
 */
export class Intake {
  #parts;
  #unread = new Unread();

  constructor(parts) {
    this.#parts = parts; // {scanning, sightings, direction, screen, clock, after, bus}
  }

  /** Takes the codes of one picture of the camera: [{text, off}]. `isPartly`: there is one that cannot be read. */
  see(found, isPartly = false) {
    const { direction, screen, clock } = this.#parts;
    if (found.length) direction.used();
    const { text, two } = choose(found);
    const isUnread = this.#unread.look(found.length > 0, isPartly, clock.mono());
    screen.hint(two ? "One ticket at a time" : isUnread ? SHOW_ALL : "");
    return text === undefined ? this.#parts.scanning.turnsEnd() : this.take(text);
  }

  /** Takes codes that a wedge scanner typed in one burst: each waits until the one before it has been seen. */
  takeTyped(texts) {
    this.#parts.direction.used();
    return this.#takeAll([...new Set(texts)]);
  }

  /** Resolves when its verdict is on the screen, or when the code is not taken. */
  take(text) {
    const { scanning, sightings, clock, bus } = this.#parts;
    if (parseCard(text)) return sightings.take(text, clock.mono(), true) ? bus.tell("card", text) : scanning.turnsEnd();
    return sightings.take(text, clock.mono(), scanning.isOpen()) ? scanning.accept(text) : scanning.turnsEnd();
  }

  #takeAll([first, ...others]) {
    const done = this.take(first);
    if (others.length) this.#whenOpen(() => this.#takeAll(others));
    return done;
  }

  #whenOpen(work) {
    if (this.#parts.scanning.isOpen()) work();
    else this.#parts.after(LOOKS, () => this.#whenOpen(work));
  }
}
