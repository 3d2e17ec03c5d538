// In the page before its own scripts: when a code came into view, when it had been read, when the verdict was painted.
// Nothing of the product is changed. All times are of performance.now().
{
  const seen = (window.seenByBench = { lit: [], read: [], painted: [], sent: [] });
  const PlainWorker = Worker;
  window.Worker = class extends PlainWorker {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => data.found?.length && seen.read.push(performance.now()));
    }
  };

  let lit = false;
  async function look(video, _, { captureTime, presentationTime }) {
    const told = performance.now();
    video.requestVideoFrameCallback((...next) => look(video, ...next));
    const frame = new VideoFrame(video);
    const corner = new Uint8Array(16 * 16 * 4);
    await frame.copyTo(corner, { rect: { x: 0, y: 0, width: 16, height: 16 } });
    frame.close();
    const isLit = corner[8 * 16 + 8] > 128; // of the first plane: how bright it is
    if (isLit && !lit) seen.lit.push({ at: captureTime ?? presentationTime, shown: presentationTime, told });
    lit = isLit;
  }

  function paints(band) {
    const said = { sign: band.className, name: band.querySelector(".name")?.textContent ?? "" };
    requestAnimationFrame(() => requestAnimationFrame(() => seen.painted.push({ ...said, at: performance.now() })));
  }

  addEventListener("DOMContentLoaded", () => {
    const video = document.getElementById("video");
    const band = document.getElementById("verdict");
    video?.requestVideoFrameCallback((...first) => look(video, ...first));
    if (band) new MutationObserver(() => paints(band)).observe(band, { attributes: true, childList: true });
  });
}
