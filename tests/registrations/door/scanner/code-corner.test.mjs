import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCorner } from "../../../../registrations/door/scanner/code-corner.mjs";
import { drawn } from "./drawn-codes.mjs";

for (const [says, picture, has] of [
  ["one corner of a code", drawn(120, 120, [[40, 50, 7]]), true],
  ["three of them", drawn(120, 120, [[8, 8, 7], [80, 8, 7], [8, 80, 7]]), true],
  ["one in the shade", drawn(120, 120, [[40, 50, 7]], 90, 30), true],
  ["a frame without a middle", drawn(120, 120, [[40, 50, 3]]), false],
  ["a target with one ring more", drawn(120, 120, [[40, 50, 11]]), false],
  ["nothing", drawn(120, 120, []), false],
]) {
  test(`${says} in a picture is ${has ? "" : "no "}part of a code`, () => assert.equal(hasCorner(picture), has));
}

test("stripes, which have a corner's rows and not its columns, are no part of a code", () => {
  const picture = drawn(120, 120, [[40, 50, 7]]);
  const middle = picture.data.slice(4 * 64 * 120, 4 * 65 * 120); // through the corner
  for (let y = 0; y < 120; y++) picture.data.set(middle, 4 * y * 120);
  assert.equal(hasCorner(picture), false);
});
