import assert from "node:assert/strict";
import { test } from "node:test";
import { codesIn, createWedge, stands } from "../../../../registrations/door/scanner/wedge.mjs";

const ADA = "M1DE2YYFFZFEVFX9VWTAW6CB5HKCW"; // of tests/vectors/ticket_code.json
const BO = ADA.toLowerCase();

/** What comes of keys pressed so many milliseconds apart: codes scanned, text left to the page, keys taken back. */
function pressed(keys, apart, wedge = createWedge(), start = 0, silence = 90) {
  const out = { codes: [], typed: "", swallowed: 0, undone: 0 };
  let at = start;
  for (const key of keys) {
    at += apart;
    const said = wedge.key(key, at);
    out.codes.push(...said.codes);
    if (said.typed) out.typed += said.typed;
    if (said.swallow) out.swallowed++;
    else if (key.length === 1) out.typed += key;
    out.undone += said.undo ?? 0;
  }
  const said = wedge.silence(at + silence);
  out.codes.push(...said.codes);
  out.typed += said.typed ?? "";
  return out;
}

for (const [says, keys] of [
  ["and Enter", [...ADA, "Enter"]],
  ["and Tab", [...ADA, "Tab"]],
  ["and silence", [...ADA]],
  ["with Shift between the letters", [...ADA].flatMap((key) => ["Shift", key])],
]) {
  test(`DR-13 a code typed by a scanner ${says} is one scan, and its first key is taken back`, () => {
    const { codes, undone, swallowed } = pressed(keys, keys.includes("Shift") ? 4 : 8);
    assert.deepEqual([codes, undone], [[ADA], 1]);
    assert.ok(swallowed >= ADA.length - 1);
  });
}

test("DR-13 caps lock changes nothing but the case", () => {
  assert.deepEqual(pressed([...BO, "Enter"], 8).codes, [BO]);
});

test("DR-13 two codes with no Enter between are two scans in order", () => {
  assert.deepEqual(pressed([...ADA, ...BO], 8).codes, [ADA, BO]);
});

test("DR-13 two triggers within 300 milliseconds are told twice: the lock of the code makes one scan of them", () => {
  const wedge = createWedge();
  assert.deepEqual(pressed([...ADA, "Enter"], 8, wedge).codes, [ADA]);
  assert.deepEqual(pressed([...ADA, "Enter"], 8, wedge, 300).codes, [ADA]);
});

for (const apart of [36, 100, 300]) {
  test(`DR-13 a code whose keys come ${apart} ms apart is one scan, with Enter and without`, () => {
    assert.deepEqual(pressed([...ADA, "Enter"], apart).codes, [ADA]);
    const { codes, undone, typed } = pressed([...ADA], apart, createWedge(), 0, 360);
    assert.deepEqual([codes, undone, typed], [[ADA], 1, "M"], "its first key is taken back by the page");
    assert.deepEqual(pressed([..."]Q1", ...ADA, "Enter"], apart).codes, [ADA]);
  });
}

for (const gap of [36, 90, 300]) {
  test(`DR-13 one gap of ${gap} ms in a quick code makes no other of it`, () => {
    const wedge = createWedge();
    const codes = [];
    let at = 0;
    for (const [n, key] of [...ADA, "Enter"].entries()) {
      at += n === 11 ? gap : 8;
      codes.push(...wedge.silence(at).codes, ...wedge.key(key, at).codes);
    }
    assert.deepEqual(codes, [ADA]);
  });
}

test("what a hand types slowly is given back, though it begins like a code", () => {
  const { codes, typed } = pressed([..."M1 7XQ"], 150, createWedge(), 0, 360);
  assert.deepEqual([codes, typed], [[], "MM1 7XQ"], "the page takes the first key back, and gets it again");
});

test("a hand that corrects itself gets back what was held before the correction", () => {
  const wedge = createWedge();
  for (const [n, key] of [..."M1K"].entries()) wedge.key(key, n * 200);
  assert.deepEqual(wedge.key("Backspace", 800), { codes: [], typed: "M1K" });
  assert.deepEqual(wedge.key("X", 1000), { codes: [] });
});

test("twelve characters that a hand types slowly are text, with Enter too", () => {
  const wedge = createWedge();
  const typed = "M1ABCDEFGHJK";
  for (const [n, key] of [...typed].entries()) wedge.key(key, n * 300);
  assert.deepEqual(wedge.key("Enter", typed.length * 300), { codes: [], typed, swallow: false });
});

test("a quick scanner that presses no Enter is not waited for any longer", () => {
  const wedge = createWedge();
  for (const [n, key] of [...ADA].entries()) wedge.key(key, n * 8);
  assert.equal(wedge.waits(), 90);
});

test("what a hand types is left alone, Enter too", () => {
  const { codes, typed, swallowed } = pressed([..."HK7-4QD", "Enter"], 90);
  assert.deepEqual([codes, typed, swallowed], [[], "HK7-4QD", 0]);
});

test("two keys of a quick hand are given back", () => {
  const wedge = createWedge();
  const first = wedge.key("H", 0);
  const second = wedge.key("K", 30);
  assert.deepEqual([first.swallow, second.swallow, second.undo], [undefined, true, 1]);
  assert.deepEqual(wedge.silence(120), { codes: [], typed: "HK" });
});

test("a burst after slow typing is found", () => {
  const wedge = createWedge();
  pressed([..."HK7"], 200, wedge);
  assert.deepEqual(pressed([...ADA, "Enter"], 5, wedge, 2000).codes, [ADA]);
});

for (const [says, text, codes] of [
  ["a prefix and a suffix of the scanner's", `]Q1${ADA}\u001d#`, [ADA]],
  ["a German layout, which changes Y and Z over", ADA.replace(/[YZ]/g, (letter) => (letter === "Y" ? "Z" : "Y")), [ADA]],
  ["what is no ticket", "https://example.org/", ["https://example.org/"]],
  ["a code that no layout mends", `${ADA.slice(0, -1)}0`, [`${ADA.slice(0, -1)}0`]],
]) {
  test(`DR-13 of ${says} the scan is ${codes}`, () => assert.deepEqual(codesIn(text), codes));
}

test("what was typed stands as long as a scanner may still take its first key back", () => {
  assert.deepEqual([stands("HK7-4QD"), stands("HK7-4QM"), stands("hk74qm"), stands("")], [100, 415, 415, 100]);
});
