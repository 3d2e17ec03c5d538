import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, copyFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { drawn } from "./drawn-codes.mjs";

const WORKER = fileURLToPath(new URL("../../../../registrations/door/scanner/decode-worker.mjs", import.meta.url));
const A_CORNER = drawn(40, 40, [[0, 0, 7]]);
const READER = `export const prepareZXingModule = (how) => (globalThis.prepared = how, globalThis.starts());
export const readBarcodes = (image, options) => globalThis.reads(image, options);`;

/** The worker beside a reader that the test answers for; what it posts is written down. */
async function worker({ starts = async () => {}, reads, hasCanvas = true, picture }) {
  const folder = mkdtempSync(join(tmpdir(), "decoder-"));
  for (const path of ["scanner", "vendor/zxing/reader"]) mkdirSync(join(folder, path), { recursive: true });
  copyFileSync(WORKER, join(folder, "scanner/decode-worker.mjs"));
  copyFileSync(join(dirname(WORKER), "code-corner.mjs"), join(folder, "scanner/code-corner.mjs"));
  writeFileSync(join(folder, "vendor/zxing/reader/index.js"), READER);
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  const posted = [];
  const canvases = [];
  Object.assign(globalThis, {
    onmessage: null, starts, reads, postMessage: (message) => posted.push(message),
    OffscreenCanvas: class {
      constructor(width, height) {
        canvases.push(Object.assign(this, { width, height }));
      }
      getContext = () => ({ drawImage() {}, getImageData: (...box) => picture ?? box });
    },
  });
  if (!hasCanvas) delete globalThis.OffscreenCanvas;
  await import(pathToFileURL(join(folder, "scanner/decode-worker.mjs")).href);
  const closed = [];
  const shows = (width, height) => globalThis.onmessage({ data: { width, height, close: () => closed.push(width) } });
  return { posted, canvases, closed, shows };
}
const square = (x, y, text, isValid = true) => ({
  text, isValid,
  position: { topLeft: { x: x - 5, y: y - 5 }, topRight: { x: x + 5, y: y - 5 }, bottomLeft: { x: x - 5, y: y + 5 }, bottomRight: { x: x + 5, y: y + 5 } },
});

test("each code comes with its distance from the centre, what does not read well stays out", async () => {
  const asked = [];
  const found = [square(50, 40, "centre"), square(80, 80, "aside"), square(9, 9, "half", false)];
  const { posted, shows, closed } = await worker({ reads: async (...given) => (asked.push(given), found) });
  await shows(100, 80);
  assert.deepEqual(posted, [{ isLoaded: true }, { found: [{ text: "centre", off: 0 }, { text: "aside", off: 50 }], isPartly: false }]);
  assert.deepEqual(asked[0], [[0, 0, 100, 80], { formats: ["QRCode"], maxNumberOfSymbols: 2, tryHarder: true }]);
  assert.deepEqual(closed, [100], "a picture is let go of once it is drawn");
});

test("of five pictures without a code it looks for part of one in the last, and says so", async () => {
  const seen = [[square(9, 9, "read")], [square(9, 9, "misread", false)], [], [], [], [], []];
  const { posted, shows } = await worker({ reads: async () => seen.shift(), picture: A_CORNER });
  for (let n = 0; n < 7; n++) await shows(A_CORNER.width, A_CORNER.height);
  assert.deepEqual(posted.slice(1).map(({ isPartly }) => isPartly), [false, false, false, false, false, true, false]);
});

test("the reader's own file lies beside it, and nothing is fetched from elsewhere", async () => {
  await worker({ reads: async () => [] });
  const at = globalThis.prepared.overrides.locateFile("zxing_reader.wasm");
  assert.match(at, /^file:.*\/vendor\/zxing\/reader\/zxing_reader\.wasm$/);
});

test("a bad picture is no code, and the next may be better", async () => {
  let times = 0;
  const { posted, shows, canvases } = await worker({
    reads: async () => {
      if (!times++) throw new Error("bad picture");
      return [square(50, 40, "good")];
    },
  });
  await shows(100, 80);
  await shows(100, 80);
  await shows(60, 80);
  assert.deepEqual(posted.slice(1).map(({ found }) => found.map(({ text }) => text)), [[], ["good"], ["good"]]);
  assert.equal(canvases.length, 2, "one canvas as long as pictures are of one size");
});

test("a reader that does not start is said to be broken", async () => {
  const { posted } = await worker({ starts: () => Promise.reject(new Error("no wasm")), reads: async () => [] });
  await new Promise(setImmediate);
  assert.deepEqual(posted, [{ broken: true }]);
});

test("a browser that cannot draw in a worker is said to read no codes", async () => {
  const { posted } = await worker({ reads: async () => [], hasCanvas: false });
  await new Promise(setImmediate);
  assert.deepEqual(posted, [{ broken: true }]);
});
