import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openPage, settled, textOf } from "./page.mjs";

const { Memory } = await import("../../../../registrations/door/scanner/store.mjs");

/** A phone with this camera, or one that refuses with `fails`. */
async function phone({ fails = null, torch = false, hasLock = true, waits = null, rooms } = {}) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const heard = { found: [], opened: 0, asked: [], stopped: 0, lamp: [], locks: 0, workers: [], fails };
  const track = {
    readyState: "live", muted: false, getSettings: () => ({ deviceId: "back" }), stop: () => heard.stopped++,
    getCapabilities: () => ({ torch }), applyConstraints: async ({ advanced: [{ torch: on }] }) => heard.lamp.push(on),
  };
  const getUserMedia = async ({ video }) => {
    heard.asked.push(video.deviceId?.exact ?? "any");
    await waits;
    if (heard.fails) throw new DOMException("no", heard.fails);
    return { getVideoTracks: () => [track], getTracks: () => [track] };
  };
  const enumerateDevices = async () => ["back", "wide"].map((deviceId) => ({ kind: "videoinput", deviceId }));
  const request = async () => (hasLock ? (heard.locks++, { release: async () => heard.locks-- }) : Promise.reject(new Error("no")));
  globalThis.Worker = class {
    constructor() {
      heard.workers.push(this);
    }
    terminate() {
      this.isOver = true;
    }
  };
  const page = openPage({ navigator: { mediaDevices: { getUserMedia, enumerateDevices }, wakeLock: { request } } });
  page.byId("video").play = async () => {};
  page.byId("video").requestVideoFrameCallback = () => {};
  const { Viewfinder } = await import("../../../../registrations/door/scanner/viewfinder.mjs");
  const store = new Memory();
  const viewfinder = new Viewfinder({
    store, intake: { see: (found) => heard.found.push(found) },
    ...(rooms ?? { reference: { open: () => heard.opened++ }, scanning: { isUnderWay: () => false } }),
  });
  return { ...page, heard, track, store, viewfinder };
}
const ends = () => mock.timers.reset();
const isAsleep = ({ byId }) => !byId("no-camera").hidden && textOf("no-camera-title") === "Camera asleep";

test("codes that the camera sees are handed on, and the camera is remembered", async () => {
  const sid = await phone();
  await sid.viewfinder.start();
  sid.heard.workers[0].onmessage({ data: { found: [{ text: "a" }] } });
  sid.heard.workers[0].onmessage({ data: { found: [] } });
  assert.deepEqual([sid.heard.found, await sid.store.recall("camera")], [[[{ text: "a" }], []], "back"]);
  assert.deepEqual([sid.byId("no-camera").hidden, sid.heard.locks], [true, 1]);
  await sid.viewfinder.start();
  assert.deepEqual([sid.heard.asked, sid.heard.stopped], [["any", "back"], 1], "the one before is let go of");
  ends();
});

test("a page without references and verdicts says what works there without a camera", async () => {
  const sid = await phone({ fails: "NotAllowedError", rooms: { otherwise: "The list opens online." } });
  await sid.viewfinder.start();
  assert.match(textOf("no-camera-says"), / The list opens online\.$/);
  sid.heard.fails = null;
  await sid.viewfinder.start();
  assert.equal(sid.byId("no-camera").hidden, true);
  ends();
});

for (const [name, title] of [["NotAllowedError", "Camera is blocked for this site"], ["NotReadableError", "Another app has the camera"]]) {
  test(`DR-43 after ${name} it says what to do, and a reference can be typed at once`, async () => {
    const sid = await phone({ fails: name });
    await sid.viewfinder.start();
    assert.deepEqual([textOf("no-camera-title"), sid.heard.opened], [title, 1]);
    assert.match(textOf("no-camera-says"), /Typing the reference works without a camera\.$/);
    sid.heard.fails = null;
    await sid.byId("wake-camera").click();
    await settled();
    assert.equal(sid.byId("no-camera").hidden, true);
    ends();
  });
}

test("a camera that looks at the steward is used after one more tap", async () => {
  const sid = await phone();
  sid.track.getSettings = () => ({ deviceId: "front", facingMode: "user" });
  await sid.viewfinder.start();
  assert.deepEqual([textOf("no-camera-title"), textOf("wake-camera")], ["No camera at the back", "Use this camera"]);
  await sid.byId("wake-camera").click();
  await settled();
  assert.deepEqual([sid.heard.asked.at(-1), sid.byId("no-camera").hidden], ["back", true]);
  ends();
});

test("a reader that does not start is said to be that", async () => {
  const sid = await phone();
  await sid.viewfinder.start();
  sid.heard.workers[0].onmessage({ data: { broken: true } });
  assert.deepEqual([textOf("no-camera-title"), sid.heard.workers[0].isOver, sid.heard.stopped], ["Codes cannot be read", true, 1]);
  ends();
});

test("it sleeps ninety seconds after the last code, gives the screen back, and wakes at a tap", async () => {
  const sid = await phone();
  await sid.viewfinder.start();
  mock.timers.tick(89_000);
  sid.heard.workers[0].onmessage({ data: { found: [{ text: "a" }] } });
  mock.timers.tick(89_999);
  assert.equal(isAsleep(sid), false);
  mock.timers.tick(1);
  await settled();
  assert.deepEqual([isAsleep(sid), sid.heard.stopped, sid.heard.locks], [true, 1, 0]);
  await sid.byId("wake-camera").click();
  await settled();
  assert.equal(isAsleep(sid), false);
  ends();
});

