import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { HEADER, letterOf, lettersOf, MARKS, totals, withNewer, wordsOf } from "../../../../registrations/door/scanner/roll-rows.mjs";

const person = (surname, row) => ({ surname, badge: `A ${surname}`, hour: "09:05", row });
const [abel, bell, chen] = [person("Abel", "1"), person("Bell", "2"), person("Chen", "3")];
const tick = (mark, ...disputes) => ({ mark, at: 0, device: "", isWaiting: false, disputes });
const hourOf = (at) => `09:0${at}`;

test("DR-38 the header is exactly what the paper says", () => {
  assert.equal(HEADER, "Checked in, not proof of who is inside. Follow the venue's fire marshal and sweep.");
  const paper = readFileSync(new URL("../../../../registrations/paper/sheet.py", import.meta.url), "utf8");
  assert.ok(paper.includes(`ROLL_CALL_HEADER = "${HEADER}"`));
});

test("nobody vanishes from a roll call that is being taken: who left since stays, in their place", () => {
  assert.deepEqual(withNewer([abel, bell, chen], [abel, chen]), [abel, bell, chen]);
  assert.deepEqual(withNewer([chen], [abel, bell]), [abel, bell, chen]);
  assert.deepEqual(withNewer([abel], [bell, chen]), [abel, bell, chen]);
  assert.deepEqual(withNewer([], [abel]), [abel]);
  const renamed = { ...bell, badge: "B Bell" };
  assert.deepEqual(withNewer([bell], [renamed]), [renamed], "what the server says of them is newer");
});

test("each is counted once, under the latest tick, and where marshals disagree besides", () => {
  const ticks = { 1: tick("safe"), 2: tick("left", { mark: "not_seen" }) };
  const of = (row) => ticks[row] ?? null;
  assert.deepEqual(totals([abel, bell, chen], of), { all: 3, safe: 1, not_seen: 0, left: 1, not_yet: 1, disagree: 1 });
});

test("letters are those of the surnames, without accents", () => {
  assert.deepEqual(["Émile", "o'Neill", " Åse", "李", ""].map(letterOf), ["E", "O", "A", "李", "?"]);
  assert.deepEqual(lettersOf([abel, person("Ábel", "4"), bell]), ["A", "B"]);
});

test("a tick says what, when and whose, whether it is on its way, and who says otherwise", () => {
  assert.equal(wordsOf(null, hourOf), "");
  assert.equal(wordsOf(tick("safe"), hourOf), "Safe 09:00");
  assert.equal(wordsOf({ ...tick("safe"), device: "Marshal 2" }, hourOf), "Safe 09:00, Marshal 2");
  const disputed = { ...tick("not_seen", { mark: "safe", device: "Marshal 2", at: 3 }, { mark: "left", device: "", at: 1 }), isWaiting: true };
  assert.equal(wordsOf(disputed, hourOf), "Not seen 09:00, not sent yet. Marshal 2: Safe 09:03. This phone: Left earlier 09:01");
  assert.deepEqual(Object.keys(MARKS), ["safe", "not_seen", "left"]);
});
