// The camera: opens it, says in words why it did not open, puts it to sleep, and reads its pictures one at a time.

const EVERY = 80; // milliseconds between two pictures
const RESTS = 800; // the same while a verdict is under way: on a slow phone a picture costs as much as a verdict
const LOADS = 20_000; // a decoder that has not been loaded for this long did not start
const HANGS = 2000; // one that does not answer for this long is replaced
const SIDE = 640; // pixels a picture is scaled to
const CENTRE = 0.75; // of the shorter side; every fourth picture is taken whole
export const FRONT = "front"; // the error name when the only camera faces the steward
export const BROKEN = "broken"; // the error name when the decoder did not start
const BOX = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { max: 30 } };

/**
 * A stream from the camera that somebody chose, if it is still there; otherwise from one that faces away from the
 * steward. A camera that faces the steward is never chosen automatically.
 */
export async function openCamera(chosen) {
  const wishes = [
    ...(chosen ? [{ ...BOX, deviceId: { exact: chosen } }] : []),
    { ...BOX, facingMode: { ideal: "environment" } },
    true,
  ];
  for (const [n, video] of wishes.entries()) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video });
      return video.deviceId ? stream : lookingAway(stream);
    } catch (error) {
      if (error.name !== "OverconstrainedError" || n === wishes.length - 1) throw error;
    }
  }
}

/** A webcam that does not say which way it faces is treated as facing away. */
function lookingAway(stream) {
  const [track] = stream.getVideoTracks();
  if (track.getSettings().facingMode !== "user") return stream;
  track.stop();
  throw new DOMException("it looks at the steward", FRONT);
}

/** The next camera. Labels are translated and phones have many lenses, so only a person can tell which is right. */
export async function nextCamera(current) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const cameras = devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId);
  return cameras[(cameras.indexOf(current) + 1) % cameras.length];
}

/** What to tell a steward whose camera did not open. In each of these cases the reference can still be typed. */
export function refusal(name, { secure, able, address }) {
  if (!secure) return { title: "Not a secure page", says: "The camera needs https. Ask for the right address." };
  if (!able) return { title: "No camera in this app", says: `Open ${address} in Safari or Chrome.` };
  const known = {
    NotAllowedError: {
      title: "Camera is blocked for this site",
      says:
        "Tap the sign beside the address, allow the camera, then tap Try again. " +
        "On an iPhone: Settings, Safari, Camera.",
    },
    NotFoundError: { title: "No camera", says: "This phone shows no camera. Type references, or change the phone." },
    [FRONT]: {
      title: "No camera at the back",
      says: "The only one that opens looks at you. Use it if that is right.",
    },
    [BROKEN]: { title: "Codes cannot be read", says: "Tap Try again. If that does not help, open this page again." },
  };
  const busy = { title: "Another app has the camera", says: "Close other apps that use it, then tap Try again." };
  return known[name] ?? busy;
}

/** Switches the torch, if the track says that it has one. */
export function torchOf(stream) {
  const [track] = stream.getVideoTracks();
  return track.getCapabilities?.().torch ? (on) => track.applyConstraints({ advanced: [{ torch: on }] }) : null;
}

/**
 * Hands each picture's codes to `onFound`, even if there are none ([]), and whether there is one in it that cannot be read. Only one picture is decoded at a time; old ones
 * never queue up. `onBroken` is called if the decoder did not start. `rests()` is true while a verdict is under way.
 */
export class Watch {
  #video;
  #parts;
  #worker = null;
  #isLoaded = false;
  #busySince = 0;
  #taken = 0;
  #last = 0;
  #isStopped = false;
  #timer = 0;

  constructor(video, parts) {
    this.#video = video;
    this.#parts = parts; // {onFound, onBroken, rests}
    this.#spawn();
    this.#next();
  }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#worker.terminate();
  }

  #spawn() {
    this.#worker?.terminate();
    this.#busySince = 0;
    this.#isLoaded = false;
    this.#worker = new Worker(new URL("./decode-worker.mjs", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#heard(data);
    this.#worker.onerror = () => this.#isStopped || this.#parts.onBroken();
  }

  /** Loading takes as long as the network does, and a decoder that was replaced meanwhile would begin again. */
  #replace() {
    if (this.#isLoaded) return this.#spawn();
    this.#busySince = 0;
    this.#parts.onBroken();
  }

  #heard({ isLoaded, broken, found, isPartly }) {
    this.#isLoaded = true;
    this.#busySince = isLoaded && this.#busySince ? performance.now() : 0; // a picture may have waited for it
    if (this.#isStopped) return;
    if (broken) this.#parts.onBroken();
    else if (found) this.#parts.onFound(found, isPartly);
  }

  #next() {
    if (this.#isStopped) return;
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(() => this.#tick());
    else this.#timer = setTimeout(() => this.#tick(), EVERY);
  }

  async #tick() {
    if (this.#isStopped) return; // a picture that was asked for before may come long after
    const mono = performance.now();
    if (this.#busySince && mono - this.#busySince > (this.#isLoaded ? HANGS : LOADS)) this.#replace();
    if (this.#isDue(mono)) await this.#take(mono);
    this.#next();
  }

  #isDue(mono) {
    const every = this.#parts.rests() ? RESTS : EVERY;
    return !this.#busySince && mono - this.#last >= every && this.#video.videoWidth && !document.hidden;
  }

  async #take(mono) {
    this.#busySince = this.#last = mono;
    try {
      const bitmap = await picture(this.#video, ++this.#taken % 4 === 0);
      this.#worker.postMessage(bitmap, [bitmap]);
    } catch {
      this.#busySince = 0;
    }
  }
}

function picture(video, whole) {
  const { videoWidth: w, videoHeight: h } = video;
  const side = whole ? Math.max(w, h) : Math.min(w, h) * CENTRE;
  const width = Math.min(side, w);
  const height = Math.min(side, h);
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const size = { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale) };
  return createImageBitmap(video, (w - width) / 2, (h - height) / 2, width, height, size);
}
