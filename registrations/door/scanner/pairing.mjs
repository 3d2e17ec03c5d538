// A pairing code traded for this phone's pass. It stands in the address's fragment, or is typed; a tap spends it.

import { byId, setText, showView } from "./screen.mjs";
import { neverUsed, normalPairing } from "./ticket-code.mjs";

const TRIES = 5; // to bring what an earlier pass has not sent
const BETWEEN = 300; // milliseconds

/**
 * Scans of an earlier pass go first: sent after it is over they wait for an organiser. `bus` is told "paired" with the
 * pass. The fragment leaves the address once it has been traded.
 */
export class Pairing {
  #parts;
  #input = byId("pairing-code");
  #button = byId("pairing-form").querySelector("[type=submit]");
  #read = null; // from the address: never shown

  constructor(parts) {
    this.#parts = parts; // {ask, bus, store, pass, sender}
    this.#input.addEventListener("input", () => setText("pairing-error", wrongLetter(this.#input.value)));
    byId("pairing-form").addEventListener("submit", (event) => this.#pair(event));
    byId("pairing-by-hand").addEventListener("click", () => this.#byHand());
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
      this.#button.disabled = false;
    }
  }

  async #trade(code) {
    const left = await this.#unsent();
    if (left) return setText("pairing-error", `${left} not sent yet. They go first: find a network, then press again.`);
    const { status, body } = await this.#parts.ask("pair", { code });
    if (status !== 200) return setText("pairing-error", body.sentence);
    if (!body?.pass) throw new Error("an answer to something else");
    this.#input.value = "";
    this.#read = null;
    history.replaceState(null, "", location.pathname);
    await this.#parts.bus.tell("paired", body.pass);
  }

  /**
   * Of the pass that a new one is to replace: the last try to send them is now. What a phone cannot read it does not
   * wait for: it bears the mark of its pass.
   */
  async #unsent() {
    const { pass, store, sender } = this.#parts;
    if (!(pass.get() ?? (await pass.recall()))) return 0;
    let left = await store.count();
    for (let tries = 0; left && tries < TRIES; tries++) {
      await sender.hurry(); // returns at once where they are on their way already
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
      left = await store.count();
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

/** The secret in the address, as it stands; null when there is none, or something that is none of ours. */
function secretIn(hash) {
  return /^#[0-9A-Za-z_-]{10,64}$/.test(hash) ? hash.slice(1) : null;
}
