import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RollReader } from "../../../../registrations/door/scanner/roll-reader.mjs";
import { derive, fromBase64url } from "../../../../registrations/door/scanner/sealing.mjs";
import { Sightings } from "../../../../registrations/door/scanner/sightings.mjs";
import { parse } from "../../../../registrations/door/scanner/ticket-code.mjs";
import { deriveKeyCard } from "../../../../registrations/door/scanner/key-card.mjs";
import { ADA as ADA_ROW, phone, SALT, sealed } from "./roll-phone.mjs";

const ADA = "M1DE2YYFFZFEVFX9VWTAW6CB5HKCW";
const CARD = ADA.replace("M1", "M3");
const OTHER = JSON.parse(readFileSync(new URL("../../../vectors/lead_card.json", import.meta.url))).find(({ secret }) => secret).text;
const salt = fromBase64url(SALT);
const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** A phone whose list is sealed under this card. */
async function reading({ hasList = true } = {}) {
  const card = await deriveKeyCard(parse(ADA).secret, salt);
  const sid = await phone({ lists: [await sealed([ADA_ROW], card)] });
  if (hasList) await sid.rollList.look();
  const heard = [];
  sid.bus.on("key", (key) => void heard.push(["key", hex(key)]));
  sid.bus.on("guest", (row) => void heard.push(["guest", row]));
  const screen = { say: (words) => void heard.push(words) };
  const reader = new RollReader({ ...sid, sightings: new Sightings(), screen });
  return { ...sid, reader, heard, card };
}

test("the key card gives the key of the list, once while it is in view", async () => {
  const { reader, heard, card, passes } = await reading();
  await reader.take(CARD);
  await reader.take(CARD);
  assert.deepEqual(heard, [["key", hex(card.key)]]);
  passes(6);
  await reader.see([{ text: CARD.toLowerCase(), off: 0 }]);
  assert.equal(heard.length, 2);
});

test("a guest's ticket gives the id that the list knows it by, and nothing of the code", async () => {
  const { reader, heard } = await reading();
  await reader.takeTyped([ADA, ADA]);
  assert.deepEqual(heard, [["guest", hex((await derive(parse(ADA).secret, salt)).id)]]);
});

test("another card, and one that came before any list, are said to be so", async () => {
  const without = await reading({ hasList: false });
  await without.reader.take(CARD);
  assert.match(without.heard[0], /no list on this phone yet/);
  const { reader, heard, rollList } = await reading();
  rollList.facts = () => ({ at: 0, key: "00".repeat(16) });
  await reader.take(CARD);
  assert.match(heard[0], /does not open the list/);
});

test("what is neither is said to be neither, and of two codes none is taken", async () => {
  const { reader, heard } = await reading();
  for (const text of ["https://example.org/", OTHER, `${ADA.slice(0, -1)}0`]) await reader.take(text);
  await reader.see([{ text: ADA, off: 1 }, { text: CARD, off: 1 }]);
  await reader.see([]);
  assert.deepEqual(heard, [...Array(3).fill("Neither a key card nor a ticket."), "One code at a time."]);
});
