// A pairing code traded for this phone's pass. It stands in the address's fragment, or is typed; a tap spends it.

import { byId, setText, showView } from "./screen.mjs";
import { neverUsed, normalPairing } from "./ticket-code.mjs";

/**
 * `ask` reaches the server; `onPaired` gets the pass. `unsent()` is how many scans of an earlier pass are still here:
 * sent after it is over they wait for an organiser. The fragment leaves the address once it has been traded.
 */
export function createPairing({ ask, onPaired, unsent }) {
  const input = byId("pairing-code");
  const button = byId("pairing-form").querySelector("[type=submit]");
  let read = null; // from the address: never shown

  function show() {
    read = secretIn(location.hash);
    byId("pairing-ready").hidden = byId("pairing-by-hand").hidden = !read;
    byId("pairing-typed").hidden = !!read;
    setText("pairing-error", "");
    showView("pairing");
  }

  function byHand() {
    read = null;
    byId("pairing-ready").hidden = byId("pairing-by-hand").hidden = true;
    byId("pairing-typed").hidden = false;
    input.focus();
  }

  function mistake() {
    const letter = neverUsed(input.value);
    if (letter) return `That letter is never used: ${letter}`;
    return normalPairing(input.value) ? "" : "The code has 10 letters and numbers. Look again, or ask for a new one.";
  }

  async function pair(event) {
    event.preventDefault();
    const wrong = read ? "" : mistake();
    setText("pairing-error", wrong);
    if (wrong) return input.focus();
    button.disabled = true;
    try {
      await trade(read ?? normalPairing(input.value));
    } catch {
      setText("pairing-error", "No answer from the server. Try again.");
    } finally {
      button.disabled = false;
    }
  }

  async function trade(code) {
    const left = await unsent();
    if (left) return setText("pairing-error", `${left} not sent yet. They go first: find a network, then press again.`);
    const { status, body } = await ask("pair", { code });
    if (status !== 200) return setText("pairing-error", body.sentence);
    if (!body?.pass) throw new Error("an answer to something else");
    input.value = "";
    read = null;
    history.replaceState(null, "", location.pathname);
    await onPaired(body.pass);
  }

  input.addEventListener("input", () => {
    const letter = neverUsed(input.value);
    setText("pairing-error", letter && `That letter is never used: ${letter}`);
  });
  byId("pairing-form").addEventListener("submit", pair);
  byId("pairing-by-hand").addEventListener("click", byHand);
  return { show };
}

/** The secret in the address, as it stands; null when there is none, or something that is none of ours. */
function secretIn(hash) {
  return /^#[0-9A-Za-z_-]{10,64}$/.test(hash) ? hash.slice(1) : null;
}
