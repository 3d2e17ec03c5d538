import assert from "node:assert/strict";
import { test } from "node:test";
import { createAbout } from "../../../../registrations/door/scanner/about.mjs";

const battery = { level: () => 0.4 };
const initials = { get: () => "AB" };

test("the board is told of list, initials, battery and clock, and which run of the page it is", () => {
  const guestList = { facts: () => ({ version: 7, count: 200 }), age: () => 12 };
  const pass = { get: () => ({}), clockOff: () => -3 };
  assert.deepEqual(createAbout({ guestList, pass, initials, battery, page: "aaaaaaaa" })(), {
    list_version: 7, list_age: 12, initials: "AB", page: "aaaaaaaa", battery: 0.4, clock_off: -3,
  });
});

test("without a list or a pass it says so, and asks neither for what it has not", () => {
  const guestList = { facts: () => null, age: () => null };
  const pass = { get: () => null, clockOff: () => assert.fail("there is no time without a pass") };
  const { list_version, list_age, clock_off } = createAbout({ guestList, pass, initials, battery, page: "a" })();
  assert.deepEqual([list_version, list_age, clock_off], [0, null, null]);
});
