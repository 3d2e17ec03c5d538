// Whether part of a QR code is in a picture: one of the squares that stand in three of its corners. A code with a thumb
// on it cannot be read, but its steward can be told so.

const EVERY = 3; // rows
const SHAPE = [1, 1, 3, 1, 1]; // dark, light, dark, light, dark, through the middle of a corner, at any angle
const LEAST = 14; // pixels: where a module has fewer than two, nothing is read
const ROWS = 2; // so many rows through the same corner: letters and stripes seldom have that

/** `data` has four bytes a pixel. */
export function hasCorner({ data, width, height }) {
  const isDark = darkness(data, width);
  let seen = [];
  for (let y = 0; y < height; y += EVERY) {
    const here = cornersIn(isDark, y, { width, height });
    const below = here.map(({ x, size }) => ({ x, size, rows: 1 + rowsOf(seen, { x, size }, y), y }));
    if (below.some(({ rows }) => rows >= ROWS)) return true;
    seen = [...seen.filter((other) => y - other.y < 2 * EVERY), ...below];
  }
  return false;
}

const rowsOf = (seen, { x, size }, y) =>
  Math.max(0, ...seen.filter((other) => other.y < y && Math.abs(other.x - x) < size / 4).map(({ rows }) => rows));

/** The middles of what looks like a corner along this row, and along the column through it. */
function cornersIn(isDark, y, { width, height }) {
  const found = [];
  const runs = runsOf((x) => isDark(x, y), width);
  for (let n = 0; n + 5 <= runs.length; n++) {
    const five = runs.slice(n, n + 5);
    if (!five[0].dark || !isCorner(five.map(({ length }) => length))) continue;
    const x = five[2].start + (five[2].length >> 1);
    const size = five[4].start + five[4].length - five[0].start;
    if (crosses(isDark, x, y, size, height)) found.push({ x, size });
  }
  return found;
}

function runsOf(dark, length) {
  const runs = [];
  for (let at = 0; at < length; at++) {
    const now = dark(at);
    if (runs.at(-1)?.dark === now) runs.at(-1).length++;
    else runs.push({ dark: now, start: at, length: 1 });
  }
  return runs;
}

function isCorner(lengths) {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const module = total / 7;
  return total >= LEAST && lengths.every((length, n) => Math.abs(length - SHAPE[n] * module) <= module * (n === 2 ? 1.2 : 0.6));
}

/** The same five along the column, about as long in all. */
function crosses(isDark, x, y, size, height) {
  const from = Math.max(0, y - size);
  const runs = runsOf((at) => isDark(x, from + at), Math.min(height, y + size) - from);
  const middle = runs.findIndex(({ start, length }) => start + length > y - from);
  const five = runs.slice(Math.max(0, middle - 2), middle + 3);
  const total = five.reduce((sum, { length }) => sum + length, 0);
  return five.length === 5 && five[0].dark && isCorner(five.map(({ length }) => length)) && Math.abs(total - size) < size * 0.4;
}

/** Darker than half way between the darkest and the lightest around: a shadow across the picture is no code. */
function darkness(data, width) {
  const bounds = new Map(); // by row
  const light = (x, y) => data[4 * (y * width + x) + 1];
  return (x, y) => light(x, y) < (bounds.get(y) ?? boundOf(bounds, light, y, width));
}

function boundOf(bounds, light, y, width) {
  let [least, most] = [255, 0];
  for (let x = 0; x < width; x += 2) {
    const here = light(x, y);
    if (here < least) least = here;
    if (here > most) most = here;
  }
  bounds.set(y, (least + most) / 2);
  return bounds.get(y);
}
