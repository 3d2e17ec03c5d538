// Phones for whoever runs a day at the door: takes commands as lines of JSON, and asks what the network and the server do.

import { createInterface } from "node:readline";
import { plant } from "./modules.mjs";
import { Phone } from "./phone.mjs";
import { World } from "./world.mjs";

const world = new World();
const phones = new Map();
const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
let answer = null; // called with the answer to the question that is open
const ask = (question) => world.asks(() => new Promise((resolve) => {
  answer = resolve;
  write({ now: world.now / 1000, ...question });
}));
const later = { open: true, sleep: true, wake: true, stored: true };

async function obeyed({ to, phone, given = [] }) {
  if (to === "make") return void phones.set(phone, new Phone(phone, { world, ask, ...given[0] }));
  if (to === "plant") return plant(...given);
  if (to === "run") return world.runUntil(given[0] * 1000);
  if (to === "set clock") return void (phones.get(phone).clockOff = given[0] * 1000);
  const done = phones.get(phone)[to](...given);
  const value = later[to] ? await done : done;
  await world.quiet();
  return value;
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const read = JSON.parse(line);
  if (!("to" in read)) return answer(read.answer);
  obeyed(read).then((value) => write({ done: value ?? null }), (error) => write({ failed: error.stack }));
});
process.on("unhandledRejection", (error) => write({ failed: `nobody heard of it: ${error?.stack ?? error}` }));
