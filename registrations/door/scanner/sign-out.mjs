// How a pass ends on this phone: wiped at once, or, with scans unsent, once they are handed over; or it was lost.

import { byId, setText, showView } from "./screen.mjs";
import { wipe } from "./wipe.mjs";

const REMEMBERED = ["pass", "initials", "highest", "left", "camera"];

const FULL = "This phone cannot tell what is still to send: its storage is full. Keep this page open, and free some.";

/**
 * `goodbye()` asks once more, now that nothing is left: its answer tells the browser itself to forget. The
 * others are what has to stop, and what is to be erased.
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

  /** The server's last word to this phone. */
  async signedOut(why) {
    if (this.#isOver) return;
    if (why === "unpaired") return this.lost();
    this.#isOver = true;
    this.stop(); // before it is counted what is left: nothing comes after
    const left = await this.#parts.store.count();
    await (left === 0 ? this.done() : this.#parts.drain.begin());
  }

  /** Signed out by a lead, or as the pass was revoked meanwhile, and some scans are not sent. */
  async leave() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.stop();
    await this.#parts.drain.begin();
  }

  /** What is still to be sent goes with the next pass. */
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
    setText("pairing-unsent", `${scans(left)} from before still to send: pair this phone again.`);
    byId("pairing-unsent").hidden = left === 0;
    viewfinder.stop(); // nobody is let in unseen behind the page that asks for a code
    pairing.show();
  }

  /** True where an earlier run of the page was on its way out: then this one goes on with it. */
  async goesOn() {
    this.#isOver = await this.#parts.drain.isUnderWay();
    if (this.#isOver) this.#parts.drain.resume();
    return this.#isOver;
  }

  /** Nobody scans here any more, and what is on the screen is of nobody. */
  stop() {
    const { viewfinder, sender, scanning, screen } = this.#parts;
    viewfinder.stop();
    sender.stop();
    scanning.end();
    screen.rest();
  }

  /** There may be a network, or somebody has pressed the button. */
  hurry() {
    if (!this.#isOver) return;
    setText("leaving-says", "Trying to send");
    this.#parts.drain.hurry();
  }

  /** null where the phone cannot tell. */
  show(left) {
    const keeps = this.#parts.store.isDurable() ? "open this page where" : "keep this page open until";
    const says = left === null ? FULL : `${scans(left)} still to send: ${keeps} there is a network.`;
    setText("leaving-says", says);
    if (byId("leaving").hidden) showView("leaving");
  }

  async done() {
    const { store, goodbye } = this.#parts;
    store.close();
    await wipe();
    await goodbye().catch(() => {}); // its last word is what we came for
    location.replace("/door/over");
  }

  /** Everything but the scans that are still to be sent. */
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
