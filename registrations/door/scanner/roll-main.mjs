// A marshal's page: creates its rooms in order, each from those before it, and connects them. It does nothing else.

import { Battery } from "./battery.mjs";
import { Bus } from "./bus.mjs";
import { Closing } from "./closing.mjs";
import { after, clockOfThisRun } from "./elapsed.mjs";
import { Feedback } from "./feedback.mjs";
import { HelpPanel } from "./help-panel.mjs";
import { Help } from "./help.mjs";
import { listen } from "./keyboard.mjs";
import { Pass } from "./pass.mjs";
import { RollCall } from "./roll-call.mjs";
import { RollControls } from "./roll-controls.mjs";
import { RollLeaving } from "./roll-leaving.mjs";
import { RollList } from "./roll-list.mjs";
import { RollOpening } from "./roll-opening.mjs";
import { RollPractice } from "./roll-practice.mjs";
import { RollPrints } from "./roll-prints.mjs";
import { RollReader } from "./roll-reader.mjs";
import { RollScreen } from "./roll-screen.mjs";
import { RollSender } from "./roll-sender.mjs";
import { RollSession } from "./roll-session.mjs";
import { RollSheet } from "./roll-sheet.mjs";
import { RollStatus } from "./roll-status.mjs";
import { RollTicks } from "./roll-ticks.mjs";
import { byId, Panels } from "./screen.mjs";
import { ask as askLast, askOn as ask, askRoll } from "./server.mjs";
import { keepShell } from "./shell.mjs";
import { Sightings } from "./sightings.mjs";
import { openStore } from "./store.mjs";
import { TickStore } from "./tick-store.mjs";
import { Viewfinder } from "./viewfinder.mjs";
import { WakeLock } from "./wake-lock.mjs";

const BEAT = 5000; // milliseconds: how soon a phone learns of a roll call, or that its pass was revoked
const NO_CAMERA = "Without a camera the list opens while a roll call runs and there is a network.";

// What all rooms need

const app = document.querySelector("meta[name=app]").content;
const clock = clockOfThisRun();
const page = clock.run;
const bus = new Bus();
const store = await openStore(page);
const tickStore = await TickStore.open();
const panels = new Panels();
const feel = new Feedback();
const battery = new Battery();
const wakeLock = new WakeLock();
const sightings = new Sightings();

// What the phone knows

const pass = new Pass({ store, clock });
const rollList = new RollList({ store, clock, fetchBox: askRoll, pass, bus });
const rollCall = new RollCall({ store, clock, pass, bus });
const ticks = new RollTicks({ store: tickStore, clock, pass });
const prints = new RollPrints({ store, clock });
const practice = new RollPractice({ pass });
const help = new Help({ store, ask, clock, bus });
const about = () => ({ page, battery: battery.level(), clock_off: pass.get() && pass.clockOff(), list_age: rollList.age() });
const sender = new RollSender({ ask, clock, pass, rollCall, ticks, prints, about, bus });

// What people see and press

const screen = new RollScreen({ pass, rollList, rollCall, ticks, practice });
const status = new RollStatus({ pass, store, tickStore, rollList, rollCall, prints, battery, practice });
const sheet = new RollSheet({ pass, rollList, rollCall, practice, prints, sender, screen, print: () => print() });
const opening = new RollOpening({ rollCall, rollList, sender, screen, after, bus });
const reader = new RollReader({ pass, rollList, sightings, clock, screen, bus });
const viewfinder = new Viewfinder({ store, intake: reader, otherwise: NO_CAMERA });
const goodbye = () => askLast("sign-out", { wiped: true });
const stops = [
  () => viewfinder.stop(), () => sender.stop(), () => wakeLock.release(), () => opening.forget(), () => rollList.seal(),
  () => practice.end(), () => sheet.clear(), () => screen.draw(),
];
const leaving = new RollLeaving({ store, tickStore, pass, help, rollList, sender, goodbye, stops });
const closing = new Closing({ store: sender, sender, ask, signOut: leaving });
const session = new RollSession({
  ask, page, clock, pass, rollList, rollCall, ticks, prints, sender, help, opening, closing, leaving, screen, status, wakeLock,
});
const controls = new RollControls({
  panels, viewfinder, opening, sheet, screen, practice, session, sender, ticks, rollCall, rollList, prints, status, leaving, feel, ask,
});
new HelpPanel({ panels, pass, help });

// Who listens to what

bus.on("heard", (body) => session.heard(body));
bus.on("connection", (now, toSend) => status.connection(now, toSend));
bus.on("signed-out", (why) => leaving.signedOut(why));
bus.on("roll-list", () => status.list());
bus.on("roll-list", () => screen.rows());
bus.on("roll-began", ({ id }) => ticks.turnTo(id));
bus.on("roll-began", () => status.list());
bus.on("roll-began", () => screen.draw());
bus.on("roll-real", () => controls.turnedReal());
bus.on("roll-joined", (mine, theirs) => ticks.join(mine, theirs));
bus.on("roll-joined", (mine, theirs) => prints.join(mine, theirs));
bus.on("roll-ended", () => ticks.end());
bus.on("roll-ended", () => rollList.seal());
bus.on("roll-ended", () => sheet.clear());
bus.on("roll-ended", () => controls.ended());
bus.on("roll-ended", () => status.list());
bus.on("ticks", () => screen.update());
bus.on("key", (key) => opening.byCard(key));
bus.on("starting", () => controls.asksWhatFor());
bus.on("guest", (row) => controls.guest(row));
bus.on("opened", () => controls.opened());

addEventListener("pointerup", () => feel.rouse());
addEventListener("keydown", () => feel.rouse());
listen({ isOn: () => !byId("roll").hidden, onCodes: (texts) => reader.takeTyped(texts) });
addEventListener("online", () => sender.hurry());
addEventListener("beforeunload", (event) => screen.isOpen() && !leaving.isOver() && event.preventDefault());
byId("leaving-send").addEventListener("click", () => session.beat());
document.addEventListener("visibilitychange", () => session.turnedOver());
battery.watch(() => status.bar());
setInterval(() => session.beat(), BEAT);
keepShell({
  version: app, isIdle: () => status.isIdle(), onNewer: () => status.newer(), onKept: (isKept) => status.kept(isKept),
});

await help.recall();
await session.begins();
