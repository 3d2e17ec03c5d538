// Sound and vibration. Either may be missing or switched off, so a verdict never waits for them.

const VOLUME = 0.4;

export class Feedback {
  #audio = null;
  #isWanted = false;

  /** Call this during a tap: before one, browsers let no page play a sound. */
  async wake() {
    this.#isWanted = true;
    try {
      this.#audio ??= new AudioContext();
      await this.#audio.resume();
    } catch {
      this.#audio = null;
    }
  }

  /** Call this at every tap: a call or a locked screen may have silenced the phone meanwhile, and only a tap mends that. */
  rouse() {
    if (this.#isWanted && this.#audio?.state !== "running") return this.wake();
  }

  sign({ tone, buzz }) {
    this.#play(tone);
    navigator.vibrate?.(buzz);
  }

  touch() {
    navigator.vibrate?.([25]);
  }

  hasBuzz() {
    return "vibrate" in navigator;
  }

  #play(tone) {
    const audio = this.#audio;
    if (audio?.state !== "running") return;
    for (const [hertz, start, length] of tone) note(audio, hertz, audio.currentTime + start / 1000, length / 1000);
  }
}

function note(audio, hertz, at, length) {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.type = "square"; // carries through noise from a small speaker
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(VOLUME, at + 0.01);
  gain.gain.setValueAtTime(VOLUME, at + length - 0.02);
  gain.gain.linearRampToValueAtTime(0, at + length);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + length);
}
