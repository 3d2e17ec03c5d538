import assert from "node:assert/strict";
import { test } from "node:test";
import { NoAnswer } from "../../registrations/scanner/server.mjs";
import { createWord } from "../../registrations/scanner/lead-override.mjs";

const RIGHT = { status: 200, body: { word: { by: "Lee's phone", seconds: 120 } } };
const WRONG = { status: 403, body: { error: "pin", sentence: "That is not a lead's PIN. 4 tries left.", left: 4 } };

/** A phone whose server answers as told; its clocks are moved by hand. */
function phone(...replies) {
  const asked = [];
  const clock = { wall: () => phone.wall, mono: () => phone.mono, run: "a" };
  [phone.wall, phone.mono] = [1000, 1000];
  const ask = async (path, body) => {
    asked.push([path, body]);
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    return reply;
  };
  return { asked, word: createWord({ ask, clock, page: "aaaaaaaa" }) };
}

test("a PIN is checked by the server, and the word stands for a while", async () => {
  const { asked, word } = phone(RIGHT);
  assert.equal(word.stands(), false);
  assert.equal(await word.give("123456"), "");
  assert.deepEqual(asked, [["word", { pin: "123456", page: "aaaaaaaa" }]]);
  assert.equal(word.stands(), true);
  phone.wall += 114_000;
  phone.mono += 114_000;
  assert.equal(word.stands(), true);
  phone.mono += 2000;
  assert.equal(word.stands(), false);
});

test("a phone that slept has slept through its end", async () => {
  const { word } = phone(RIGHT);
  await word.give("123456");
  phone.wall += 3_600_000;
  assert.equal(word.stands(), false);
});

test("a wrong one says how many tries are left, and gives nothing", async () => {
  const { word } = phone(WRONG);
  assert.equal(await word.give("000000"), "That is not a lead's PIN. 4 tries left.");
  assert.equal(word.stands(), false);
});

for (const typed of ["", "12345", "1234567", "12a456", "١٢٣٤٥٦"]) {
  test(`"${typed}" is no PIN, and costs no try`, async () => {
    const { asked, word } = phone();
    assert.equal(await word.give(typed), "A lead's PIN has 6 digits.");
    assert.deepEqual(asked, []);
  });
}

test("without an answer nobody has said anything", async () => {
  const { word } = phone(new NoAnswer("down"));
  await assert.rejects(word.give("123456"), NoAnswer);
  assert.equal(word.stands(), false);
});

for (const [verdict, row, stands] of [
  ["already_in", { word: "lead", offline: false }, false],
  ["undo_needs_lead", { word: "lead", offline: false }, false],
  ["already_in", { word: "", offline: false }, true],
  ["already_in", { word: "lead", offline: true }, true],
  ["ok", { word: "lead", offline: false }, true],
]) {
  test(`${verdict} to ${JSON.stringify(row)} leaves the word ${stands ? "standing" : "over"}`, async () => {
    const { word } = phone(RIGHT);
    await word.give("123456");
    word.heard({ verdict }, row);
    assert.equal(word.stands(), stands);
  });
}
