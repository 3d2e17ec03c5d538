// The door's page: puts its rooms together. Which of its views shows is decided here, and nothing else.

import { createAlone, NOTHING } from "./offline-verdict.mjs";
import { watchBattery } from "./battery.mjs";
import { createCarried } from "./guest-list.mjs";
import { wireControls } from "./controls.mjs";
import { createEnding } from "./sign-out.mjs";
import { createFeedback } from "./feedback.mjs";
import { createHandOver } from "./handover.mjs";
import { createHelp } from "./help.mjs";
import { listen } from "./keyboard.mjs";
import { createLead } from "./lead.mjs";
import { openOwn } from "./local-acts.mjs";
import { createPairing } from "./pairing.mjs";
import { createPass } from "./pass.mjs";
import { askToKeep, EVERYTHING, openPending } from "./store.mjs";
import { createReference } from "./reference.mjs";
import { createScanning } from "./scanning.mjs";
import { byId, createPanels, createScreen, setText, showView } from "./screen.mjs";
import { fromBase64url } from "./sealing.mjs";
import { ask, askList, NoAnswer, SignedOut } from "./server.mjs";
import { keepShell } from "./shell.mjs";
import { linkHelp } from "./start.mjs";
import { createSync } from "./sender.mjs";
import { createTold } from "./status.mjs";
import { createViewfinder } from "./viewfinder.mjs";
import { createWay } from "./direction.mjs";
import { createWord } from "./lead-override.mjs";

