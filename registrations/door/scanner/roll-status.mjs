// What a marshal's page says about the phone: the bar, what it is ready for, and when a new print on paper is due.

import { barFacts, barWarning } from "./bar.mjs";
import { byId, element, setText, showBar, showWarning } from "./screen.mjs";
import { clockWords, pageWords } from "./start.mjs";

const KINDS = { real: "An evacuation roll call", drill: "A drill" };
const ALERTED = "All marshals and the organisers are alerted.";
const NOBODY = { real: "Nobody is alerted until there is a network. Shout, telephone 999 and the organiser.", drill: "Nobody is alerted until there is a network." };
const SAID_FOR = 60; // seconds

export class RollStatus {
  #parts;
  #connection = { state: "online", minutes: 0 };
  #unsent = 0;
  #isNewer = false; // the next load of the page is another version
  #isKept = null; // whether the page opens without a network; null while that is open
  #isUntold = false; // what began here without a network
  #toldAt = null; // seconds: when the server heard of it

  constructor(parts) {
    this.#parts = parts; // {pass, store, tickStore, rollList, rollCall, prints, battery, practice}
  }

  unsent() {
    return this.#unsent;
  }

  /** True while nothing would be lost by loading the page again. */
  isIdle() {
    const { rollList, practice } = this.#parts;
    return !rollList.isOpen() && !practice.isOn() && this.#unsent === 0 && this.#connection.state === "online";
  }

  connection(now, count) {
    [this.#connection, this.#unsent] = [now, count];
    this.bar();
  }

  kept(isKept) {
    this.#isKept = isKept;
    this.bar();
  }

  newer() {
    this.#isNewer = true;
    this.bar();
  }

  /** There is another list, or none; or a roll call has begun or ended. */
  list() {
    const { pass, rollList, rollCall } = this.#parts;
    if (!pass.get()) return;
    const facts = rollList.facts();
    const at = facts && pass.hourOf(facts.at);
    setText("list-says", at ? `Who is checked in, as at ${at}: sealed on this phone.` : "No list on this phone yet: wait for the network.");
    const roll = rollCall.get();
    setText("running-says", roll ? `${KINDS[roll.kind]} is running, since ${pass.hourOf(roll.at)}.` : "");
    byId("open-list").hidden = !roll || !rollCall.key() || !facts;
    byId("begin-roll").hidden = !!roll;
    byId("is-real").hidden = roll?.kind !== "drill";
    this.bar();
  }

  bar() {
    const { pass, rollList, battery, prints } = this.#parts;
    if (!pass.get()) return;
    this.#alerts();
    const facts = rollList.facts();
    const [line, waits, , ...power] = barFacts({ connection: this.#connection, unsent: this.#unsent, battery: battery.level() });
    showBar([line, waits, facts ? `list as at ${pass.hourOf(facts.at)}` : "no list", ...power]);
    showWarning(barWarning(this.#warnings()));
    byId("paper").hidden = !prints.isDue();
    this.#checks(facts);
  }

  /** Whom a start alerts: said before it, while the server has not heard of it, and for a minute once it has. */
  #alerts() {
    const { pass, rollCall } = this.#parts;
    const [isOffline, news] = [this.#connection.state === "offline", rollCall.news()];
    setText("starting-alerts", isOffline ? NOBODY.real : ALERTED);
    if (this.#isUntold && !news) this.#toldAt = rollCall.get() ? pass.now() : null;
    this.#isUntold = news !== null && (isOffline || this.#isUntold);
    if (this.#isUntold) return setText("alerted", NOBODY[news.kind]);
    const isNew = this.#toldAt !== null && pass.now() - this.#toldAt < SAID_FOR;
    setText("alerted", isNew && rollCall.get() ? ALERTED : "");
  }

  #warnings() {
    const { pass, store, tickStore, battery } = this.#parts;
    const isOffered = this.#isNewer && this.isIdle();
    byId("update").hidden = !isOffered;
    return {
      secondsLeft: pass.secondsLeft(),
      ends: pass.hourOf(pass.now() + pass.secondsLeft()),
      clockOff: pass.clockOff(),
      durable: store.isDurable() && tickStore.isDurable(),
      battery: battery.isCharging() ? null : battery.level(),
      news: isOffered ? "New version: More, New version" : "",
    };
  }

  #checks(facts) {
    const { pass, store, tickStore } = this.#parts;
    const checks = [
      ["List", facts ? `sealed here, as at ${pass.hourOf(facts.at)}` : "not loaded yet"],
      ["Camera", navigator.mediaDevices && isSecureContext ? "asks when you hold something up" : "not in this browser"],
      ["Screen", "wakeLock" in navigator ? "stays on while this page is shown" : "set it to stay on yourself"],
      ["Storage", store.isDurable() && tickStore.isDurable() ? "yes: no tick is lost" : "refused: keep this page open"],
      ["Page", pageWords(this.#isKept)],
      ["Clock", clockWords(pass.clockOff())],
    ];
    const words = checks.map(([what, says]) => `${what} ${says}`).join();
    if (byId("checks").dataset.says === words) return;
    byId("checks").dataset.says = words;
    byId("checks").replaceChildren(...checks.map(item));
  }
}

function item([what, says]) {
  const made = element("li", "", "");
  made.append(element("b", "", what), element("span", "", says));
  return made;
}
