// Sound and buzz. Both may be missing or switched off: a verdict never waits for them.

const VOLUME = 0.4;

export function createFeedback() {
  let audio = null;

  function play(tone) {
    if (audio?.state !== "running") return;
    for (const [hertz, start, length] of tone) note(audio, hertz, audio.currentTime + start / 1000, length / 1000);
  }

  const buzz = (pattern) => navigator.vibrate?.(pattern);

  return {
    /** From within a tap: browsers let no page sound before one. */
    async wake() {
      try {
        audio ??= new AudioContext();
        await audio.resume();
      } catch {
        audio = null;
      }
    },
    sign({ tone, buzz: pattern }) {
      play(tone);
      buzz(pattern);
    },
    touch: () => buzz([25]),
    hasSound: () => audio?.state === "running",
    hasBuzz: () => "vibrate" in navigator,
  };
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