test("a tap on the picture of a camera asleep wakes it too, and tries none that was refused", async () => {
  const sid = await phone();
  await sid.viewfinder.start();
  mock.timers.tick(90_000);
  await settled();
  assert.equal(isAsleep(sid), true);
  await sid.byId("no-camera").click();
  await settled();
  assert.deepEqual([isAsleep(sid), sid.heard.asked.length], [false, 2]);
  sid.track.onended();
  await sid.byId("no-camera").click();
  await settled();
  assert.equal(sid.heard.asked.length, 2);
  ends();
});

test("stopped while the browser was still asking, the camera that opens is closed at once", async () => {
  let allows;
  const sid = await phone({ waits: new Promise((done) => (allows = done)) });
  const starting = sid.viewfinder.start();
  await settled();
  sid.viewfinder.stop();
  allows();
  await starting;
  assert.deepEqual([sid.heard.stopped, sid.heard.workers, sid.byId("video").srcObject], [1, [], null]);
  ends();
});

test("stopped while the camera is written down, it stays stopped, and nothing fails", async () => {
  const sid = await phone();
  const { keep } = sid.store;
  sid.store.keep = async (values) => {
    sid.viewfinder.stop();
    await keep.call(sid.store, values);
  };
  await sid.viewfinder.start();
  assert.deepEqual([sid.heard.stopped, sid.heard.workers.every(({ isOver }) => isOver)], [1, true]);
  assert.deepEqual([sid.heard.opened, sid.heard.locks, sid.byId("no-camera").hidden], [0, 0, true]);
  ends();
});

test("stopped before the first picture came, it says of no other app that it has the camera", async () => {
  const sid = await phone();
  sid.byId("video").play = async () => {
    sid.viewfinder.stop();
    throw new DOMException("taken away", "AbortError");
  };
  await sid.viewfinder.start();
  assert.deepEqual([sid.heard.opened, sid.byId("no-camera").hidden], [0, true]);
  ends();
});

test("stopped as the first picture came, nothing is read of a camera that is gone", async () => {
  const sid = await phone();
  sid.byId("video").play = async () => sid.viewfinder.stop();
  await sid.viewfinder.start();
  assert.deepEqual([sid.heard.stopped, sid.heard.workers, sid.heard.locks], [1, [], 0]);
  ends();
});

test("of two starts at once the later one counts, and the other camera is let go of", async () => {
  let allows;
  const sid = await phone({ waits: new Promise((done) => (allows = done)) });
  const both = [sid.viewfinder.start(), sid.viewfinder.start()];
  await settled();
  allows();
  await Promise.all(both);
  assert.deepEqual([sid.heard.asked.length, sid.heard.stopped, sid.heard.workers.length, sid.heard.opened], [2, 1, 1, 0]);
  ends();
});

test("a stream that died while the phone lay down is opened again, a live one is not, and none that was stopped", async () => {
  const sid = await phone();
  await sid.viewfinder.start();
  await sid.tell("visibilitychange");
  assert.deepEqual([sid.heard.asked.length, sid.heard.locks], [1, 1]);
  sid.track.readyState = "ended";
  await sid.tell("visibilitychange");
  await settled();
  assert.equal(sid.heard.asked.length, 2);
  sid.viewfinder.stop();
  await sid.tell("visibilitychange");
  assert.equal(sid.heard.asked.length, 2);
  ends();
});

test("a camera that another app takes away is said to be taken, not one that was stopped", async () => {
  const sid = await phone();
  await sid.viewfinder.start();
  sid.track.onended();
  assert.equal(textOf("no-camera-title"), "Another app has the camera");
  ends();
});

test("the screen is kept on while a camera is, by one lock that is given back wherever it rests or stops", async () => {
  const sid = await phone();
  await sid.viewfinder.start();
  await sid.viewfinder.change();
  await settled();
  assert.equal(sid.heard.locks, 1);
  sid.viewfinder.stop();
  assert.equal(sid.heard.locks, 0);
  await sid.viewfinder.start();
  sid.viewfinder.stop(); // while the browser still hands out the lock
  await settled();
  assert.equal(sid.heard.locks, 0);
  await sid.viewfinder.start();
  await settled();
  sid.track.onended();
  assert.equal(sid.heard.locks, 0);
  ends();
});

test("the lamp is offered where there is one, and goes out by itself after a minute", async () => {
  const dark = await phone();
  await dark.viewfinder.start();
  assert.equal(dark.byId("torch").hidden, true);
  ends();
  const sid = await phone({ torch: true });
  await sid.viewfinder.start();
  await sid.byId("torch").click();
  assert.deepEqual([sid.byId("torch").hidden, sid.byId("torch").getAttribute("aria-pressed"), sid.heard.lamp], [false, "true", [true]]);
  mock.timers.tick(60_000);
  await settled();
  assert.deepEqual([sid.byId("torch").getAttribute("aria-pressed"), sid.heard.lamp], ["false", [true, false]]);
  ends();
});

test("the next camera is taken on a wish, and a screen that cannot be kept on fails nothing", async () => {
  const sid = await phone({ hasLock: false });
  await sid.viewfinder.start();
  await sid.viewfinder.change();
  assert.deepEqual(sid.heard.asked, ["any", "wide"]);
  ends();
});
