// How a pass ends on this phone: it is wiped at once, or after unsent scans are handed over; or the pass was lost.

import { byId, setText, showView } from "./screen.mjs";
import { wipe } from "./wipe.mjs";

const REMEMBERED = ["pass", "initials", "highest", "left", "camera"];

const FULL = "This phone cannot tell what is still to send: its storage is full. Keep this page open, and free some.";
const IN_OTHER_TAB =
  "This phone cannot tell what is still to send: another tab has some. Open that tab, and keep this page open.";

/**
 * `goodbye()` makes a last request when nothing is left: its answer tells the browser to erase everything. The other
 * parts are what has to stop, and what has to be erased.
 */
export class SignOut {
  #parts;
  #isOver = false;

  constructor(parts) {
    this.#parts = parts; // {store, drain, goodbye, pairing, viewfinder, sender, scanning, screen, pass, acts, help, guestList}
  }

  isOver() {
    return this.#isOver;
  }

  /** The server has ended this phone's pass. */
  async signedOut(why) {
    if (this.#isOver || this.#parts.pairing.isTrading()) return; // a pass that has ended will be told of again
    if (why === "unpaired") return this.lost();
    this.#isOver = true;
    this.stop(); // before the scans are counted, so that no more come
    const left = await this.#parts.store.count();
    await (left === 0 ? this.done() : this.#parts.drain.begin());
  }

  /** Signed out by a lead, or because the pass was revoked in the meantime, with unsent scans. */
  async leave() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.stop();
    await this.#parts.drain.begin();
  }

  /** The phone has lost its pass. Unsent scans are sent with the next one. */
  async lost() {
    this.stop();
    await this.erase();
    await this.toPairing();
  }

  async toPairing() {
    const { drain, store, pairing, viewfinder } = this.#parts;
    drain.pause();
    this.#isOver = false;
    const left = await store.count();
    const where = store.areInOtherTab() ? ", in another tab: keep that open, and" : ":";
    setText("pairing-unsent", `${scans(left)} from before still to send${where} pair this phone again.`);
    byId("pairing-unsent").hidden = left === 0;
    viewfinder.stop(); // so that no scan happens behind the page that asks for a code
    pairing.show();
  }

  /** True if an earlier run of the page was signing out: then this run continues. */
  async goesOn() {
    this.#isOver = await this.#parts.drain.isUnderWay();
    if (this.#isOver) this.#parts.drain.resume();
    return this.#isOver;
  }

  /** Stops scanning, and clears the screen. */
  stop() {
    const { viewfinder, sender, scanning, screen } = this.#parts;
    viewfinder.stop();
    sender.stop();
    scanning.end();
    screen.rest();
  }

  /** There may be a network again, or somebody has pressed the button. */
  hurry() {
    if (!this.#isOver) return;
    setText("leaving-says", "Trying to send");
    this.#parts.drain.hurry();
  }

  /** `left` is null if the phone cannot tell. */
  show(left) {
    const { store } = this.#parts;
    const keeps = store.isDurable() ? "open this page where" : "keep this page open until";
    const unknown = store.areInOtherTab() ? IN_OTHER_TAB : FULL;
    setText("leaving-says", left === null ? unknown : `${scans(left)} still to send: ${keeps} there is a network.`);
    if (byId("leaving").hidden) showView("leaving");
  }

  /** Nothing is left on this phone: erases all, says so to the server, and ends on that page. */
  async done(page = "/door/over") {
    const { store, goodbye } = this.#parts;
    this.#isOver = true;
    store.close();
    await wipe();
    await goodbye().catch(() => {}); // it throws: the answer that the pass has ended is all we need
    location.replace(page);
  }

  /** Erases everything except the unsent scans. */
  async erase() {
    const { pass, help, guestList, store, acts } = this.#parts;
    pass.forget();
    acts.close();
    await help.forget();
    await guestList.destroy();
    await store.forget(REMEMBERED);
    await acts.forgetAll();
  }
}

function scans(count) {
  if (count === null) return "Some scans";
  return count === 1 ? "1 scan" : `${count} scans`;
}
