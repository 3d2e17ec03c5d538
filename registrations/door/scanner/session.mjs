// What this phone is: not paired, paired, scanning, or signed out; and what it does every few seconds.

import { byId, setText, showView } from "./screen.mjs";
import { fromBase64url } from "./sealing.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";
import { linkHelp } from "./start.mjs";
import { askToKeep, EVERYTHING } from "./store.mjs";

const PASS_EVERY = 12; // beats between two looks at the whole pass: hours and names change seldom
const FIRST_ANSWER = 3000; // milliseconds for the server, where the phone could start without it

/** `page` names this run of it. */
export class Session {
  #parts;
  #beats = 0;

  constructor(parts) {
    this.#parts = parts; // the rooms that a pass opens and closes
  }

  /** Of an earlier run of the page, or of the address, or asked of the server. */
  async begins() {
    const { signOut, pass, store, guestList } = this.#parts;
    if (location.hash.length > 1) return signOut.toPairing();
    if (await signOut.goesOn()) return;
    setText("waiting-says", "Asking the server which door this phone is for.");
    byId("ask-again").hidden = true;
    const kept = await pass.recall();
    if (store.isDurable()) await guestList.load(); // whatever becomes of the pass, a list whose time is over is erased
    try {
      await this.paired(await this.#askPass(kept ? FIRST_ANSWER : undefined));
    } catch (error) {
      await this.#notPaired(error, kept);
    }
  }

  /** Rows of another pass are sent under its mark; what the phone did then, or a call for help, is not of this door. */
  async paired(given) {
    const { drain, store, acts, help, pass } = this.#parts;
    await drain.forget();
    if ((await store.recall("pass"))?.id !== given.id) await Promise.all([acts.forgetAll(), help.forget()]);
    await pass.take(given);
    await this.#ready();
    await this.beat();
  }

  async begin({ isOnlineOnly = false } = {}) {
    const { status, feel, initials, screen, sender, viewfinder } = this.#parts;
    status.starts(isOnlineOnly);
    feel.wake();
    askToKeep();
    initials.takeFirst();
    await this.#takeUp();
    showView("door");
    screen.news("");
    await sender.report();
    viewfinder.start();
    this.sendRest();
  }

  /** Only while a steward can be told of what comes back. */
  sendRest() {
    if (this.#parts.scanning.isOn()) this.#parts.sender.hurry();
  }

  /** Every few seconds: nothing is kept past its time, and a phone that idles hears what is new. */
  async beat() {
    const { pass, signOut, guestList, direction, status, scanning, sender } = this.#parts;
    if (!pass.get() || signOut.isOver()) return;
    await guestList.look();
    direction.look();
    status.bar();
    if (document.hidden) return;
    await (scanning.isOn() ? sender.beat() : sender.idle());
    if (++this.#beats % PASS_EVERY === 0) await this.#lookAtPass();
  }

  /** The page is in sight again, or out of it. */
  async turnedOver() {
    if (document.hidden) return this.#parts.screen.hideNames();
    this.sendRest();
    await this.beat();
  }

  /** Every answer says which list is the newest, and how late it is. */
  async heard(body) {
    const { help, pass, store, guestList, signOut } = this.#parts;
    help.send();
    await pass.heard(body);
    if (!store.isDurable() || !Number.isInteger(body.version)) return;
    try {
      await guestList.follow(body.version);
    } catch (error) {
      if (error instanceof SignedOut) await signOut.signedOut(error.message);
    }
  }

  /** A proxy's refusal may be JSON too: it is no pass, and the one that is kept stays. */
  async #askPass(timeout) {
    const { ask, page } = this.#parts;
    const { body } = await ask(`pass?page=${page}`, undefined, timeout);
    if (!body?.pass) throw new NoAnswer("no pass in it");
    return body.pass;
  }

  async #notPaired(error, kept) {
    const { signOut, pass } = this.#parts;
    if (error instanceof SignedOut) return signOut.signedOut(error.message);
    if (kept && pass.secondsLeft() > 0) return this.#ready();
    setText("waiting-says", "No answer from the server. Call the lead if it does not come back.");
    byId("ask-again").hidden = false;
  }

  /** The pass says which door this is; the steward starts the rest with a tap, as camera and sound need one. */
  async #ready() {
    const { signOut, store, guestList, pass, status, sender } = this.#parts;
    signOut.stop(); // what is on the screen is of another pass, perhaps of another event
    if (store.isDurable()) await guestList.load();
    const { name, role, door, event } = pass.get();
    setText("start-name", name);
    setText("start-event", `${door.name}. ${event.title}, ${event.day}.`);
    setText("bar-door", door.name);
    setText("bar-device", name);
    linkHelp(role);
    showView("start");
    status.list();
    await sender.report();
  }

  /** What this phone has done and not sent, and the ticket codes of its event. */
  async #takeUp() {
    const { store, acts, guestList, scanning, pass } = this.#parts;
    const rows = await store.oldest(EVERYTHING);
    await acts.open(new Set(rows.map(({ id }) => id)), guestList.asked());
    const { event, pass_mark } = pass.get();
    scanning.begin(fromBase64url(event.salt), rows.filter((row) => !row.pass_mark || row.pass_mark === pass_mark));
  }

  async #lookAtPass() {
    const { sender, page, signOut, pass } = this.#parts;
    const given = await sender.timed(`pass?page=${page}`).then(({ body }) => body?.pass, () => null);
    if (!given || signOut.isOver()) return;
    await (given.id === pass.get()?.id ? pass.take(given) : this.paired(given)); // another tab may have paired it anew
  }
}
