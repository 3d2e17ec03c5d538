// The state of this phone (not paired, paired, scanning, signed out), and what it does every few seconds.

import { byId, setText, showView } from "./screen.mjs";
import { fromBase64url } from "./sealing.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";
import { linkHelp } from "./start.mjs";
import { askToKeep, EVERYTHING } from "./store.mjs";

const PASS_EVERY = 12; // beats between two requests for the whole pass: hours and names seldom change
const FIRST_ANSWER = 3000; // milliseconds to wait for the server if the phone can start without it

/** `page` is the name of this run of the page. */
export class Session {
  #parts;
  #beats = 0;

  constructor(parts) {
    this.#parts = parts; // the rooms that a pass opens and closes
  }

  /** Starts with the pass of an earlier run, of the address, or from the server. */
  async begins() {
    const { signOut, pass, store, guestList } = this.#parts;
    if (location.hash.length > 1) return signOut.toPairing();
    if (await signOut.goesOn()) return;
    setText("waiting-says", "Asking the server which door this phone is for.");
    byId("ask-again").hidden = true;
    const kept = await pass.recall();
    if (store.isDurable()) await guestList.load(); // a list whose time is over is erased, whatever happens to the pass
    try {
      await this.paired(await this.#askPass(kept ? FIRST_ANSWER : undefined));
    } catch (error) {
      await this.#notPaired(error, kept);
    }
  }

  /** Rows of another pass keep its mark. Its acts and its call for help are forgotten: they belong to another door. */
  async paired(given) {
    const { drain, store, acts, help, pass } = this.#parts;
    await drain.forget();
    if ((await store.recall("pass"))?.id !== given.id) await Promise.all([acts.forgetAll(), help.forget()]);
    await pass.take(given);
    await this.#ready();
    if (!this.#isMarshals()) await this.beat();
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

  /** Only while the screen can show the answers to a steward. */
  sendRest() {
    if (this.#parts.scanning.isOn()) this.#parts.sender.hurry();
  }

  /** Call this every few seconds: erases what is past its time, and asks for news while nobody scans. */
  async beat() {
    const { pass, signOut, guestList, direction, status, scanning, sender, closing } = this.#parts;
    if (!pass.get() || signOut.isOver() || this.#isMarshals()) return;
    if (closing.isOn()) return closing.goOn();
    await guestList.look();
    direction.look();
    status.bar();
    if (document.hidden) return;
    await (scanning.isOn() ? sender.beat() : sender.idle());
    if (++this.#beats % PASS_EVERY === 0) await this.#lookAtPass();
  }

  /** The page was hidden, or is shown again. */
  async turnedOver() {
    if (document.hidden) return this.#parts.screen.hideNames();
    this.sendRest();
    await this.beat();
  }

  /** Every answer names the newest list, and the time. */
  async heard(body) {
    const { help, pass, store, guestList, signOut, closing } = this.#parts;
    help.send();
    await pass.heard(body);
    if (body.closing) return closing.begin();
    if (closing.isOn()) return this.#opensAgain();
    if (!store.isDurable() || !Number.isInteger(body.version)) return;
    try {
      await guestList.follow(body.version);
    } catch (error) {
      if (error instanceof SignedOut) await signOut.signedOut(error.message);
    }
  }

  #opensAgain() {
    this.#parts.closing.stop();
    location.reload();
  }

  /** A proxy's refusal may be JSON too: that is no pass, so the stored one stays. */
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
    setText("waiting-says", "No answer from the server. Tell an organiser if it does not come back.");
    byId("ask-again").hidden = false;
  }

  /** Shows the door of the pass. The steward starts the rest with a tap, which camera and sound need. */
  async #ready() {
    const { signOut, store, guestList, pass, status, sender, closing, screen } = this.#parts;
    if (this.#isMarshals()) return location.replace("/door/roll");
    signOut.stop(); // what is on the screen belongs to another pass, perhaps of another event
    if (pass.get().closing) return closing.begin();
    if (store.isDurable()) await guestList.load();
    const { name, role, door, event } = pass.get();
    setText("start-name", name);
    setText("start-event", `Paired with ${door.name}. ${event.title}, ${event.day}.`);
    setText("bar-door", door.name);
    setText("bar-device", name);
    linkHelp(role);
    screen.speaksTo(role, event.lead_phone);
    showView("start");
    status.list();
    await sender.report();
  }

  /** A marshal's phone takes the roll call, on a page of its own, and scans nothing. */
  #isMarshals() {
    return this.#parts.pass.get()?.role === "marshal";
  }

  /** Loads this phone's acts and unsent scans, and what it needs to read its event's codes. */
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
    await (given.id === pass.get()?.id ? pass.take(given) : this.paired(given)); // another tab may have paired it again
  }
}
