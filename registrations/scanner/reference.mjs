// A reference typed at the door: found by the server, shown, and let in by one more tap.

import { byId, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";
import { neverUsed, normalReference } from "./ticket-code.mjs";

/**
 * `ask` reaches the server; `scanning()` shows who was found, and lets them in by the same scan as any other. `lead`
 * opens typing again, where it was wrong too often.
 */
export function createReference({ ask, panels, scanning, lead }) {
  const input = byId("reference-code");
  let proof = null;

  const say = (words) => setText("reference-says", words);

  /** Opened for a steward who did not ask for it, it leaves the focus, and the keyboard, where they are. */
  function open(focus = false) {
    proof = null;
    panels.open("reference", focus);
  }

  function close() {
    proof = null;
    input.value = "";
    say("");
    panels.close();
  }

  async function find(event) {
    event.preventDefault();
    const reference = normalReference(input.value);
    if (!reference) return say(complaint(input.value));
    say("Looking it up");
    const before = scanning().onScreen();
    const asked = await ask("reference", { reference }).catch(noAnswer);
    if (asked && isTheirs(before)) answer(asked.body);
  }

  /** Not once the panel has been left, nor over the verdict on whoever came before the camera meanwhile. */
  function isTheirs(before) {
    if (byId("reference").hidden) return false;
    const shown = scanning()?.onScreen();
    if (shown === null || shown === before) return true;
    say("Somebody else was scanned meanwhile. Press Find again.");
    return false;
  }

  function noAnswer(error) {
    if (error instanceof SignedOut) return; // the page is on its way out
    say("No answer. References need the network: try again, or use the paper list.");
  }

  /** Never a word on why: what four different answers mean is the lead's to know. */
  function answer({ found, sentence, ask_lead, error, seconds, lead: locked }) {
    if (locked) return lock();
    if (error === "slow") return say(`Wait ${seconds} seconds, then try again.`);
    if (!ask_lead && !found) return say(sentence ?? "Not found. Look again, or call the lead.");
    close();
    if (ask_lead) return scanning().tell({ verdict: "ask_lead", ...ask_lead });
    proof = found.proof;
    scanning().offer(found);
    panels.open("found");
  }

  /** What was typed stays. */
  function lock() {
    say("Typing is locked: too many references were wrong. The lead's PIN opens it again.");
    byId("unlock").hidden = false;
    byId("unlock").focus({ preventScroll: true });
  }

  function unlocked() {
    open(true);
    say("");
    byId("unlock").hidden = true;
  }

  input.addEventListener("input", () => say(neverUsed(input.value) && complaint(input.value)));
  byId("reference").addEventListener("submit", find);
  byId("reference").querySelector(".close").addEventListener("click", close);
  byId("unlock").addEventListener("click", () => lead.decide({ onWord: unlocked }));
  byId("type-reference").addEventListener("click", () => open(true));
  byId("not-them").addEventListener("click", () => {
    scanning().dismiss();
    close();
  });
  byId("let-in").addEventListener("click", () => {
    const chosen = proof;
    close();
    if (chosen) scanning().letIn(chosen);
  });

  return { open, close };
}

function complaint(typed) {
  const letter = neverUsed(typed);
  return letter ? `That letter is never used: ${letter}` : "A reference has 6 letters and numbers, like HK7-4QD.";
}
