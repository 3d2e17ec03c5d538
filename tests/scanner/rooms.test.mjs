import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { refusal } from "../../registrations/scanner/camera.mjs";
import { clockWords } from "../../registrations/scanner/start.mjs";

const folder = new URL("../../registrations/scanner/", import.meta.url);
const WITH_A_BROWSER = [
  "battery", "camera", "controls", "database", "decode-worker", "feedback", "handover", "keyboard", "lead", "main", "pairing",
  "reference", "screen", "server", "session", "shell", "sign-out", "start", "status", "store", "viewfinder", "wipe",
];

for (const name of readdirSync(folder).filter((one) => one.endsWith(".mjs")).map((one) => one.slice(0, -4))) {
  const text = readFileSync(new URL(`${name}.mjs`, folder), "utf8");
  const lines = text.split("\n").filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line)).join("\n");

  if (!WITH_A_BROWSER.includes(name)) {
    test(`${name} runs without a browser`, () => {
      assert.deepEqual(lines.match(/\b(document|window|navigator|indexedDB|localStorage)\b/g), null);
    });
  }
  test(`${name} is one room and not two`, () => assert.ok(text.split("\n").length <= 321));
  test(`${name} fetches nothing from elsewhere and makes no code of text`, () => {
    const forbidden =
      /https?:\/\/(?!www\.w3\.org\/2000\/svg)|\beval\b|new Function|innerHTML|insertAdjacentHTML|document\.write/g;
    assert.deepEqual(lines.match(forbidden), null);
  });
}

const here = { secure: true, able: true, address: "the address" };
for (const [name, page, title] of [
  ["NotAllowedError", here, "Camera is blocked for this site"],
  ["NotFoundError", here, "No camera"],
  ["NotReadableError", here, "Another app has the camera"],
  ["broken", here, "Codes cannot be read"],
  ["front", here, "No camera at the back"],
  ["AbortError", here, "Another app has the camera"],
  ["TypeError", { ...here, able: false }, "No camera in this app"],
  ["TypeError", { ...here, secure: false, able: false }, "Not a secure page"],
]) {
  test(`DR-43 ${name} is told as "${title}"`, () => {
    assert.equal(refusal(name, page).title, title);
    assert.ok(refusal(name, page).says);
  });
}

for (const [ahead, words] of [
  [30, "right"],
  [-30, "right"],
  [31, "1 min ahead: the server's time counts"],
  [-420, "7 min behind: the server's time counts"],
  [-7200, "120 min behind: the server's time counts"],
  [240_000_000, "2778 days ahead: the server's time counts"],
]) {
  test(`a clock ${ahead} seconds ahead is ${words}`, () => assert.equal(clockWords(ahead), words));
}
