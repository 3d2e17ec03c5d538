// The camera: opened, refused in words, put to sleep, and its pictures read, one at a time.

const EVERY = 80; // milliseconds between two pictures
const RESTS = 800; // the same while nothing else is taken: a picture costs a slow phone as much as a verdict
const HANGS = 2000; // a decoder that is silent for so long is replaced
const SIDE = 640; // pixels a picture is scaled to
const CENTRE = 0.75; // of the shorter side; every fourth picture is taken whole
export const FRONT = "front"; // the name under which a camera that looks at the steward is refused
export const BROKEN = "broken"; // the name under which a reader that did not start is refused
const BOX = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { max: 30 } };

/**
 * A stream, from the camera that a person chose if it is still there, else from one that looks away from the steward.
 * The one that looks at the steward is never taken by itself.
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

/** A webcam that says nothing of where it looks is as good as one at the back. */
function lookingAway(stream) {
  const [track] = stream.getVideoTracks();
  if (track.getSettings().facingMode !== "user") return stream;
  track.stop();
  throw new DOMException("it looks at the steward", FRONT);
}

/** The camera after this one. Labels are translated and lenses many: only a person can tell which is right. */
export async function nextCamera(current) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const cameras = devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId);
  return cameras[(cameras.indexOf(current) + 1) % cameras.length];
}

/** What to tell a steward whose camera did not open. The reference can be typed under every one of these. */
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

/** The lamp, where the track says that it has one. */
export function torchOf(stream) {
  const [track] = stream.getVideoTracks();
  return track.getCapabilities?.().torch ? (on) => track.applyConstraints({ advanced: [{ torch: on }] }) : null;
}

/**
 * Hands each picture's codes to `onFound` ([] too). One picture in flight, never a queue of old ones. `onBroken` hears
 * that no code can be read at all, as its reader did not start. `rests()` says that nothing else is taken just now.
 */
export class Watch {
  #video;
  #parts;
  #worker = null;
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
    this.#worker = new Worker(new URL("./decode-worker.mjs", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#heard(data);
    this.#worker.onerror = () => this.#isStopped || this.#parts.onBroken();
  }

  #heard({ broken, found }) {
    this.#busySince = 0;
    if (this.#isStopped) return;
    if (broken) this.#parts.onBroken();
    else this.#parts.onFound(found);
  }

  #next() {
    if (this.#isStopped) return;
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(() => this.#tick());
    else this.#timer = setTimeout(() => this.#tick(), EVERY);
  }

  async #tick() {
    const mono = performance.now();
    if (this.#busySince && mono - this.#busySince > HANGS) this.#spawn();
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
