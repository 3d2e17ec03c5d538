// Pictures with corners of QR codes in them, as a camera's canvas has them.

const MODULE = 4; // pixels

/** White, with corners at [x, y, size in modules]: a dark frame, a light one, and a dark middle. */
export function drawn(width, height, corners, light = 250, dark = 10) {
  const data = new Uint8ClampedArray(4 * width * height).fill(light);
  for (const [left, top, size] of corners) {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const ring = Math.min(row, column, size - 1 - row, size - 1 - column);
        if (ring !== 1) paint(data, width, left + column * MODULE, top + row * MODULE, dark);
      }
    }
  }
  return { data, width, height };
}

function paint(data, width, left, top, shade) {
  for (let y = top; y < top + MODULE; y++) {
    for (let x = left; x < left + MODULE; x++) data.fill(shade, 4 * (y * width + x), 4 * (y * width + x) + 3);
  }
}
