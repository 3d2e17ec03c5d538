// A lead's card that was held to the camera: decides what the phone has asked the lead, and nothing else.

import { deriveCard, parseCard } from "./lead-card.mjs";
import { fromBase64url, toBase64url } from "./sealing.mjs";

const NOT_ASKED = "Lead's card: hold it up when the phone asks for it.";
const NOT_KNOWN = "This card is not on the guest list. Call an organiser.";

/** One decision each time that it is held up. The card itself is never stored; its proof goes with the decision. */
export class CardReader {
  #parts;

  constructor(parts) {
    this.#parts = parts; // {guestList, pass, scanning, lead, screen}
  }

  async take(text) {
    const { guestList, pass, scanning, lead, screen } = this.#parts;
    const secret = parseCard(text);
    if (secret === null || !pass.get()) return;
    const { id, proof } = await deriveCard(secret, fromBase64url(pass.get().event.salt));
    if (!guestList.isCard(id)) return screen.news(NOT_KNOWN);
    const card = toBase64url(proof);
    screen.news("");
    if (lead.wantsCard()) return lead.byCard(card);
    return scanning.wantsCard() ? scanning.byCard(card) : screen.news(NOT_ASKED);
  }
}
