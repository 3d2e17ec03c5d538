// The door's page: creates its rooms in order, each from those before it, and connects them. It does nothing else.

import { createAbout } from "./about.mjs";
import { Battery } from "./battery.mjs";
import { Booking } from "./booking.mjs";
import { Bus } from "./bus.mjs";
import { CardReader } from "./card-reader.mjs";
import { Closing } from "./closing.mjs";
import { Controls } from "./controls.mjs";
import { Direction } from "./direction.mjs";
import { Drain } from "./drain.mjs";
import { after, clockOfThisRun } from "./elapsed.mjs";
import { Evacuation } from "./evacuation.mjs";
import { Feedback } from "./feedback.mjs";
import { GuestList } from "./guest-list.mjs";
import { HandOver } from "./handover.mjs";
import { HelpPanel } from "./help-panel.mjs";
import { Help } from "./help.mjs";
import { listen } from "./keyboard.mjs";
import { LeadOverride } from "./lead-override.mjs";
import { Lead } from "./lead.mjs";
import { LocalActs } from "./local-acts.mjs";
import { NameLookup } from "./name-lookup.mjs";
import { OfflineVerdict } from "./offline-verdict.mjs";
import { OpenScans } from "./open-scans.mjs";
import { Pairing } from "./pairing.mjs";
import { Pass } from "./pass.mjs";
import { Places } from "./places.mjs";
import { Reference } from "./reference.mjs";
import { Scanning } from "./scanning.mjs";
import { byId, Panels, Screen } from "./screen.mjs";
import { Sender } from "./sender.mjs";
import { ask as askLast, askList, askOn as ask, exclusively } from "./server.mjs";
import { Session } from "./session.mjs";
import { keepShell } from "./shell.mjs";
import { Intake, Sightings } from "./sightings.mjs";
import { SignOut } from "./sign-out.mjs";
import { Status } from "./status.mjs";
import { openStore } from "./store.mjs";
import { Together } from "./together.mjs";
import { Viewfinder } from "./viewfinder.mjs";
import { WalkIn } from "./walk-in.mjs";

const BEAT = 5000; // milliseconds: how soon a phone learns that it was revoked, or that there is a newer list

// What all rooms need

const app = document.querySelector("meta[name=app]").content;
const clock = clockOfThisRun();
const page = clock.run;
const bus = new Bus();
const store = await openStore(page);
const screen = new Screen();
const panels = new Panels();
const feel = new Feedback();
const battery = new Battery();

// What the phone knows

const pass = new Pass({ store, clock });
const guestList = new GuestList({ store, clock, fetchList: askList, pass, bus });
const initials = new HandOver({ store, panels });
const help = new Help({ store, ask, clock, bus });
const evacuation = new Evacuation({ pass });
const direction = new Direction({ bus, clock });
const acts = new LocalActs({ store, clock });
const openScans = new OpenScans();
const sightings = new Sightings();

// From a code to its verdict

const about = createAbout({ guestList, pass, initials, battery, page });
const sender = new Sender({ store, ask, clock, app, about, openScans, exclusively, pass, bus });
const places = new Places({ guestList, acts, pass });
const offline = new OfflineVerdict({ guestList, acts, pass, places });
const booking = new Booking({ acts, pass, screen, sightings, clock });
const scanning = new Scanning({
  store, sender, offline, booking, acts, openScans, screen, feel, clock, after, pass, direction, initials, bus,
});
const intake = new Intake({ scanning, sightings, direction, screen, clock, after, bus });

// What people see and press

const status = new Status({ pass, guestList, screen, feel, store, scanning, battery, places });
const override = new LeadOverride({ sender, clock, page });
const lead = new Lead({ panels, override, status, guestList });
const together = new Together({ panels, scanning });
const cards = new CardReader({ guestList, pass, scanning, lead, screen });
const reference = new Reference({ sender, panels, scanning, lead });
const names = new NameLookup({ sender, panels, scanning, lead, reference, initials, pass, screen });
const walkIn = new WalkIn({ sender, panels, lead, pass, page });
const viewfinder = new Viewfinder({ store, intake, reference, scanning });
const pairing = new Pairing({ ask, bus, store, pass, sender });
const drain = new Drain({ store, ask, clock, app, after, bus });
const goodbye = () => askLast("sign-out", { wiped: true });
const signOut = new SignOut({
  store, drain, goodbye, pairing, viewfinder, sender, scanning, screen, pass, acts, help, guestList,
});
const closing = new Closing({ store, sender, ask, signOut });
const session = new Session({
  ask, page, store, pass, guestList, acts, initials, help, direction, scanning, sender, drain, screen, feel, status,
  viewfinder, signOut, closing,
});
const controls = new Controls({
  screen, panels, feel, viewfinder, direction, pass, clock, store, ask, scanning, status, session, lead, signOut, together,
});
new HelpPanel({ panels, pass, help });

// Who listens to what

bus.on("answered", (answer, sent) => override.heard(answer, sent));
bus.on("answered", (answer, _sent, isFinal) => scanning.answered(answer, isFinal));
bus.on("heard", (body) => session.heard(body));
bus.on("heard", (body) => evacuation.heard(body));
bus.on("heard", () => names.look());
bus.on("heard", () => walkIn.look());
bus.on("connection", (now, toSend) => status.connection(now, toSend));
bus.on("connection", (now) => reference.connection(now));
bus.on("connection", (now) => names.connection(now));
bus.on("signed-out", (why) => signOut.signedOut(why));
bus.on("signed-out", () => walkIn.leave());
bus.on("signed-out", () => evacuation.hide());
bus.on("list-asked", (asked) => acts.known(asked));
bus.on("list-changed", () => status.list());
bus.on("not-ours", () => reference.open());
bus.on("card", (text) => cards.take(text));
bus.on("turned", (to, byItself) => status.turned(to, byItself));
bus.on("paired", () => evacuation.hide());
bus.on("paired", (given) => session.paired(given));
bus.on("erase", () => signOut.erase());
bus.on("left", (count) => signOut.show(count));
bus.on("handed-over", () => signOut.done());
bus.on("unpaired", () => signOut.lost());
bus.on("taken-over", () => location.reload());

addEventListener("pointerup", () => feel.rouse());
addEventListener("keydown", () => feel.rouse());
listen({ isOn: () => scanning.isOn() && !byId("door").hidden, onCodes: (texts) => intake.takeTyped(texts) });
addEventListener("hashchange", () => session.begins());
addEventListener("online", () => session.sendRest());
addEventListener("online", () => signOut.hurry());
addEventListener("beforeunload", (event) => status.unsent() !== 0 && !signOut.isOver() && event.preventDefault());
byId("leaving-send").addEventListener("click", () => signOut.hurry());
byId("leaving-send").addEventListener("click", () => closing.goOn());
document.addEventListener("visibilitychange", () => session.turnedOver());
battery.watch(() => status.bar());
setInterval(() => session.beat(), BEAT);
keepShell({
  version: app, isIdle: () => status.isIdle(), onNewer: () => status.newer(), onKept: (isKept) => status.kept(isKept),
});

await Promise.all([controls.recall(), initials.recall(), help.recall()]);
await session.begins();