const BEAT = 5000; // milliseconds: a revoked phone learns of it, and any phone of a newer list, this soon
const PASS_EVERY = 12; // beats between two looks at the whole pass: hours and names change seldom
const FIRST_WORD = 3000; // milliseconds for the server, where the phone could start without it
const LEFT = 1; // a scan may be stored while an answer is on its way: until the page has stopped, one may be left
const app = document.querySelector("meta[name=app]").content;
const run = [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const clock = { wall: () => Date.now(), mono: () => performance.now(), run };
const screen = createScreen({ onTap: (word) => scanning.tap(word) });
const panels = createPanels();
const feel = createFeedback();
let durable = true;
const store = await openPending(() => (durable = false));
const asking = (path, body, timeout) => ask(path, body, timeout, LEFT);
const after = (milliseconds, work) => {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
};
const pass = createPass({ store, clock });
const carried = createCarried({
  store,
  clock,
  fetchList: async (version) => askList(version, LEFT),
  holder: pass.get,
  now: pass.now,
  onNews: (asked) => own?.known(asked),
  onChange: () => told.list(),
});
const holding = createHandOver({ store, panels });
const help = createHelp({ store, ask: asking, clock, onSignedOut: (why) => ending.signedOut(why) });
const way = createWay({ clock, onTurn: showWay });
let own = null;
let scanning = null;
let beats = 0;
const told = createTold({ pass, carried, screen, feel, isDurable: () => durable, scanning: () => scanning });

const sync = createSync({
  store,
  ask: asking,
  clock,
  app,
  about,
  onAnswer(answer, sent, isFinal) {
    word.heard(answer, sent);
    scanning?.answered(answer, isFinal);
  },
  onHeard: heard,
  isHeld: (id) => scanning?.isHeld(id) ?? false,
  hasMore: (answer, sent) => scanning?.hasMore(answer, sent) ?? false,
  onLine: told.line,
  onSignedOut: (why) => ending.signedOut(why),
  exclusively: (work) =>
    navigator.locks ? navigator.locks.request("muster-door", { ifAvailable: true }, (lock) => lock && work()) : work(),
});
const viewfinder = createViewfinder({
  store,
  onFound(found) {
    if (found.length) way.used();
    scanning.see(found);
  },
  onRefused: () => reference.open(),
  rests: () => scanning?.isUnderWay() ?? false,
});
const word = createWord({ ask: sync.timed, clock, page: run });
const lead = createLead({ panels, word, isOffline: told.isOffline });
const reference = createReference({ ask: sync.timed, panels, scanning: () => scanning, lead });
const pairing = createPairing({ ask: asking, onPaired: paired, unsent: unsentBefore });
const ending = createEnding({
  store, ask: asking, goodbye: () => ask("sign-out", {}), clock, app, after, isDurable: () => durable, stop: stopAll,
  erase, pairAnew,
});

async function whoAmI() {
  if (location.hash.length > 1) return ending.toPairing();
  if (await ending.goesOn()) return;
  setText("waiting-says", "Asking the server which door this phone is for.");
  byId("ask-again").hidden = true;
  const kept = await pass.recall();
  if (durable) await carried.load(); // whatever becomes of the pass, a list whose time is over is erased
  try {
    await paired(passIn(await asking(`pass?page=${run}`, undefined, kept ? FIRST_WORD : undefined)));
  } catch (error) {
    if (error instanceof SignedOut) return ending.signedOut(error.message);
    if (kept && pass.secondsLeft() > 0) return ready();
    setText("waiting-says", "No answer from the server. Use the paper list until it is back.");
    byId("ask-again").hidden = false;
  }
}

/** Nobody is let in unseen behind the page that asks for a code. */
function pairAnew() {
  viewfinder.stop();
  pairing.show();
}

/** A proxy's refusal may be JSON too: it is no pass, and the one that is kept stays. */
function passIn({ body }) {
  if (!body?.pass) throw new NoAnswer("no pass in it");
  return body.pass;
}

/** Of the pass that a new one is to replace: the last try to send them is now. */
async function unsentBefore() {
  if (!(pass.get() ?? (await pass.recall()))) return 0;
  let left = await store.count();
  for (let tries = 0; left && tries < 5; tries++) {
    await sync.hurry(); // returns at once where they are on their way already
    await new Promise((resolve) => setTimeout(resolve, 300));
    left = await store.count();
  }
  return left;
}

/** Rows of another pass are sent under its mark; what the phone did then, or a call for help, is not of this door. */
async function paired(given) {
  await ending.begun();
  if ((await store.recall("pass"))?.id !== given.id) await Promise.all([forgetActs(), help.forget()]);
  await pass.take(given);
  await ready();
  await beat();
}

/** The pass says which door this is; the steward starts the rest with a tap, as camera and sound need one. */
async function ready() {
  stopAll(); // what is on the screen is of another pass, perhaps of another event
  if (durable) await carried.load();
  const { name, role, door, event } = pass.get();
  setText("start-name", name);
  setText("start-event", `${door.name}. ${event.title}, ${event.day}.`);
  setText("bar-door", door.name);
  setText("bar-device", name);
  linkHelp(role);
  showView("start");
  told.list();
  await sync.report();
}

/** What this phone did at another door is nothing to this one. */
async function forgetActs() {
  own = null;
  await store.forgetActs((await store.acts()).map(({ proof }) => proof));
}

function showWay(to, byItself) {
  byId("door").classList.toggle("out", to === "out");
  setText("bar-way", to === "out" ? "Out" : "In");
  setText("turn", to === "out" ? "Count in" : "Count out");
  screen.news(byItself ? "Nobody left for 10 minutes: this phone counts in again" : "");
}

/** What the board is told of this phone. */
function about() {
  const list = carried.facts();
  const ours = { list_version: list?.version ?? 0, list_age: carried.age(), holder: holding.get(), page: run };
  return { ...ours, battery: told.battery(), clock_off: pass.get() && pass.clockOff() };
}

/** Every answer says which list is the newest, and how late it is. */
async function heard(body) {
  help.send();
  await pass.heard(body);
  if (!durable || !Number.isInteger(body.version)) return;
  await carried.follow(body.version).catch((error) => error instanceof SignedOut && ending.signedOut(error.message));
}

async function begin({ onlineOnly: agreed = false } = {}) {
  told.starts(agreed);
  feel.wake();
  askToKeep();
  holding.takeFirst();
  const rows = await store.oldest(EVERYTHING);
  own ??= await openOwn(store, new Set(rows.map(({ id }) => id)), clock, carried.asked());
  const alone = createAlone({
    carried, own, holder: pass.get, now: pass.now, clockOff: pass.clockOff, jumped: pass.jumped, hourOf: pass.hourOf,
  });
  scanning = createScanning({
    salt: fromBase64url(pass.get().event.salt),
    unsent: rows.filter(({ under }) => !under || under === pass.get().under),
    store,
    send: sync.sendNow,
    alone: durable ? alone : async () => NOTHING,
    own,
    way: way.get,
    holder: holding.get,
    under: () => pass.get().under ?? "",
    now: pass.now,
    onUnanswered: sync.doubt,
    screen,
    feel,
    clock,
    practising: () => pass.now() < (pass.get().door.opens ?? 0),
    timeOf: (ago) => pass.hourOf(pass.now() - ago),
    onInvalid: () => reference.open(),
    after,
  });
  showView("door");
  screen.news("");
  await sync.report();
  viewfinder.start();
  sendRest();
}

/** Only while a steward can be told of what comes back. */
function sendRest() {
  if (scanning) sync.hurry();
}

/** Every few seconds: nothing is kept past its time, and a phone that idles hears what is new. */
async function beat() {
  if (!pass.get() || ending.isOver()) return;
  await carried.look();
  way.look();
  told.bar();
  if (document.hidden) return;
  if (scanning) await sync.beat();
  else await sync.idle();
  if (++beats % PASS_EVERY !== 0) return;
  const given = await sync.timed(`pass?page=${run}`).then(passIn).catch(() => null);
  if (!given || ending.isOver()) return;
  await (given.id === pass.get()?.id ? pass.take(given) : paired(given)); // another tab may have paired it anew
}

function stopAll() {
  viewfinder.stop();
  sync.stop();
  scanning?.end();
  scanning = null;
  screen.clear();
  screen.unchanged();
  screen.canUndo(false);
}

/** Everything but the scans that are still to be sent. */
async function erase() {
  pass.forget();
  own?.close();
  await help.forget();
  await carried.destroy();
  await store.forget(["pass", "holder", "highest", "left", "camera"]);
  await forgetActs();
}

const controls = wireControls({
  screen,
  panels,
  feel,
  viewfinder,
  way,
  pass,
  clock,
  store,
  ask: asking,
  help,
  scanning: () => scanning,
  unsent: told.unsent,
  mayReload: told.mayReload,
  begin,
  askAgain: whoAmI,
  sendRest,
  ending,
  lead,
});
listen({
  isOn: () => scanning !== null && !byId("door").hidden,
  onCodes: (texts) => {
    way.used();
    scanning.takeTyped(texts);
  },
});
addEventListener("hashchange", whoAmI);
addEventListener("online", sendRest);
addEventListener("beforeunload", (event) => {
  if (told.unsent() && !ending.isOver()) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return screen.hideNames();
  beat();
  sendRest();
});
watchBattery(told.power);
setInterval(beat, BEAT);
keepShell({
  version: app,
  isIdle: () => scanning?.isIdle() && told.unsent() === 0 && told.isOnline(),
  onNewer: told.newer,
});
if (await store.recall("left")) controls.switchHands();
await holding.recall();
await help.recall();
await whoAmI();
