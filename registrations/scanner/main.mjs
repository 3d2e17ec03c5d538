// The door's page: puts its rooms together. Which of its four views shows is decided here, and nothing else.

import { createFeedback } from "./feedback.mjs";
import { createPairing } from "./pairing.mjs";
import { openPending } from "./pending.mjs";
import { createReference } from "./reference.mjs";
import { createScanning } from "./scanning.mjs";
import { byId, createPanels, createScreen, setText, showView } from "./screen.mjs";
import { fromBase64url } from "./sealing.mjs";
import { ask, SignedOut } from "./server.mjs";
import { SIGNS } from "./signs.mjs";
import { showChecks } from "./start.mjs";
import { createSync } from "./sync.mjs";
import { createViewfinder } from "./viewfinder.mjs";
import { wipe } from "./wipe.mjs";

const BEAT = 8000; // milliseconds: a revoked phone learns of it this soon
const ENDS_SOON = 1800; // seconds
const EVERYTHING = 10_000; // more rows than a phone ever keeps
const app = document.querySelector("meta[name=app]").content;
const clock = { wall: () => Date.now(), mono: () => performance.now(), run: String(Math.random()) };
const screen = createScreen();
const panels = createPanels();
const feel = createFeedback();
let durable = true;
const store = await openPending(() => (durable = false));
let pass = null; // this phone's, with {got}: when by the monotonic clock
let scanning = null;
let unsent = 0;
let over = false;

const sync = createSync({
  store,
  ask,
  clock,
  app,
  onAnswer: (answer, row, isFinal) => scanning?.answered(answer, row, isFinal),
  onLine(words, count) {
    unsent = count;
    screen.line(words, count);
  },
  onSignedOut: signedOut,
  exclusively: (work) =>
    navigator.locks ? navigator.locks.request("muster-door", { ifAvailable: true }, (lock) => lock && work()) : work(),
});
const viewfinder = createViewfinder({
  store,
  onFound: (found) => scanning.see(found),
  onRefused: () => reference.open(),
});
const reference = createReference({ ask: sync.timed, panels, scanning: () => scanning });
const pairing = createPairing({ ask, onPaired: paired });

async function whoAmI() {
  if (location.hash.length > 1) return pairing.show();
  setText("waiting-says", "Asking the server which door this phone is for.");
  byId("ask-again").hidden = true;
  try {
    paired((await ask("pass")).body.pass);
  } catch (error) {
    if (error instanceof SignedOut) return signedOut(error.message);
    setText("waiting-says", "No answer from the server. Use the paper list until it is back.");
    byId("ask-again").hidden = false;
  }
}

/** The pass says which door this is; the steward starts the rest with a tap, as camera and sound need one. */
function paired(given) {
  viewfinder.stop();
  scanning = null; // of another pass, perhaps of another event
  hold(given);
  setText("start-name", pass.name);
  setText("start-event", `${pass.door.name}. ${pass.event.title}, ${pass.event.day}.`);
  showChecks({ pass, durable, hasBuzz: feel.hasBuzz() });
  showView("start");
}

function hold(given) {
  pass = { ...given, got: clock.mono() };
  setText("bar-door", pass.door.name);
  setText("bar-device", pass.name);
  warn();
}

function warn() {
  const left = pass.seconds_left - (clock.mono() - pass.got) / 1000;
  const warnings = [
    left < ENDS_SOON && `This phone's pass ends at ${eventTime(left)}`,
    !durable && "Online only: this phone keeps nothing",
  ];
  screen.warning(warnings.filter(Boolean).join(". "));
}

/** The event's own hour and minute, so many seconds from now by the server's clock. */
function eventTime(seconds) {
  const at = pass.now + (clock.mono() - pass.got) / 1000 + seconds;
  const how = { timeZone: pass.zone, hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat("en-GB", how).format(at * 1000);
}

async function begin() {
  feel.wake();
  scanning = createScanning({
    salt: fromBase64url(pass.event.salt),
    unsent: await store.oldest(EVERYTHING),
    store,
    send: sync.sendNow,
    onUnanswered: sync.doubt,
    screen,
    feel,
    clock,
    timeOf: (ago) => eventTime(-ago),
    onInvalid: () => reference.open(),
    after: (milliseconds, work) => {
      const timer = setTimeout(work, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  showView("door");
  screen.hint("");
  await sync.report();
  viewfinder.start();
  sendRest();
}

/** Only while a steward can be told of what comes back. */
function sendRest() {
  if (scanning) sync.drain();
}

/** Keeps the bar true, and lets a revoked phone hear of it between two guests. */
async function beat() {
  if (!pass || document.hidden || over) return;
  try {
    hold((await sync.timed("pass")).body.pass);
  } catch {
    warn(); // the bar says Offline; whoever was signed out is on the way to another page
  }
}

async function signedOut(why) {
  if (over) return;
  if (why === "unpaired") {
    pass = null;
    viewfinder.stop();
    return pairing.show();
  }
  over = true;
  viewfinder.stop();
  sync.stop();
  screen.clear();
  store.close();
  await wipe();
  location.replace("/door/over");
}

async function signOut() {
  if (unsent) return setText("other-says", `${unsent} not sent yet. Wait, or press Send now, before you sign out.`);
  try {
    await ask("sign-out", {});
    await signedOut("device_revoked");
  } catch {
    setText("other-says", "No answer from the server. Try again.");
  }
}

function askUndo() {
  const { at } = scanning.lastEntry();
  setText("undoing-says", `Undo this phone's last entry, of ${eventTime((at - clock.mono()) / 1000)}?`);
  panels.open("undoing");
}

function help() {
  const phone = pass.event.lead_phone;
  setText("help-says", phone ? `Lead: ${phone}. In an emergency: 999.` : "Fetch the lead. In an emergency: 999.");
  byId("call-lead").hidden = !phone;
  byId("call-lead").href = `tel:${phone.replace(/[^+0-9]/g, "")}`;
  panels.open("help");
}

function switchHands() {
  const left = document.body.classList.toggle("left");
  byId("hand").setAttribute("aria-pressed", String(left));
  store.keep("left", left);
}

function cover(on) {
  if (on) screen.hideNames();
  byId("covered").hidden = !on;
  byId(on ? "covered" : "more").focus();
}

const taps = {
  "ask-again": whoAmI,
  "test-sound": async () => {
    await feel.wake();
    feel.sign(SIGNS.green);
  },
  begin,
  next: () => scanning.dismiss(),
  seen: () => scanning.dismiss(),
  undo: askUndo,
  "undo-it": () => {
    panels.close();
    scanning.undo();
  },
  "get-help": help,
  more: () => panels.open("other"),
  cover: () => {
    panels.close();
    cover(true);
  },
  covered: () => cover(false),
  "change-camera": () => {
    panels.close();
    viewfinder.change();
  },
  "send-now": sendRest,
  hand: switchHands,
  "sign-out": signOut,
};
for (const [id, work] of Object.entries(taps)) byId(id).addEventListener("click", work);
byId("verdict").addEventListener("click", () => byId("next").hidden || scanning.dismiss());
for (const id of ["undoing", "help", "other"]) byId(id).querySelector(".close").addEventListener("click", panels.close);
addEventListener("hashchange", whoAmI);
addEventListener("online", sendRest);
addEventListener("beforeunload", (event) => {
  if (unsent && !over) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return screen.hideNames();
  beat();
  sendRest();
});
setInterval(beat, BEAT);
if (await store.recall("left")) switchHands();
await whoAmI();
