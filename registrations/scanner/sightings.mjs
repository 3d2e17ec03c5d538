// Which code in front of the camera is to be judged: one at a time, and not again while it stays in view.

const GONE = 1500; // milliseconds out of view before the same code may count again,
const LEAST = 5000; // and never sooner than this after it was taken

/** The same code held up for half a minute is one scan. Every sighting, taken or not, keeps its lock alive. */
export function createSightings() {
  const held = new Map(); // text -> {taken, seen}: only while a lock needs it

  return {
    /** True when this code is to be judged now. While `open` is false nothing new is taken. */
    take(text, mono, open) {
      for (const [old, { taken, seen }] of held) if (mono - seen > GONE && mono - taken >= LEAST) held.delete(old);
      const known = held.get(text);
      if (known) known.seen = mono;
      if (known || !open) return false;
      held.set(text, { taken: mono, seen: mono });
      return true;
    },
    forget: () => held.clear(),
  };
}

/** Of one picture's codes [{text, off}], `off` being the distance from the centre: {text}, {two: true} or {}. */
export function choose(found) {
  const nearest = new Map();
  for (const { text, off } of found) nearest.set(text, Math.min(off, nearest.get(text) ?? Infinity));
  const [first, second] = [...nearest].sort(([, a], [, b]) => a - b);
  if (!first) return {};
  return second && second[1] < 2 * first[1] ? { two: true } : { text: first[0] };
}
