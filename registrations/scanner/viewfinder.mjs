// The camera on the screen: started by a tap, asleep when nobody comes, woken by a tap, and words where it cannot be.

import { BROKEN, FRONT, nextCamera, openCamera, refusal, torchOf, watch } from "./camera.mjs";
import { byId, setText } from "./screen.mjs";

const SLEEPS = 90_000; // milliseconds without a code
const TORCH_STAYS = 60_000;

/**
 * `onFound` gets each picture's codes; `onRefused` may offer the typed reference; `store` remembers the camera; while
 * `rests()` few pictures are taken.
 */
export function createViewfinder({ store, onFound, onRefused, rests }) {
  const video = byId("video");
  const torchButton = byId("torch");
  let stream = null;
  let stopWatching = () => {};
  let sleeping = 0;
  let dimming = 0;
  let lock = null;
  let torch = null;
  let wake = start; // what a tap on the button beside the words does
  let wanted = false; // a steward has started it and not let it sleep

  async function start(deviceId) {
    stop();
    wanted = true;
    try {
      const opened = await openCamera(deviceId ?? (await store.recall("camera")));
      if (!wanted) return opened.getTracks().forEach((track) => track.stop()); // stopped while the browser was asking
      stream = opened;
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      return refuse(error.name);
    }
    const [track] = stream.getVideoTracks();
    track.onended = () => wanted && refuse("NotReadableError");
    await store.keep({ camera: track.getSettings().deviceId });
    torch = torchOf(stream);
    torchButton.hidden = !torch;
    byId("no-camera").hidden = true;
    stopWatching = watch(video, seen, () => refuse(BROKEN), rests);
    awake();
    keepScreenOn();
  }

  async function change() {
    await start(await nextCamera(stream?.getVideoTracks()[0]?.getSettings().deviceId));
  }

  function seen(found) {
    if (found.length) awake();
    onFound(found);
  }

  function awake() {
    clearTimeout(sleeping);
    sleeping = setTimeout(sleep, SLEEPS);
  }

  function stop() {
    clearTimeout(sleeping);
    stopWatching();
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = video.srcObject = null;
    setTorch(false);
    torchButton.hidden = true;
  }

  function sleep() {
    wanted = false;
    stop();
    lock?.release().catch(() => {});
    say("Camera asleep", "No code for a while, so it rests to save the battery.", "Wake camera", start);
  }

  function refuse(name) {
    stop();
    const address = location.origin + location.pathname;
    const page = { secure: isSecureContext, able: !!navigator.mediaDevices, address };
    const { title, says } = refusal(name, page);
    const [tap, work] = name === FRONT ? ["Use this camera", change] : ["Try again", start];
    say(title, `${says} Typing the reference works without a camera.`, tap, work);
    onRefused();
  }

  function say(title, says, tap, work) {
    wake = work;
    setText("no-camera-title", title);
    setText("no-camera-says", says);
    setText("wake-camera", tap);
    byId("no-camera").hidden = false;
  }

  async function setTorch(on) {
    clearTimeout(dimming);
    torchButton.setAttribute("aria-pressed", String(on));
    if (on) dimming = setTimeout(() => setTorch(false), TORCH_STAYS);
    await torch?.(on).catch(() => {});
  }

  /** A phone laid down or locked: on its return a stream may be dead although nobody stopped it. */
  function returned() {
    if (document.hidden || !wanted) return;
    const [track] = stream?.getVideoTracks() ?? [];
    if (!track || track.readyState !== "live" || track.muted) start();
    else keepScreenOn();
  }

  async function keepScreenOn() {
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch {
      lock = null; // an old browser, or a battery saver: the start screen has said so
    }
  }

  torchButton.addEventListener("click", () => setTorch(torchButton.getAttribute("aria-pressed") !== "true"));
  byId("wake-camera").addEventListener("click", () => wake());
  document.addEventListener("visibilitychange", returned);

  return {
    start,
    stop: () => {
      wanted = false;
      stop();
    },
    change,
  };
}
