// A marshal's phone for the tests: its rooms without a browser, before a server that the test answers for.

import { Bus } from "../../../../registrations/door/scanner/bus.mjs";
import { deriveKeyCard } from "../../../../registrations/door/scanner/key-card.mjs";
import { RollCall } from "../../../../registrations/door/scanner/roll-call.mjs";
import { RollList } from "../../../../registrations/door/scanner/roll-list.mjs";
import { RollPractice } from "../../../../registrations/door/scanner/roll-practice.mjs";
import { RollPrints } from "../../../../registrations/door/scanner/roll-prints.mjs";
import { RollTicks } from "../../../../registrations/door/scanner/roll-ticks.mjs";
import { since } from "../../../../registrations/door/scanner/elapsed.mjs";
import { fromBase64url, toBase64url, toHex } from "../../../../registrations/door/scanner/sealing.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";

export const START = 1555315800; // seconds: 09:10 of a Monday at the event
export const HOUR = 3600;
export const SALT = toBase64url(new Uint8Array(16).fill(3));
export const CARD = new Uint8Array(16).fill(9); // the secret of the key card
export const ADA = ["Example", "Ada Example", "09:05", "aa".repeat(16)];
export const BO = ["Sample", "Bo Sample", "09:07", "bb".repeat(16)];
export const PASS = {
  id: 1, name: "Marshal 1", role: "marshal", pass_mark: "1.mark", now: START, moved: 0, seconds_left: 20 * HOUR,
  zone: "Europe/London", closes_at: null, door: { id: 1, name: "Main door" },
  event: { title: "Launch", day: "15 April", salt: SALT, lead_phone: "07700 900 003" },
};

export const cardKey = async (secret = CARD, salt = SALT) => deriveKeyCard(secret, fromBase64url(salt));

/** As the server seals it. */
export async function sealed(rows, { key, id }, { at = START, salt = SALT } = {}) {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealer = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const plain = JSON.stringify({ at, rows });
  const padded = new TextEncoder().encode(plain.padEnd(Math.ceil(plain.length / 4096) * 4096));
  const additionalData = new TextEncoder().encode(`muster roll call 1|${salt}|${toHex(id)}`);
  const closed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData }, sealer, padded);
  return { bytes: new Uint8Array([...nonce, ...new Uint8Array(closed)]), key: toHex(id), at };
}

/** Rows in memory, as the small database of a phone keeps them. */
export class TickMemory {
  rows = new Map();

  isDurable() {
    return true;
  }

  async all() {
    return [...this.rows.values()];
  }

  async keep(row) {
    this.rows.set(row.id, row);
  }

  async drop(ids) {
    for (const id of ids) this.rows.delete(id);
  }

  close() {}
}

/** A phone whose clocks the test moves; `lists` are what its server gives out, one after the other, the last for ever. */
export async function phone({ rows = [ADA, BO], store = new Memory(), tickStore = new TickMemory(), time = { wall: 0, mono: 0, run: 1 }, lists } = {}) {
  const clock = { wall: () => time.wall, mono: () => time.mono, get run() { return time.run; } };
  const held = { ...PASS, got: { wall: 0, mono: 0, run: 1 } };
  const said = [];
  const bus = new Bus();
  for (const name of ["roll-list", "roll-began", "roll-real", "roll-joined", "roll-ended"]) {
    bus.on(name, (...given) => void said.push([name, ...given.map((argument) => argument?.id ?? argument)].join(" ")));
  }
  const key = await cardKey();
  const boxes = lists ?? [await sealed(rows, key)];
  const server = { down: false, boxes, asked: 0 };
  const fetchBox = async () => {
    server.asked++;
    if (server.down) throw new Error("no network");
    return boxes.length > 1 ? boxes.shift() : boxes[0];
  };
  const pass = {
    get: () => held, now: () => START + since(held.got, clock), hourOf: (at) => new Date(at * 1000).toISOString().slice(11, 16),
    secondsLeft: () => held.seconds_left, clockOff: () => 0,
  };
  const rollList = new RollList({ store, clock, fetchBox, pass, bus });
  const rollCall = new RollCall({ store, clock, pass, bus });
  const ticks = new RollTicks({ store: tickStore, clock, pass });
  const prints = new RollPrints({ store, clock });
  const practice = new RollPractice({ pass });
  bus.on("roll-began", ({ id }) => ticks.turnTo(id));
  bus.on("roll-joined", (mine, theirs) => Promise.all([ticks.join(mine, theirs), prints.join(mine, theirs)]));
  bus.on("roll-ended", () => ticks.end());
  await Promise.all([rollList.load(), ticks.load(), prints.load()]);
  await rollCall.load();
  const passes = (seconds) => ((time.wall += seconds * 1000), (time.mono += seconds * 1000));
  const restarts = () => phone({ store, tickStore, lists: boxes, time: { wall: time.wall, mono: 0, run: time.run + 1 } });
  return { bus, clock, time, held, pass, store, tickStore, rollList, rollCall, ticks, prints, practice, key, server, said, passes, restarts };
}
