// Which code in front of the camera, or typed by a wedge, is to be judged: one at a time, and not again while in view.

const GONE = 1500; // milliseconds out of view before the same code may count again,
const LEAST = 5000; // and never sooner than this after it was taken
const LOOKS = 100; // between two looks whether the next code of a wedge may take the screen

/** The same code held up for half a minute is one scan. Every sighting, taken or not, keeps its lock alive. */
export class Sightings {
  #held = new Map(); // text -> {taken, seen}: only while a lock needs it

  /** True when this code is to be judged now. While `open` is false nothing new is taken. */
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

  /** After an undo: the same code counts as soon as it is held up anew. One that is still in view does not. */
  free() {
    for (const lock of this.#held.values()) lock.taken = -Infinity;
  }
}

/** Of one picture's codes [{text, off}], `off` being the distance from the centre: {text}, {two: true} or {}. */
export function choose(found) {
  const nearest = new Map();
  for (const { text, off } of found) nearest.set(text, Math.min(off, nearest.get(text) ?? Infinity));
  const [first, second] = [...nearest].sort(([, a], [, b]) => a - b);
  if (!first) return {};
  return second && second[1] < 2 * first[1] ? { two: true } : { text: first[0] };
}

/** Brings the codes that count to `scanning`. `after(milliseconds, work)` returns what stops it. */
export class Intake {
  #parts;

  constructor(parts) {
    this.#parts = parts; // {scanning, sightings, direction, screen, clock, after}
  }

  /** What one picture of the camera held: [{text, off}]. */
  see(found) {
    if (found.length) this.#parts.direction.used();
    const { text, two } = choose(found);
    this.#parts.screen.hint(two ? "One ticket at a time" : "");
    return text === undefined ? this.#parts.scanning.turnsEnd() : this.take(text);
  }

  /** Codes that a wedge typed in one go: each but the first waits until the one before has been seen. */
  takeTyped(texts) {
    this.#parts.direction.used();
    return this.#takeAll([...new Set(texts)]);
  }

  /** Done when it is on the screen, or was not taken. */
  take(text) {
    const { scanning, sightings, clock } = this.#parts;
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
