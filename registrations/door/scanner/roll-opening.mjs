// Begins a roll call on this phone, and opens its list: with the server's key while one runs, or with the key card.

import { fromBase64url } from "./sealing.mjs";

const WAITS = 60_000; // milliseconds that a card which was read waits for somebody to say what it is for
const NO_KEY = "This phone has no key yet. Hold the key card to the camera, or wait for the network.";
const OFFLINE = "The roll call has begun on this phone. Hold the key card to the camera to open the list.";
const IS_OPEN = "The list is open already.";
const NOT_IT = "The list does not open with this key. Wait for the network.";

/**
 * `after(milliseconds, work)` returns a function that cancels it. `bus` is told "starting" when somebody has to say what
 * the roll call is for, and "opened" once the list is open.
 */
export class RollOpening {
  #parts;
  #card = null; // the key of a card, while nobody has said yet whether it is for an evacuation or a drill
  #isWanted = false; // somebody has pressed for the list, and the server's key is on its way
  #forgets = () => {};

  constructor(parts) {
    this.#parts = parts; // {rollCall, rollList, sender, screen, after, bus}
  }

  /** A tap while a roll call runs. */
  async byServer() {
    const { rollCall, screen } = this.#parts;
    const key = bytesOf(rollCall.key());
    return key ? this.#open(key) : screen.say(NO_KEY);
  }

  /** The card was held up. It opens the list of the roll call that runs, or asks what to begin. */
  async byCard(key) {
    const { rollCall, rollList, screen, after, bus } = this.#parts;
    if (rollList.isOpen()) return screen.say(IS_OPEN); // it may hang from a marshal's neck before the camera
    if (rollCall.get()) return this.#open(key);
    this.forget();
    this.#card = key;
    this.#forgets = after(WAITS, () => this.forget());
    return bus.tell("starting");
  }

  /** A real one or a drill. The server is told at once, or as soon as there is a network. */
  async start(kind) {
    const { rollCall, rollList, sender, screen } = this.#parts;
    const card = this.#card;
    this.#card = null; // so that forgetting it later does not wipe what is in use
    this.forget();
    await rollCall.begin(kind);
    if (card) await this.#open(card);
    this.#isWanted = !card;
    await sender.hurry();
    if (!rollList.isOpen()) screen.say(OFFLINE);
  }

  /** Call this when the server has said what is running. */
  async look() {
    const key = bytesOf(this.#parts.rollCall.key());
    if (!this.#isWanted || !key) return;
    this.#isWanted = false;
    await this.#open(key);
  }

  forget() {
    this.#forgets();
    this.#card?.fill(0);
    this.#card = null;
    this.#isWanted = false;
  }

  /** The list may have been sealed under another key since. */
  async #open(key) {
    const { rollList, screen, bus } = this.#parts;
    const isOpen = (await rollList.open(key)) || (await this.#openNewer(key));
    if (!isOpen) return screen.say(NOT_IT);
    await bus.tell("opened");
  }

  async #openNewer(key) {
    const { rollList } = this.#parts;
    await rollList.refresh().catch(() => {});
    return rollList.open(key);
  }
}

const bytesOf = (key) => (key ? fromBase64url(key) : null);
