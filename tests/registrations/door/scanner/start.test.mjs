import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

openPage();
const { clockWords, linkHelp, showChecks } = await import("../../../../registrations/door/scanner/start.mjs");
const fine = { clockOff: 0, durable: true, hasBuzz: true, list: "200 rows, 09:31", isKept: true };
const browser = (value, secure = true) => {
  for (const [name, given] of Object.entries({ navigator: value, isSecureContext: secure })) {
    Object.defineProperty(globalThis, name, { value: given, configurable: true });
  }
};

for (const [says, given, able, secure, words] of [
  ["that can do all", {}, { mediaDevices: {}, wakeLock: {} }, true, [
    "Cameraasks when you start", "Buzzyes", "Screenstays on while scanning", "Lightin the sun, turn the brightness up", "Storageyes: no scan is lost", "Pageopens without a network too", "Clockright",
    "Guest listready: 200 rows, 09:31",
  ]],
  ["that can do nothing", { clockOff: -420, durable: false, hasBuzz: false, list: null, isKept: false }, {}, true, [
    "Cameranot in this browser: type references", "Buzznot on this phone", "Screenset it to stay on yourself",
    "Storagerefused: online only", "Pageleave it open: it opens again only with a network", "Clock7 min behind", "Guest listnone on this phone: online only",
  ]],
  ["whose page is not secure", {}, { mediaDevices: {} }, false, ["Cameranot in this browser"]],
  ["without a list yet", { list: null, isKept: null }, {}, true, ["Pagenot kept yet", "Guest listnot loaded yet: wait for it"]],
]) {
  test(`a phone ${says} says so in words`, () => {
    browser(able, secure);
    showChecks({ ...fine, ...given });
    for (const word of words) assert.ok(textOf("checks").includes(word), word);
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

test("stewards and leads each find their own page", () => {
  const links = () => [...document.querySelectorAll(".how")].map(({ href }) => href);
  linkHelp("door_lead");
  assert.deepEqual(links(), ["/door/help/lead", "/door/help/lead"]);
  linkHelp("steward");
  assert.deepEqual(links(), ["/door/help/steward", "/door/help/steward"]);
});
