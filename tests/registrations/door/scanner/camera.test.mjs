import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { nextCamera, openCamera, refusal, torchOf, Watch } from "../../../../registrations/door/scanner/camera.mjs";

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

const here = { secure: true, able: true, address: "the address" };
for (const [name, page, title] of [
  ["NotAllowedError", here, "Camera is blocked for this site"],
  ["NotFoundError", here, "No camera"],
  ["NotReadableError", here, "Another app has the camera"],
  ["broken", here, "Codes cannot be read"],
  ["front", here, "No camera at the back"],
  ["AbortError", here, "Another app has the camera"],
  ["TypeError", { ...here, able: false }, "No camera in this app"],
  ["TypeError", { ...here, secure: false, able: false }, "Not a secure page"],
]) {
  test(`DR-43 ${name} is told as "${title}"`, () => {
    assert.equal(refusal(name, page).title, title);
    assert.ok(refusal(name, page).says);
  });
}

/** A browser with these cameras: each {deviceId, facing}. */
function cameras(...all) {
  const asked = [];
  const stopped = [];
  const streamOf = ({ deviceId, facing, torch }) => ({
    getVideoTracks: () => [{
      getSettings: () => ({ deviceId, facingMode: facing }), stop: () => stopped.push(deviceId),
      getCapabilities: () => ({ torch }), applyConstraints: async (wish) => asked.push(wish),
    }],
  });
  const getUserMedia = async ({ video, audio }) => {
    assert.equal(audio, false);
    asked.push(video);
    const found = all.find((input) => !video.deviceId || input.deviceId === video.deviceId.exact);
    if (!found) throw new DOMException("none", "OverconstrainedError");
    return streamOf(found);
  };
  const enumerateDevices = async () => [{ kind: "audioinput", deviceId: "m" }, ...all.map((camera) => ({ kind: "videoinput", ...camera }))];
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: { getUserMedia, enumerateDevices } }, configurable: true });
  return { asked, stopped };
}
const idOf = (stream) => stream.getVideoTracks()[0].getSettings().deviceId;

test("the camera that a person chose is opened, though it looks at the steward; gone, another is", async () => {
  const { stopped } = cameras({ deviceId: "front", facing: "user" });
  assert.deepEqual([idOf(await openCamera("front")), stopped], ["front", []]);
  const { asked } = cameras({ deviceId: "back", facing: "environment" });
  assert.equal(idOf(await openCamera("gone")), "back");
  assert.deepEqual(asked.map(({ deviceId, facingMode }) => [deviceId?.exact, facingMode?.ideal]), [["gone", undefined], [undefined, "environment"]]);
});

test("DR-43 one that looks at the steward is never taken by itself, and is let go of", async () => {
  const { stopped } = cameras({ deviceId: "front", facing: "user" });
  await assert.rejects(openCamera(), { name: "front" });
  assert.deepEqual(stopped, ["front"]);
  cameras({ deviceId: "webcam" });
  assert.equal(idOf(await openCamera()), "webcam", "one that says nothing of where it looks is as good");
});

test("a camera that is refused is not asked for again by another wish", async () => {
  let times = 0;
  const getUserMedia = () => (times++, Promise.reject(new DOMException("no", "NotAllowedError")));
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: { getUserMedia } }, configurable: true });
  await assert.rejects(openCamera("chosen"), { name: "NotAllowedError" });
  assert.equal(times, 1);
});

test("the next camera is the one after this, and after the last the first", async () => {
  cameras({ deviceId: "a" }, { deviceId: "b" });
  assert.deepEqual([await nextCamera("a"), await nextCamera("b"), await nextCamera("gone")], ["b", "a", "a"]);
});

test("a lamp is lit where there is one", async () => {
  const { asked } = cameras({ deviceId: "dark" });
  assert.equal(torchOf(await openCamera()), null);
  const lit = cameras({ deviceId: "lamp", torch: true });
  await torchOf(await openCamera())(true);
  assert.deepEqual(lit.asked.at(-1), { advanced: [{ torch: true }] });
  assert.equal(asked.length, 1);
});

/** A camera whose decoder is this; `shows` takes the next picture so many milliseconds later. */
function watched(decoder, parts = {}) {
  let now = 1000;
  let frame;
  const made = [];
  mock.method(performance, "now", () => now);
  globalThis.document = { hidden: false };
  globalThis.createImageBitmap = async () => ({});
  globalThis.Worker = class {
    constructor() {
      made.push(this);
    }
    postMessage() {
      decoder(this);
    }
    terminate() {
      this.isOver = true;
    }
  };
  const heard = { found: [], broken: 0 };
  const watch = new Watch({ videoWidth: 640, videoHeight: 480, requestVideoFrameCallback: (work) => (frame = work) }, {
    onFound: (found) => heard.found.push(found), onBroken: () => heard.broken++, rests: () => false, ...parts,
  });
  return { watch, made, heard, shows: (milliseconds) => ((now += milliseconds), frame()) };
}

test("a decoder that hangs for two seconds is replaced, and one picture is in flight at a time", async () => {
  let sent = 0;
  const { made, shows, watch } = watched(() => sent++);
  const loaded = () => made.at(-1).onmessage({ data: { isLoaded: true } });
  loaded();
  for (let n = 0; n < 19; n++) await shows(100);
  assert.deepEqual([sent, made.length], [1, 1]);
  for (let n = 0; n < 4; n++) await shows(100);
  assert.deepEqual([sent, made.length, made[0].isOver], [2, 2, true]);
  watch.stop();
  mock.restoreAll();
});

test("a decoder has time to be loaded, and the first picture waits for it", async () => {
  const { made, shows, watch, heard } = watched(() => {});
  for (let n = 0; n < 150; n++) await shows(100);
  assert.deepEqual([made.length, heard.broken], [1, 0]);
  made[0].onmessage({ data: { isLoaded: true } });
  for (let n = 0; n < 19; n++) await shows(100);
  assert.equal(made.length, 1, "how long the picture may take counts from then");
  for (let n = 0; n < 4; n++) await shows(100);
  assert.equal(made.length, 2);
  watch.stop();
  mock.restoreAll();
});

test("a decoder that is never loaded did not start", async () => {
  const { made, shows, watch, heard } = watched(() => {});
  for (let n = 0; n < 203; n++) await shows(100);
  assert.deepEqual([made.length, heard.broken], [1, 1]);
  watch.stop();
  mock.restoreAll();
});

test("a picture that comes after the camera was stopped starts no decoder", async () => {
  const { made, shows, watch } = watched(() => {});
  made[0].onmessage({ data: { isLoaded: true } });
  await shows(100);
  watch.stop();
  await shows(90_000);
  assert.equal(made.length, 1);
  mock.restoreAll();
});

test("a decoder that did not start is told of, and after a stop nothing is", async () => {
  const { made, heard, watch, shows } = watched((worker) => worker.onmessage({ data: { found: [{ text: "a" }] } }));
  await shows(100);
  made[0].onmessage({ data: { broken: true } });
  made[0].onerror();
  assert.deepEqual([heard.found, heard.broken], [[[{ text: "a" }]], 2]);
  watch.stop();
  made[0].onmessage({ data: { found: [] } });
  made[0].onerror();
  assert.deepEqual([heard.found.length, heard.broken, made[0].isOver], [1, 2, true]);
  mock.restoreAll();
});
