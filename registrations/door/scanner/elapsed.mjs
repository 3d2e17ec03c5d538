// How much time has passed, by a phone whose clock may be set wrong, moved, or stand still while it sleeps.

const SET_BACK = 120; // seconds that a clock may go back by being set right; more is somebody's hand

/** Of this run of the page, which a random word tells from every other. */
export function clockOfThisRun() {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  const run = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { wall: () => Date.now(), mono: () => performance.now(), run };
}

/** Does it once so many milliseconds have passed; returns what stops it. */
export function after(milliseconds, work) {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
}

/** A moment, by the wall clock and by the one that only runs forward while this page does. */
export const stamp = (clock) => ({ wall: clock.wall(), mono: clock.mono(), run: clock.run });

/** Seconds since then. Within one run of the page the wall clock is not asked. */
export function since(then, clock) {
  const passed = then.run === clock.run ? clock.mono() - then.mono : clock.wall() - then.wall;
  return Math.max(0, passed) / 1000;
}

/**
 * The most that can have passed: what is kept for a time only goes by this. In a phone that sleeps one clock stands
 * still; a clock that has been set back below the `highest` ever seen is never believed again.
 */
export function atMost(then, clock, highest) {
  const byWall = (clock.wall() - then.wall) / 1000;
  if (then.run === clock.run) return Math.max(0, byWall, since(then, clock));
  return clock.wall() < highest - SET_BACK * 1000 || byWall < -SET_BACK ? Infinity : Math.max(0, byWall);
}

/** By how many seconds the wall clock has gone on more than the other one, within one run of the page. */
export const jump = (then, clock) => (clock.wall() - then.wall - (clock.mono() - then.mono)) / 1000;

/** How far `since` may be wrong, in seconds: by what the two clocks differ, or by a restart between. */
export function unsure(then, clock) {
  const byWall = (clock.wall() - then.wall) / 1000;
  if (then.run !== clock.run) return byWall < 0 ? LOST : RESTARTED;
  const differ = Math.abs(jump(then, clock));
  return differ > 1 ? differ : 0;
}

const RESTARTED = 30; // what a clock may be set by, unseen, while the phone is off
const LOST = 12 * 3600; // after a restart the clock is before the scan: nothing is known but the order
