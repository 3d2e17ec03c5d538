// What the page says about this phone itself: what it is ready for on the start page, and its state in the bar.

import { barFacts, barWarning } from "./bar.mjs";
import { placesWords } from "./places.mjs";
import { byId, setText, showBar, showWarning } from "./screen.mjs";
import { showChecks } from "./start.mjs";

export class Status {
  #parts;
  #isOnlineOnly = false; // a lead has agreed to start without a list
  #connection = { state: "online", minutes: 0 };
  #unsent = 0; // null if the phone cannot tell
  #isNewer = false; // the next load of the page is another version
  #isKept = null; // whether the page opens without a network; null while that is open

  constructor(parts) {
    this.#parts = parts; // {pass, guestList, screen, feel, store, scanning, battery, places}
  }

  isOffline() {
    return this.#connection.state === "offline";
  }

  /** How many scans wait to be sent; null if the phone cannot tell. */
  unsent() {
    return this.#unsent;
  }

  /** True between two guests, online, with nothing to send. */
  isIdle() {
    return this.#parts.scanning.isOn() && this.#parts.scanning.isIdle() && this.#unsent === 0 && this.#connection.state === "online";
  }

  /** Why the page must not be reloaded now; "" between two guests, online, with nothing to send. */
  mayReload() {
    if (this.#unsent === null) return "This phone cannot tell what is still to send: the new version waits.";
    if (this.#unsent) return `${this.#unsent} not sent yet: the new version waits until they are.`;
    if (this.isOffline()) return "No network: the new version waits until it is back.";
    const { scanning } = this.#parts;
    return scanning.isOn() && !scanning.isIdle() ? "First finish with this guest." : "";
  }

  connection(now, count) {
    [this.#connection, this.#unsent] = [now, count];
    this.bar();
  }

  /** The phone starts; without a list if a lead agrees. */
  starts(isOnlineOnly) {
    this.#isOnlineOnly = isOnlineOnly;
  }

  newer() {
    this.#isNewer = true;
    this.bar();
  }

  kept(isKept) {
    this.#isKept = isKept;
    this.list();
  }

  turned(direction, byItself) {
    const isOut = direction === "out";
    byId("door").classList.toggle("out", isOut);
    setText("bar-way", isOut ? "Out" : "In");
    setText("turn", isOut ? "Count in" : "Count out");
    this.#parts.screen.news(byItself ? "Nobody left for 10 minutes: this phone counts in again" : "");
  }

  /** The list has changed or is gone, and with it what a steward may start with. */
  list() {
    const { pass, guestList, store, feel } = this.#parts;
    const facts = guestList.facts();
    if (pass.get() && !byId("start").hidden) {
      const list = facts && `${facts.count} rows, ${pass.hourOf(facts.at)}`;
      const able = { durable: store.isDurable(), hasBuzz: feel.hasBuzz(), isKept: this.#isKept };
      showChecks({ clockOff: pass.clockOff(), list, ...able });
      byId("begin").disabled = !facts;
      byId("begin-online").hidden = !!facts;
    }
    this.bar();
  }

  bar() {
    const { pass, guestList, battery } = this.#parts;
    if (!pass.get()) return;
    const facts = guestList.facts();
    const listAt = facts && pass.hourOf(facts.at);
    showBar(barFacts({ connection: this.#connection, unsent: this.#unsent, listAt, battery: battery.level() }));
    showWarning(barWarning(this.#warnings(facts)));
  }

  #warnings(facts) {
    const { pass, store, battery, places } = this.#parts;
    const secondsLeft = pass.secondsLeft();
    return {
      howFull: placesWords(places.now(), this.isOffline()),
      secondsLeft,
      ends: pass.hourOf(pass.now() + secondsLeft),
      clockOff: pass.clockOff(),
      durable: store.isDurable() && (facts !== null || !this.#isOnlineOnly),
      canCount: this.#unsent !== null,
      areInOtherTab: store.areInOtherTab(),
      battery: battery.isCharging() ? null : battery.level(),
      news: this.#news(),
    };
  }

  #news() {
    const isOffered = this.#isNewer && this.mayReload() === "";
    byId("update").hidden = !isOffered;
    return isOffered ? "New version, between guests: More, This phone" : "";
  }
}
