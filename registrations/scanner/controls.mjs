// What is within reach of the thumb: each button of the door's page, and what it does.

import { leadMay, SIGNS } from "./verdict-signs.mjs";
import { byId, setText } from "./screen.mjs";
import { SignedOut } from "./server.mjs";

/**
 * `scanning()` is whatever takes codes now, `pass` says whose phone it is, `unsent()` how many scans still wait.
 * `mayReload()` says why not to load the page anew now, "" where it may. `begin`, `askAgain` and `sendRest` are the
 * page's own. `lead` asks for the lead's word, `ending` ends the pass.
 */
export function wireControls(given) {
  const { screen, panels, feel, viewfinder, way, pass, clock, store, ask, help, scanning, unsent } = given;
  const { mayReload, begin, askAgain, sendRest, ending, lead } = given;
  let undoing = null; // the act that the steward was asked about: the camera may see the next guest meanwhile

  function askUndo() {
    const act = scanning().lastAct();
    const { at, way: went } = act;
    const hour = pass.hourOf(pass.now() - (clock.mono() - at) / 1000);
    const what = `this phone's last ${went === "in" ? "entry" : "exit"}, of ${hour}`;
    if (scanning().isLate(act)) {
      const { codes } = leadMay({ verdict: "undo_needs_lead" });
      const onCode = (code, isAlone) => scanning().undo(act, code, isAlone);
      return lead.decide({ says: `Lead: why is ${what}, taken back?`, codes, onCode });
    }
    undoing = act;
    setText("undoing-says", `Undo ${what}?`);
    panels.open("undoing");
  }

  /** The board hears of it, with door and time only; while it has not, the number is all there is. */
  async function getHelp() {
    const phone = pass.get().event.lead_phone;
    const says = phone ? `Lead: ${phone}. In an emergency: 999.` : "Fetch the lead. In an emergency: 999.";
    setText("help-says", says);
    byId("call-lead").hidden = !phone;
    byId("call-lead").href = `tel:${phone.replace(/[^+0-9]/g, "")}`;
    panels.open("help");
    const heard = await help.call();
    setText("help-says", `${says} ${heard ? "The board has been told." : "No network: the board does not know yet."}`);
  }

  /** It is about what stands on the screen now: that may be gone by the time the lead has decided. */
  function leadDecides() {
    const asked = scanning().question();
    if (asked) lead.decide({ ...asked, onCode: (code, isAlone) => scanning().decide(asked, code, isAlone) });
  }

  function switchHands() {
    const left = document.body.classList.toggle("left");
    byId("hand").setAttribute("aria-pressed", String(left));
    store.keep({ left });
  }

  function cover(on) {
    if (on) screen.hideNames();
    byId("covered").hidden = !on;
    byId(on ? "covered" : "more").focus();
  }

  async function signOut() {
    byId("leave").hidden = !unsent();
    if (unsent()) return setText("other-says", `${unsent()} not sent yet. Wait, press Send now, or fetch the lead.`);
    try {
      await ask("sign-out", {});
      await ending.signedOut("device_revoked");
    } catch (error) {
      if (error instanceof SignedOut) return ending.signedOut(error.message);
      setText("other-says", "No answer from the server. Try again.");
    }
  }

  /** What is not sent stays on the phone, and nothing else. */
  function leaveUnsent() {
    const says = `Lead: sign out with ${unsent()} not sent? This phone keeps them, and scans no more.`;
    lead.decide({ says, codes: [["leave", "Sign out"]], onCode: ending.leave });
  }

  /** Never while a scan waits: the page that has it in hand may finish. */
  function update() {
    const not = mayReload();
    if (not) return setText("other-says", not);
    location.reload();
  }

  const closing = (work) => () => {
    panels.close();
    work();
  };
  const taps = {
    "ask-again": askAgain,
    "test-sound": async () => {
      await feel.wake();
      feel.sign(SIGNS.green);
    },
    begin: () => begin(),
    "begin-online": () => begin({ onlineOnly: true }),
    next: () => scanning().dismiss(),
    seen: () => scanning().dismiss(),
    undo: askUndo,
    "lead-decides": leadDecides,
    "undo-it": closing(() => scanning().undo(undoing)),
    "get-help": getHelp,
    more: () => panels.open("other"),
    bar: () => panels.open("other"),
    turn: closing(way.turn),
    cover: closing(() => cover(true)),
    covered: () => cover(false),
    "change-camera": closing(viewfinder.change),
    "send-now": sendRest,
    hand: switchHands,
    update,
    "sign-out": signOut,
    leave: leaveUnsent,
  };
  for (const [id, work] of Object.entries(taps)) byId(id).addEventListener("click", work);
  const isLeads = () => !byId("lead").hidden || !byId("deciding").hidden; // who is deciding on it just now
  byId("verdict").addEventListener("click", () => byId("next").hidden || isLeads() || scanning().dismiss());
  for (const panel of document.querySelectorAll("#undoing, #help, #other, #handing")) {
    panel.querySelector(".close").addEventListener("click", panels.close);
  }
  return { switchHands };
}
