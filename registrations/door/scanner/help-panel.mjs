// The panel of a call for help: the lead's number and 999 at once, and whether the organisers have been alerted.

import { after } from "./elapsed.mjs";
import { byId, setText, toCall } from "./screen.mjs";

const TAKEN_BACK_WITHIN = 10_000; // milliseconds; afterwards somebody is on the way, and the call stands

export class HelpPanel {
  #parts;
  #staysCalled = () => {}; // cancels that a call can no longer be taken back

  constructor(parts) {
    this.#parts = parts; // {panels, pass, help}
    byId("get-help").addEventListener("click", () => this.#getHelp());
    byId("take-back").addEventListener("click", () => this.#takeBack());
    byId("help").querySelector(".close").addEventListener("click", () => parts.panels.close());
  }

  /** Tells the board the door and the time, nothing else. Until the board knows, the lead's number is the only help. */
  async #getHelp() {
    const { pass, panels, help } = this.#parts;
    const { role, event } = pass.get();
    const phone = role === "door_lead" ? "" : event.lead_phone; // whoever holds a lead's phone is the lead
    const first = role === "door_lead" ? "" : phone ? `Lead: ${phone}. ` : "Fetch the lead. ";
    const says = `${first}In an emergency: 999.`;
    setText("help-says", says);
    byId("call-lead").hidden = !phone;
    byId("call-lead").href = toCall(phone);
    byId("take-back").hidden = false;
    this.#staysCalled();
    this.#staysCalled = after(TAKEN_BACK_WITHIN, () => this.#hideTakeBack());
    panels.open("help");
    const heard = await help.call();
    setText("help-says", `${says} ${heard ? "The organisers have been alerted." : "No network: the organisers do not know yet."}`);
  }

  #hideTakeBack() {
    const isThere = document.activeElement === byId("take-back");
    byId("take-back").hidden = true;
    if (isThere) byId("help").querySelector(".close").focus();
  }

  async #takeBack() {
    this.#staysCalled();
    this.#hideTakeBack();
    setText("help-says", "Taking it back");
    const heard = await this.#parts.help.takeBack();
    setText("help-says", heard ? "Taken back. The organisers see that too." : "No network: it will be taken back.");
  }
}
