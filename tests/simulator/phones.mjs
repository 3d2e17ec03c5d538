// Phones for whoever runs a day at the door: takes commands as lines of JSON, and asks what the network and the server do.

import { createInterface } from "node:readline";
import { Device } from "./disk.mjs";
import { plant } from "./modules.mjs";
import { Tab } from "./tab.mjs";
import { drawing, World } from "./world.mjs";

const world = new World();
const TABS = ["", "'"]; // what stands behind the name of a phone, for each
const tabs = new Map();
const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
let answer = null; // called with the answer to the question that is open
const ask = (question) => world.asks(() => new Promise((resolve) => {
  answer = resolve;
  write({ now: world.now / 1000, ...question });
}));
const later = { open: true, sleep: true, wake: true, hides: true, stored: true };

/** `begins` is the day's first moment by a right clock. */
function make(phone, { begins, seed, clockOff }) {
  const device = new Device({ world, begins, clockOff, random: drawing(seed) });
  for (const tab of TABS) tabs.set(phone + tab, new Tab({ phone, tab, device, world, ask }));
}

async function obeyed({ to, phone, given = [] }) {
  if (to === "make") return make(phone, given[0]);
  if (to === "plant") return plant(...given);
  if (to === "run") return world.runUntil(given[0] * 1000);
  const done = tabs.get(phone)[to](...given);
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
