// How much time has passed, on a phone whose clock may be wrong, may be moved, or may stop while the phone sleeps.

import { toHex } from "./sealing.mjs";

const SET_BACK = 120; // seconds by which a clock may go back when it is corrected; more than that is somebody moving it

/** The clock of this run of the page. The random `run` tells it from every other run. */
export function clockOfThisRun() {
  const run = toHex(crypto.getRandomValues(new Uint8Array(4)));
  return { wall: () => Date.now(), mono: () => performance.now(), run };
}

/** Calls `work` after so many milliseconds. Returns a function that cancels it. */
export function after(milliseconds, work) {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
}

/** A moment on both clocks: the wall clock, and the one that only runs forward, while this page runs. */
export const stamp = (clock) => ({ wall: clock.wall(), mono: clock.mono(), run: clock.run });

/** Seconds since then. Within one run of the page the wall clock is not used. */
export function since(then, clock) {
  const passed = then.run === clock.run ? clock.mono() - then.mono : clock.wall() - then.wall;
  return Math.max(0, passed) / 1000;
}

/**
 * The most time that can have passed: whatever is kept for a limited time uses this. While a phone sleeps, one clock
 * stands still; and a wall clock that was set back below the `highest` ever seen is not believed.
 */
export function atMost(then, clock, highest) {
  const byWall = (clock.wall() - then.wall) / 1000;
  if (then.run === clock.run) return Math.max(0, byWall, since(then, clock));
  return clock.wall() < highest - SET_BACK * 1000 || byWall < -SET_BACK ? Infinity : Math.max(0, byWall);
}

/** How many seconds further the wall clock has moved than the other clock, within one run of the page. */
export const jump = (then, clock) => (clock.wall() - then.wall - (clock.mono() - then.mono)) / 1000;

/** How far `since` may be wrong, in seconds: the difference of the two clocks, or more after a restart. */
export function unsure(then, clock) {
  const byWall = (clock.wall() - then.wall) / 1000;
  if (then.run !== clock.run) return byWall < 0 ? LOST : RESTARTED;
  const differ = Math.abs(jump(then, clock));
  return differ > 1 ? differ : 0;
}

const RESTARTED = 30; // by how much a clock may be corrected, unnoticed, while the phone is off
const LOST = 12 * 3600; // after a restart the clock is earlier than the scan: only the order is known
