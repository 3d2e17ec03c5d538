// A marshal's phone from its pass to the end: what it does every few seconds, and what the server's answers mean.

import { since, stamp } from "./elapsed.mjs";
import { byId, setText, showView } from "./screen.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";
import { askToKeep } from "./store.mjs";

const PASS_EVERY = 12; // beats between two requests for the whole pass
const FIRST_ANSWER = 3000; // milliseconds to wait for the server if the phone can start without it
const HIDDEN = 900; // seconds: a page that nobody has looked at for so long forgets the key

export class RollSession {
  #parts;
  #beats = 0;
  #hiddenSince = null;

  constructor(parts) {
    this.#parts = parts; // {ask, page, clock, pass, rollList, rollCall, ticks, prints, sender, help, opening, closing, leaving, screen, status, wakeLock}
  }

  /** Starts with the pass of an earlier run, or from the server. Only the scanner's page pairs a phone. */
  async begins() {
    if (location.hash.length > 1) return location.replace(`/door/${location.hash}`);
    byId("ask-again").hidden = true;
    setText("waiting-says", "Asking the server whose phone this is.");
    const { pass, ticks, prints } = this.#parts;
    const [kept] = await Promise.all([pass.recall(), ticks.load(), prints.load()]); // handed over even if the pass has ended
    try {
      await this.#paired(await this.#askPass(kept ? FIRST_ANSWER : undefined));
    } catch (error) {
      await this.#notPaired(error, kept);
    }
  }

  /** Call this every few seconds, also while nobody looks: what is past its time is destroyed on time. */
  async beat() {
    const { pass, leaving, closing, rollCall, sender, status } = this.#parts;
    if (leaving.isOver()) return leaving.goOn();
    if (!pass.get()) return;
    if (closing.isOn()) return this.#goesOnClosing();
    await rollCall.look();
    this.#lookAway();
    status.bar();
    await sender.beat(); // first: the server draws the list's key when it hears of a marshal
    if (leaving.isOver() || closing.isOn()) return;
    await this.#lookAtList();
    if (++this.#beats % PASS_EVERY === 0) await this.#lookAtPass();
  }

  async turnedOver() {
    if (document.hidden) return void (this.#hiddenSince ??= stamp(this.#parts.clock));
    this.#lookAway();
    this.#hiddenSince = null;
    await this.beat();
  }

  async heard(body) {
    const { help, pass, closing, rollList, rollCall, opening } = this.#parts;
    help.send();
    await pass.heard(body);
    await rollCall.heard(body);
    if (this.#hasToClose(body)) return closing.begin();
    if (closing.isOn()) return this.#opensAgain();
    rollList.expects(body.key_id);
    await opening.look();
  }

  /** An evacuation that began here comes first: once the server has heard of it, it says when this phone closes. */
  #hasToClose({ closing }) {
    return closing === true && this.#parts.rollCall.news()?.kind !== "real";
  }

  /** Asks first: the door may be open again, or wait for this phone, since a roll call has begun. */
  async #goesOnClosing() {
    await this.#parts.sender.drain();
    await this.#parts.closing.goOn();
  }

  #opensAgain() {
    this.#parts.closing.stop();
    location.reload();
  }

  async #paired(given) {
    await this.#parts.pass.take(given);
    await this.#ready();
  }

  async #askPass(timeout) {
    const { ask, page } = this.#parts;
    const { body } = await ask(`pass?page=${page}`, undefined, timeout);
    if (!body?.pass) throw new NoAnswer("no pass in it");
    return body.pass;
  }

  async #notPaired(error, kept) {
    const { leaving, pass } = this.#parts;
    if (error instanceof SignedOut) return leaving.signedOut(error.message);
    if (kept && pass.secondsLeft() > 0) return this.#ready();
    setText("waiting-says", "No answer from the server. Tell an organiser if it does not come back.");
    byId("ask-again").hidden = false;
  }

  async #ready() {
    const { pass, closing, rollList, rollCall, screen, status, wakeLock } = this.#parts;
    if (pass.get().role !== "marshal") return location.replace("/door/");
    await rollList.load();
    await rollCall.load();
    if (this.#hasToClose(pass.get())) return closing.begin();
    setText("bar-door", pass.get().event.title);
    setText("bar-device", pass.get().name);
    showView("roll");
    screen.draw();
    status.list();
    wakeLock.hold();
    askToKeep();
    await this.beat();
  }

  async #lookAtList() {
    const { rollList, leaving, sender } = this.#parts;
    try {
      await rollList.look();
    } catch (error) {
      if (error instanceof SignedOut) await leaving.signedOut(error.message);
      else await sender.report();
    }
  }

  /** Nobody has looked at the page for a quarter of an hour: the list is sealed again. */
  #lookAway() {
    const { clock, rollList, screen } = this.#parts;
    if (!this.#hiddenSince || since(this.#hiddenSince, clock) < HIDDEN || !rollList.isOpen()) return;
    rollList.seal();
    screen.draw();
    screen.say("Sealed again: this page was not shown for 15 minutes.");
  }

  async #lookAtPass() {
    const { leaving, pass } = this.#parts;
    const given = await this.#askPass().catch(() => null);
    if (!given || leaving.isOver()) return;
    if (given.role !== "marshal" || given.id !== pass.get()?.id) return location.replace("/door/"); // paired again elsewhere
    await pass.take(given);
  }
}
