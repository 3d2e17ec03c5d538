// Reads QR codes in pictures, in a worker, so that one bad picture cannot freeze the page.

import { prepareZXingModule, readBarcodes } from "../vendor/zxing/reader/index.js";
import { hasCorner } from "./code-corner.mjs";

const WASM = new URL("../vendor/zxing/reader/zxing_reader.wasm", import.meta.url).href; // the default is a public CDN
const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 2, tryHarder: true };
const LOOKS = 5; // pictures without a code: in every so many of them a part of one is looked for

const ready = prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true });
let canvas, context;
let without = 0;

onmessage = async ({ data: bitmap }) => {
  try {
    await ready;
    postMessage(await read(bitmap));
  } catch {
    postMessage({ found: [] }); // one bad picture; the next may be better
  }
};
const isAble = "OffscreenCanvas" in globalThis; // some phones of 2022 lack it
ready.then(() => postMessage(isAble ? { isLoaded: true } : { broken: true }), () => postMessage({ broken: true }));

/** {found: the codes, isPartly: whether there is none, and what cannot be read of one}. */
async function read(bitmap) {
  const { width, height } = bitmap;
  if (canvas?.width !== width || canvas?.height !== height) {
    canvas = new OffscreenCanvas(width, height);
    context = canvas.getContext("2d", { willReadFrequently: true });
  }
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const image = context.getImageData(0, 0, width, height);
  const valid = (await readBarcodes(image, OPTIONS)).filter(({ isValid }) => isValid);
  const found = valid.map(({ text, position }) => ({ text, off: offCentre(position, width, height) }));
  return { found, isPartly: !found.length && ++without % LOOKS === 0 && hasCorner(image) };
}

function offCentre({ topLeft, topRight, bottomLeft, bottomRight }, width, height) {
  const corners = [topLeft, topRight, bottomLeft, bottomRight];
  const x = corners.reduce((sum, corner) => sum + corner.x, 0) / 4;
  const y = corners.reduce((sum, corner) => sum + corner.y, 0) / 4;
  return Math.hypot(x - width / 2, y - height / 2);
}
