// Exchanges a pairing code for this phone's pass. The code is in the address's fragment, or is typed; a tap uses it up.

import { byId, setText, showView } from "./screen.mjs";
import { EVERYTHING } from "./store.mjs";
import { neverUsed, normalPairing } from "./ticket-code.mjs";

const TRIES = 5; // to send what an earlier pass has not sent
const BETWEEN = 300; // milliseconds

/**
 * Scans of an earlier pass are sent first: once that pass is over, they would have to wait for an organiser. `bus` is
 * told "paired" with the pass. The fragment is removed from the address once it has been exchanged.
 */
export class Pairing {
  #parts;
  #input = byId("pairing-code");
  #button = byId("pairing-form").querySelector("[type=submit]");
  #read = null; // from the address: never shown
  #isTrading = false;

  constructor(parts) {
    this.#parts = parts; // {ask, bus, store, pass, sender}
    this.#input.addEventListener("input", () => setText("pairing-error", wrongLetter(this.#input.value)));
    byId("pairing-form").addEventListener("submit", (event) => this.#pair(event));
    byId("pairing-by-hand").addEventListener("click", () => this.#byHand());
  }

  /** While a code is exchanged: the pass before may end first, and that is no end of the one that comes. */
  isTrading() {
    return this.#isTrading;
  }

  show() {
    this.#read = secretIn(location.hash);
    byId("pairing-ready").hidden = byId("pairing-by-hand").hidden = !this.#read;
    byId("pairing-typed").hidden = !!this.#read;
    setText("pairing-error", "");
    showView("pairing");
  }

  #byHand() {
    this.#read = null;
    byId("pairing-ready").hidden = byId("pairing-by-hand").hidden = true;
    byId("pairing-typed").hidden = false;
    this.#input.focus();
  }

  async #pair(event) {
    event.preventDefault();
    const wrong = this.#read ? "" : mistakeIn(this.#input.value);
    setText("pairing-error", wrong);
    if (wrong) return this.#input.focus();
    this.#button.disabled = true;
    try {
      await this.#trade(this.#read ?? normalPairing(this.#input.value));
    } catch {
      setText("pairing-error", "No answer from the server. Try again.");
    } finally {
      this.#button.disabled = this.#isTrading = false;
    }
  }

  async #trade(code) {
    const left = await this.#unsent();
    if (left) return setText("pairing-error", `${left} not sent yet. They go first: find a network, then press again.`);
    this.#isTrading = true;
    const { status, body } = await this.#parts.ask("pair", { code });
    if (status !== 200) return setText("pairing-error", body.sentence);
    if (!body?.pass) throw new Error("an answer to something else");
    this.#input.value = "";
    this.#read = null;
    history.replaceState(null, "", location.pathname);
    await this.#parts.bus.tell("paired", body.pass);
  }

  /**
   * Scans of the pass that the new one will replace: this is the last try to send them. The phone does not wait for
   * rows that this page cannot read, since each carries the mark of its pass.
   */
  async #unsent() {
    const { pass, store, sender } = this.#parts;
    if (!(pass.get() ?? (await pass.recall()))) return 0;
    const readable = async () => (await store.oldest(EVERYTHING)).length;
    let left = await readable();
    for (let tries = 0; left && tries < TRIES; tries++) {
      await sender.hurry(); // returns at once if they are already being sent
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
      left = await readable();
    }
    return left;
  }
}

function wrongLetter(typed) {
  const letter = neverUsed(typed);
  return letter && `That letter is never used: ${letter}`;
}

function mistakeIn(typed) {
  if (neverUsed(typed)) return wrongLetter(typed);
  return normalPairing(typed) ? "" : "The code has 10 letters and numbers. Look again, or ask for a new one.";
}

/** The secret in the address; null if there is none, or if it is not one of ours. */
function secretIn(hash) {
  return /^#[0-9A-Za-z_-]{10,64}$/.test(hash) ? hash.slice(1) : null;
}
