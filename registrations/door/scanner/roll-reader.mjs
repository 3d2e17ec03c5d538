// What the camera or a wedge scanner reads on a marshal's phone: the key card, or a guest's ticket at the assembly point.

import { deriveKeyCard, parseKeyCard } from "./key-card.mjs";
import { derive, fromBase64url, toHex } from "./sealing.mjs";
import { choose } from "./sightings.mjs";
import { parse } from "./ticket-code.mjs";

const NO_LIST = "There is no list on this phone yet. Wait for the network.";
const OTHER_CARD = "This card does not open the list. Use the newest card, or wait for the network.";
const NOT_OURS = "Neither a key card nor a ticket.";

/**
 * The card's secret and the ticket's are kept nowhere. `bus` is told "key" (32 bytes that open the list) and "guest"
 * (the id that the list knows a ticket by). `say(words)` shows what else there is to say.
 */
export class RollReader {
  #parts;

  constructor(parts) {
    this.#parts = parts; // {pass, rollList, sightings, clock, screen, bus}
  }

  /** Takes the codes of one picture of the camera: [{text, off}]. */
  see(found) {
    const { text, two } = choose(found);
    if (two) this.#parts.screen.say("One code at a time.");
    return text === undefined ? undefined : this.take(text);
  }

  takeTyped(texts) {
    return Promise.all([...new Set(texts)].map((text) => this.take(text)));
  }

  /** Once while it is in view. */
  async take(text) {
    const { pass, sightings, clock, screen } = this.#parts;
    if (!pass.get() || !sightings.take(text, clock.mono(), true)) return;
    const [card, ticket] = [parseKeyCard(text), parse(text).secret];
    if (card) return this.#card(card);
    return ticket ? this.#ticket(ticket) : screen.say(NOT_OURS);
  }

  async #card(secret) {
    const { pass, rollList, screen, bus } = this.#parts;
    const { id, key } = await deriveKeyCard(secret, fromBase64url(pass.get().event.salt));
    const facts = rollList.facts();
    if (facts?.key !== toHex(id)) return screen.say(facts ? OTHER_CARD : NO_LIST);
    return bus.tell("key", key);
  }

  async #ticket(secret) {
    const { id } = await derive(secret, fromBase64url(this.#parts.pass.get().event.salt));
    return this.#parts.bus.tell("guest", toHex(id));
  }
}
