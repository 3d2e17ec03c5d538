// A phone at a door: its rooms around `Scanning`, with a clock, a store and a network that tests move.
import { Booking } from "../../../../registrations/door/scanner/booking.mjs";
import { Bus } from "../../../../registrations/door/scanner/bus.mjs";
import { LocalActs } from "../../../../registrations/door/scanner/local-acts.mjs";
import { OpenScans } from "../../../../registrations/door/scanner/open-scans.mjs";
import { Scanning } from "../../../../registrations/door/scanner/scanning.mjs";
import { Intake, Sightings } from "../../../../registrations/door/scanner/sightings.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";

// One of tests/vectors/ticket_code.json, and something that is no ticket
export const ADA = "M1DE2YYFFZFEVFX9VWTAW6CB5HKCW";
export const FOREIGN = "https://example.org/";
export const ok = { verdict: "ok", name: "Ada Example", badge_name: "Ada", organisation: "Example", badge: "Delegate", tray: "E", photos: false };

/**
 * A steward at a door, whose server answers only when the test says so. What is seen and felt is written down. `says`
 * is what the phone's list says of whoever comes.
 */
export async function door(says = { verdict: "offline" }, beside = { verdict: "ok" }) {
  let now = 0;
  let direction = "in";
  let isOpen = false;
  let timers = [];
  const seen = [];
  const sent = [];
  const store = new Memory();
  const screen = {
    hint: (words) => words && seen.push(`hint: ${words}`),
    checking: (described) => seen.push(["ONE MOMENT", described?.name].filter(Boolean).join(" ")),
    verdict({ frame, word, mark, name, first }, isLeads, together) {
      seen.push([frame, mark, word, name].filter(Boolean).join(" "));
      Object.assign(seen, { isLeads, first, together });
    },
    changed: ({ word }, count, when) => seen.push(`CHANGED to ${word}, ${count}, ${when}`),
    unchanged: () => seen.push("back"),
    found: ({ name }) => seen.push(`FOUND ${name}`),
    clear: () => seen.push("clear"),
    canUndo: (can) => can && seen.push("can undo"),
  };
  const clock = { wall: () => now, mono: () => now, run: 1 };
  const acts = new LocalActs({ store, clock });
  await acts.open(new Set());
  const bus = new Bus();
  bus.on("not-ours", () => seen.push("field opens"));
  const openScans = new OpenScans();
  const sightings = new Sightings();
  const after = (milliseconds, work) => {
    const timer = { at: now + milliseconds, work };
    timers.push(timer);
    return () => (timers = timers.filter((other) => other !== timer));
  };
  const pass = {
    get: () => ({ pass_mark: "7.mark", door: { opens: isOpen ? 0 : Infinity } }),
    now: () => 1000 + now / 1000,
    hourOf: (seconds) => `${Number((1000 + now / 1000 - seconds).toFixed(3))} s ago`,
  };
  const scanning = new Scanning({
    store, openScans, acts, screen, clock, after, pass, bus,
    sender: {
      sendNow: (row, before, count) => new Promise((done) => sent.push({ row, before, count, done })),
      doubt: () => seen.doubts++,
    },
    offline: {
      beside: () => beside,
      judge: async (_derived, proof) => {
        const said = await says;
        return (await acts.of(proof))?.way === "in" ? { ...said, verdict: "already_in" } : said;
      },
    },
    booking: new Booking({ acts, pass, screen, sightings, clock }),
    feel: { touch: () => seen.push("touch"), sign: ({ buzz }) => seen.push(`buzz ${buzz.length}`) },
    direction: { get: () => direction },
    initials: { get: () => "AB" },
  });
  scanning.begin(new Uint8Array(16), []);
  const intake = new Intake({ scanning, sightings, screen, clock, after, bus, direction: { used() {} } });
  bus.on("card", (text) => seen.push(`card ${text.slice(0, 4)}`));
  const next = (end) => timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  /** Until nothing is under way any more, however slow the machine is. */
  async function settle() {
    for (let turn = 0; turn < 5; turn++) {
      await intake.see([]);
      await new Promise(setImmediate);
    }
  }
  const turn = async () => {
    for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  };
  return {
    scanning, intake, openScans, seen, sent, store, acts, turn,
    countsOut: () => (direction = "out"),
    opens: () => (isOpen = true),
    async holds(text) {
      await intake.see([{ text, off: 0 }]);
      await settle();
    },
    async passes(milliseconds) {
      const end = now + milliseconds;
      for (let due = next(end); due; due = next(end)) {
        now = due.at;
        timers = timers.filter((timer) => timer !== due);
        due.work();
      }
      now = end;
      await settle();
    },
    answers(answer, { row } = sent.at(-1)) {
      scanning.answered({ id: row.id, ...answer }, answer.verdict !== "error");
    },
    since: () => seen.splice(0),
    settle,
  };
}

export const listed = { name: "Ada Example", badge_name: "Ada", organisation: "Example", badge: "Delegate", tray: "E", photos: false, list: "09:31" };
export const fresh = { verdict: "ok", ...listed };
