import assert from "node:assert/strict";
import { test } from "node:test";
import { RollOpening } from "../../../../registrations/door/scanner/roll-opening.mjs";
import { toBase64url } from "../../../../registrations/door/scanner/sealing.mjs";
import { cardKey, phone } from "./roll-phone.mjs";
import { RollServer, talking } from "./roll-server.mjs";

async function opening() {
  const server = new RollServer();
  const sid = talking(await phone(), server, "Marshal 1");
  await sid.rollList.look();
  const later = [];
  const heard = [];
  for (const name of ["starting", "opened"]) sid.bus.on(name, () => void heard.push(name));
  const after = (milliseconds, work) => (later.push(work), () => later.splice(later.indexOf(work), 1));
  const made = new RollOpening({ ...sid, screen: { say: (words) => void heard.push(words) }, after });
  sid.bus.on("heard", () => made.look());
  const real = { id: "R", kind: "real", started_at: 0, count: 2, key: toBase64url(sid.key.key) };
  return { ...sid, server, opening: made, heard, later, real };
}

test("one tap opens the list while a roll call runs, with the server's key", async () => {
  const sid = await opening();
  sid.server.running = sid.real;
  await sid.sender.beat();
  assert.equal(sid.rollList.isOpen(), false, "not by itself");
  await sid.opening.byServer();
  assert.deepEqual([sid.rollList.isOpen(), sid.heard], [true, ["opened"]]);
});

test("without a key from the server a tap opens nothing, and says what does", async () => {
  const sid = await opening();
  await sid.opening.byServer();
  assert.deepEqual([sid.rollList.isOpen(), sid.heard.length], [false, 1]);
  assert.match(sid.heard[0], /Hold the key card to the camera/);
});

test("DR-38 without a network the card asks what it is for, and then opens the list", async () => {
  const sid = await opening();
  sid.server.down = true;
  await sid.opening.byCard(sid.key.key.slice());
  assert.deepEqual([sid.heard, sid.rollList.isOpen(), sid.rollCall.get()], [["starting"], false, null]);
  await sid.opening.start("real");
  assert.deepEqual([sid.heard, sid.rollList.isOpen(), sid.rollCall.news().kind], [["starting", "opened"], true, "real"]);
});

test("where one runs the card opens at once", async () => {
  const sid = await opening();
  await sid.rollCall.begin("drill");
  sid.server.down = true;
  await sid.opening.byCard(sid.key.key.slice());
  assert.deepEqual([sid.heard, sid.rollList.isOpen()], [["opened"], true]);
});

test("a card that is seen again while the list is open disturbs nothing", async () => {
  const sid = await opening();
  await sid.rollCall.begin("real");
  await sid.opening.byCard(sid.key.key.slice());
  await sid.opening.byCard(sid.key.key.slice());
  assert.deepEqual([sid.heard, sid.rollList.isOpen()], [["opened", "The list is open already."], true]);
});

test("a card that nobody said anything about is forgotten after a minute, and wiped", async () => {
  const sid = await opening();
  const key = sid.key.key.slice();
  sid.server.down = true;
  await sid.opening.byCard(key);
  sid.later[0]();
  assert.deepEqual([...key], Array(32).fill(0));
  await sid.opening.start("real");
  assert.equal(sid.rollList.isOpen(), false);
  assert.match(sid.heard.at(-1), /has begun on this phone\. Hold the key card/);
});

test("begun online it opens with the key of the answer, without the card", async () => {
  const sid = await opening();
  sid.server.running = { ...sid.real, kind: "drill" };
  await sid.opening.start("drill");
  assert.deepEqual([sid.heard, sid.rollList.isOpen(), sid.rollCall.get().id], [["opened"], true, "R"]);
});

test("begun without a network it opens as soon as there is one", async () => {
  const sid = await opening();
  sid.server.down = true;
  await sid.opening.start("real");
  assert.equal(sid.rollList.isOpen(), false);
  [sid.server.down, sid.server.running] = [false, sid.real];
  await sid.sender.beat();
  assert.deepEqual([sid.rollList.isOpen(), sid.heard.at(-1)], [true, "opened"]);
});

test("where the key has been replaced the newer list is fetched, and a wrong one is said to be wrong", async () => {
  const sid = await opening();
  await sid.rollCall.begin("real");
  await sid.opening.byCard((await cardKey(new Uint8Array(16).fill(2))).key);
  assert.deepEqual([sid.server.heard.length, sid.rollList.isOpen()], [0, false]);
  assert.match(sid.heard.at(-1), /does not open with this key/);
});

test("what is forgotten opens nothing later", async () => {
  const sid = await opening();
  sid.server.down = true;
  await sid.opening.start("real");
  sid.opening.forget();
  [sid.server.down, sid.server.running] = [false, sid.real];
  await sid.sender.beat();
  assert.equal(sid.rollList.isOpen(), false);
});
