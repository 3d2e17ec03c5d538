import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openPage } from "./page.mjs";

const ADA = "M1DE2YYFFZFEVFX9VWTAW6CB5HKCW";

/** A page whose keys are listened to; what is typed comes so many milliseconds apart. */
async function page(isOn = true) {
  const { tell, byId } = openPage();
  const { listen } = await import("../../../../registrations/door/scanner/keyboard.mjs");
  const codes = [];
  listen({ isOn: () => isOn, onCodes: (texts) => codes.push(texts) });
  let at = 1000;
  const input = byId("reference-code");
  const types = async (keys, apart, target = input, more = {}) => {
    const swallowed = [];
    for (const key of keys) {
      const event = await tell("keydown", { key, target, timeStamp: (at += apart), stopImmediatePropagation() {}, ...more });
      if (event.defaultPrevented) swallowed.push(key);
      else if (target === input && key.length === 1) input.value += key;
    }
    return swallowed.join("");
  };
  return { codes, types, input, byId };
}

test("DR-13 what a scanner types is a scan, wherever the focus is, and leaves no text", async () => {
  const { codes, types, input, byId } = await page();
  input.value = "HK7";
  await types([...ADA, "Enter"], 5);
  assert.deepEqual([codes, input.value], [[[ADA]], "HK7"]);
  await types([...ADA, "Enter"], 5, byId("more"));
  assert.equal(codes.length, 2);
});

test("what a hand types is text", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { codes, types, input } = await page();
  assert.equal(await types("HK7-4QD", 120), "");
  mock.timers.tick(90);
  assert.deepEqual([codes, input.value], [[], "HK7-4QD"]);
  mock.timers.reset();
});

test("a few quick keys of a hand are given back to their field", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { codes, types, input } = await page();
  await types("HK7", 10);
  mock.method(performance, "now", () => 5000);
  mock.timers.tick(90);
  assert.deepEqual([codes, input.value], [[], "HK7"]);
  mock.restoreAll();
  mock.timers.reset();
});

test("while nobody scans, and with a command key held, keys are the page's own", async () => {
  const off = await page(false);
  assert.equal(await off.types([...ADA, "Enter"], 5), "");
  const on = await page();
  assert.equal(await on.types([...ADA, "Enter"], 5, on.input, { ctrlKey: true }), "");
  assert.deepEqual([off.codes, on.codes], [[], []]);
});
