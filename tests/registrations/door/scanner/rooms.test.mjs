import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../../../registrations/door/scanner/", import.meta.url);
const WITH_A_BROWSER = [
  "battery", "camera", "controls", "database", "decode-worker", "feedback", "focus", "handover", "help-panel", "keyboard", "lead", "main",
  "name-lookup", "other-tabs", "pairing", "reference", "roll-controls", "roll-leaving", "roll-main", "roll-screen", "roll-session", "roll-sheet",
  "roll-status", "screen", "server", "session", "shell", "sign-out", "start", "status", "store", "tick-store", "viewfinder", "wake-lock", "walk-in",
  "wipe",
];

for (const name of readdirSync(folder).filter((file) => file.endsWith(".mjs")).map((file) => file.slice(0, -4))) {
  const text = readFileSync(new URL(`${name}.mjs`, folder), "utf8");
  const lines = text.split("\n").filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line)).join("\n");

  if (!WITH_A_BROWSER.includes(name)) {
    test(`${name} runs without a browser`, () => {
      assert.deepEqual(lines.match(/\b(document|window|navigator|indexedDB|localStorage)\b/g), null);
    });
  }
  test(`${name} fetches nothing from elsewhere and makes no code of text`, () => {
    const forbidden =
      /https?:\/\/(?!www\.w3\.org\/2000\/svg)|\beval\b|new Function|innerHTML|insertAdjacentHTML|document\.write/g;
    assert.deepEqual(lines.match(forbidden), null);
  });
}
