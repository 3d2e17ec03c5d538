// The camera on the screen: a tap starts and wakes it, it sleeps when nobody comes, and words say why it does not work.

import { BROKEN, FRONT, nextCamera, openCamera, refusal, torchOf, Watch } from "./camera.mjs";
import { byId, setText } from "./screen.mjs";
import { WakeLock } from "./wake-lock.mjs";

const SLEEPS = 90_000; // milliseconds without a code
const TORCH_STAYS = 60_000;

/**
 * `intake` gets the codes of each picture; `reference` can be typed if there is no camera; `store` remembers the
 * camera; while a verdict of `scanning` is under way, fewer pictures are taken. `otherwise` says what works without one.
 * A page without references or verdicts has no `reference` and no `scanning`.
 */
export class Viewfinder {
  #parts;
  #video = byId("video");
  #torchButton = byId("torch");
  #stream = null;
  #watch = null;
  #sleeping = 0;
  #dimming = 0;
  #wakeLock = new WakeLock();
  #torch = null;
  #wake = () => this.start(); // what a tap on the button that the words name does
  #isAsleep = false;
  #wanted = null; // the start that counts: null where none does, as it is asleep or was stopped

  constructor(parts) {
    this.#parts = { otherwise: "Typing the reference works without a camera.", ...parts }; // {store, intake, reference, scanning}
    this.#torchButton.addEventListener("click", () => this.#setTorch(!this.#isLit()));
    for (const button of wakers()) button.addEventListener("click", () => this.#wake());
    byId("no-camera").addEventListener("click", () => this.#isAsleep && this.start());
    document.addEventListener("visibilitychange", () => this.#returned());
  }

  /** It may be stopped, or started once more, while the browser still asks, plays or writes: then it ends in silence. */
  async start(deviceId) {
    this.#rest();
    const mine = (this.#wanted = {});
    try {
      const opened = await openCamera(deviceId ?? (await this.#parts.store.recall("camera")));
      if (mine !== this.#wanted) return letGo(opened);
      this.#stream = opened;
      this.#video.srcObject = opened;
      await this.#video.play();
    } catch (error) {
      return mine === this.#wanted && this.#refuse(error.name);
    }
    if (mine === this.#wanted) await this.#parts.store.keep({ camera: this.#track().getSettings().deviceId });
    if (mine === this.#wanted) this.#begin();
  }

  stop() {
    this.#wanted = null;
    this.#rest();
  }

  async change() {
    await this.start(await nextCamera(this.#track()?.getSettings().deviceId));
  }

  #begin() {
    this.#track().onended = () => this.#wanted && this.#refuse("NotReadableError");
    this.#torch = torchOf(this.#stream);
    this.#torchButton.hidden = !this.#torch;
    this.#isDark(false);
    this.#watch = new Watch(this.#video, {
      onFound: (found, isPartly) => this.#seen(found, isPartly),
      onBroken: () => this.#refuse(BROKEN),
      rests: () => this.#parts.scanning?.isUnderWay() ?? false,
    });
    this.#awake();
    this.#wakeLock.hold();
  }

  #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  #seen(found, isPartly) {
    if (found.length) this.#awake();
    this.#parts.intake.see(found, isPartly);
  }

  #awake() {
    clearTimeout(this.#sleeping);
    this.#sleeping = setTimeout(() => this.#sleep(), SLEEPS);
  }

  #rest() {
    this.#isAsleep = false;
    clearTimeout(this.#sleeping);
    this.#watch?.stop();
    this.#watch = null;
    if (this.#stream) letGo(this.#stream);
    this.#stream = this.#video.srcObject = null;
    this.#setTorch(false);
    this.#torchButton.hidden = true;
    this.#wakeLock.release();
  }

  #sleep() {
    this.stop();
    this.#isAsleep = true;
    this.#say("Camera asleep", "No code for a while, so it rests to save the battery. Tap here to wake it.", "Wake camera", () => this.start());
  }

  #refuse(name) {
    this.#rest();
    const address = location.origin + location.pathname;
    const page = { secure: isSecureContext, able: !!navigator.mediaDevices, address };
    const { title, says } = refusal(name, page);
    const [tap, work] = name === FRONT ? ["Use this camera", () => this.change()] : ["Try again", () => this.start()];
    this.#say(title, `${says} ${this.#parts.otherwise}`, tap, work);
    this.#parts.reference?.open();
  }

  #say(title, says, tap, work) {
    this.#wake = work;
    setText("no-camera-title", title);
    setText("no-camera-says", says);
    for (const button of wakers()) setText(button.id, tap);
    this.#isDark(true);
  }

  #isDark(dark) {
    for (const part of [byId("no-camera"), ...wakers()]) part.hidden = !dark;
  }

  #isLit() {
    return this.#torchButton.getAttribute("aria-pressed") === "true";
  }

  async #setTorch(on) {
    clearTimeout(this.#dimming);
    this.#torchButton.setAttribute("aria-pressed", String(on));
    if (on) this.#dimming = setTimeout(() => this.#setTorch(false), TORCH_STAYS);
    await this.#torch?.(on).catch(() => {});
  }

  /** The phone was put down or locked: when it returns, the stream may have ended although nobody stopped it. */
  #returned() {
    if (document.hidden || !this.#wanted) return;
    const track = this.#track();
    if (!track || track.readyState !== "live" || track.muted) this.start();
  }
}

/** Among the controls, and in the panel that takes their place where a camera is refused. */
const wakers = () => ["wake-camera", "wake-instead"].map(byId).filter(Boolean);

function letGo(stream) {
  for (const track of stream.getTracks()) track.stop();
}
