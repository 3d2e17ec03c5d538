// What a lead decides on a steward's phone: the PIN is asked for, then the reason. With no network a tap stands for it.

import { byId, element, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";

const SETTLES = 350; // milliseconds: the second half of a double tap is no reason
const ALONE = "No network: a tap counts as the lead's word, and is recorded.";

/** `isOffline()` says that a PIN could not be checked now. */
export function createLead({ panels, word, isOffline }) {
  const input = byId("lead-pin");
  let offered = 0; // when the reasons came up
  let asked = null; // {says, codes, onCode(code, isAlone)}, or {onWord} where the word alone is wanted

  const say = (words) => setText("lead-says", words);

  function decide(question) {
    asked = question;
    if (isOffline()) return alone();
    if (question.codes && word.stands()) return offer(question.says, false);
    input.value = "";
    say("");
    panels.open("lead");
  }

  /** A PIN is never checked on the phone, where six digits fall in a second. */
  function alone() {
    if (asked.codes) return offer(`${asked.says} ${ALONE}`, true);
    panels.open("lead");
    say("No answer from the server: this needs the network.");
  }

  function offer(says, isAlone) {
    setText("deciding-says", says);
    for (const old of byId("reasons").querySelectorAll(".main")) old.remove();
    byId("reasons").prepend(...asked.codes.map(([code, label]) => button(code, label, isAlone)));
    offered = performance.now();
    panels.open("deciding");
  }

  function button(code, label, isAlone) {
    const made = element("button", "main", label);
    made.type = "button";
    made.addEventListener("click", () => {
      if (performance.now() - offered >= SETTLES) closing(({ onCode }) => onCode(code, isAlone));
    });
    return made;
  }

  async function check(event) {
    event.preventDefault();
    const [pin, question] = [input.value, asked];
    input.value = "";
    say("Checking the PIN");
    const wrong = await word.give(pin).catch((error) => error);
    if (asked !== question || byId("lead").hidden || wrong instanceof SignedOut) return; // left meanwhile
    if (wrong instanceof Error) return alone();
    if (!wrong) return question.codes ? offer(question.says, false) : closing(({ onWord }) => onWord());
    say(wrong);
    input.focus({ preventScroll: true });
  }

  function closing(work) {
    const question = asked;
    close();
    if (question) work(question);
  }

  function close() {
    asked = null;
    input.value = "";
    panels.close();
  }

  byId("lead").addEventListener("submit", check);
  for (const panel of ["lead", "deciding"]) byId(panel).querySelector(".close").addEventListener("click", close);
  return { decide };
}
