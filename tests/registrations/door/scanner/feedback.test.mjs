import assert from "node:assert/strict";
import { test } from "node:test";
import { Feedback } from "../../../../registrations/door/scanner/feedback.mjs";

const SIGN = { tone: [[660, 0, 130], [880, 150, 220]], buzz: [90] };

/** A browser with this sound and this buzz. */
function browser({ hasSound = true, hasBuzz = true } = {}) {
  const heard = { notes: [], buzzes: [] };
  const gain = { setValueAtTime() {}, linearRampToValueAtTime() {} };
  globalThis.AudioContext = class {
    currentTime = 7;
    state = "suspended";
    constructor() {
      heard.audio = this;
    }
    async resume() {
      if (!hasSound) throw new Error("no sound");
      this.state = "running";
    }
    createOscillator() {
      const made = { frequency: {}, connect: (other) => other, stop() {} };
      return Object.assign(made, { start: (at) => heard.notes.push([made.frequency.value, Number(at.toFixed(3))]) });
    }
    createGain() {
      return { gain, connect() {} };
    }
  };
  const vibrate = (pattern) => heard.buzzes.push(pattern);
  Object.defineProperty(globalThis, "navigator", { value: hasBuzz ? { vibrate } : {}, configurable: true });
  return heard;
}

test("a sign is heard and felt once a tap has woken the sound", async () => {
  const heard = browser();
  const feel = new Feedback();
  feel.sign(SIGN);
  assert.deepEqual([heard.notes, heard.buzzes], [[], [[90]]], "no browser lets a page sound before a tap");
  await feel.wake();
  feel.sign(SIGN);
  feel.touch();
  assert.deepEqual([heard.notes, heard.buzzes], [[[660, 7], [880, 7.15]], [[90], [90], [25]]]);
});

test("a phone that a call has silenced sounds again after the next tap, and none does before it was woken", async () => {
  const heard = browser();
  const feel = new Feedback();
  await feel.rouse();
  feel.sign(SIGN);
  assert.deepEqual(heard.notes, [], "a tap alone wakes nothing");
  await feel.wake();
  heard.audio.state = "interrupted";
  feel.sign(SIGN);
  assert.deepEqual(heard.notes, []);
  await feel.rouse();
  feel.sign(SIGN);
  assert.equal(heard.notes.length, 2);
});

test("a phone without sound or buzz fails at neither", async () => {
  const heard = browser({ hasSound: false, hasBuzz: false });
  const feel = new Feedback();
  await feel.wake();
  feel.sign(SIGN);
  feel.touch();
  assert.deepEqual([heard.notes, heard.buzzes, feel.hasBuzz()], [[], [], false]);
});
