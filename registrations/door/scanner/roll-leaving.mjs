// How a marshal's pass ends on this phone: everything is wiped, or it was lost and the phone waits for another one.

import { byId, setText, showView } from "./screen.mjs";
import { wipe } from "./wipe.mjs";

const REMEMBERED = ["pass", "highest", "camera", "left"];

/** `goodbye()` makes a last request: its answer tells the browser to erase everything. `stops` are what has to stop. */
export class RollLeaving {
  #parts;
  #isOver = false;
  #isHandingOver = false;
  #isBusy = false;

  constructor(parts) {
    this.#parts = parts; // {store, tickStore, pass, help, rollList, sender, goodbye, stops}
  }

  isOver() {
    return this.#isOver;
  }

  /** The server has ended this phone's pass. What was ticked is handed over first: it has no names. */
  async signedOut(why) {
    if (this.#isOver) return;
    if (why === "unpaired") return this.lost();
    this.#isOver = true;
    this.stop();
    await this.#erase();
    this.#isHandingOver = true;
    await this.goOn();
  }

  /** Call this every few seconds: there may be a network again. */
  async goOn() {
    if (!this.#isHandingOver || this.#isBusy) return;
    this.#isBusy = true;
    const isEmpty = await this.#parts.sender.handOver().finally(() => (this.#isBusy = false));
    if (!isEmpty) return this.show(await this.#parts.sender.count());
    this.#isHandingOver = false;
    await this.done();
  }

  /** Nobody knows this pass. Ticks that were not sent stay for the next one. */
  async lost() {
    this.#isOver = true;
    this.stop();
    await this.#erase();
    location.replace("/door/");
  }

  /** Whatever has a name is gone from the page and from memory. */
  stop() {
    for (const stop of this.#parts.stops) stop();
  }

  /** `left` is what the server does not have yet. */
  show(left) {
    const ticks = left === 1 ? "1 tick or print" : `${left} ticks and prints`;
    setText("leaving-says", `${ticks} still to send: keep this page open until there is a network.`);
    if (byId("leaving").hidden) showView("leaving");
  }

  /** Erases all, says so to the server, and ends on that page. */
  async done(page = "/door/over") {
    const { store, tickStore, goodbye } = this.#parts;
    this.#isOver = true;
    this.stop();
    store.close();
    tickStore.close();
    await wipe();
    await goodbye().catch(() => {}); // it throws: the answer that the pass has ended is all we need
    location.replace(page);
  }

  /** Everything but ticks and prints. */
  async #erase() {
    const { pass, help, rollList, store } = this.#parts;
    await help.forget();
    await rollList.destroy();
    pass.forget();
    await store.forget(REMEMBERED);
  }
}
