import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Watch } from "../../registrations/scanner/camera.mjs";

/** How many pictures a camera of thirty frames a second had read within so many milliseconds. */
async function pictures(milliseconds, rests) {
  let now = 1000;
  let read = 0;
  let frame;
  mock.method(performance, "now", () => now);
  globalThis.document = { hidden: false };
  globalThis.createImageBitmap = async () => ({});
  globalThis.Worker = class {
    postMessage() {
      read++;
      this.onmessage({ data: { found: [] } });
    }
    terminate() {}
  };
  const video = { videoWidth: 640, videoHeight: 480, requestVideoFrameCallback: (work) => (frame = work) };
  const watch = new Watch(video, { onFound() {}, onBroken() {}, rests: () => rests(now - 1000) });
  for (const end = now + milliseconds; now < end; now += 1000 / 30) await frame();
  watch.stop();
  mock.restoreAll();
  return read;
}

test("ten pictures a second are read, and one or two while nothing else would be taken", async () => {
  assert.deepEqual([await pictures(990, () => false), await pictures(990, () => true)], [10, 2]);
});

test("a camera that rested reads the very next picture", async () => {
  assert.deepEqual([await pictures(680, (at) => at < 690), await pictures(760, (at) => at < 690)], [1, 2]);
});
