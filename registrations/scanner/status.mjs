// What the page says of this phone itself: on the start page what it is ready for, in the bar how it is doing.

import { barFacts, barWarning } from "./bar.mjs";
import { byId } from "./screen.mjs";
import { showChecks } from "./start.mjs";

/** `isDurable()` says whether scans outlive the page, `scanning()` is whatever takes codes now. */
export function createTold({ pass, carried, screen, feel, isDurable, scanning }) {
  let onlineOnly = false; // a lead has let them start without a list
  let line = "Online";
  let unsent = 0;
  let battery = null;
  let charging = false;
  let newer = false; // the next load of the page is another version

  const isOffline = () => line.startsWith("Offline");

  /** There is another list, or none: what a steward may start with. */
  function list() {
    const facts = carried.facts();
    if (pass.get() && !byId("start").hidden) {
      const roster = facts && `${facts.count} rows, ${pass.hourOf(facts.at)}`;
      showChecks({ clockOff: pass.clockOff(), durable: isDurable(), hasBuzz: feel.hasBuzz(), roster });
      byId("begin").disabled = !facts;
      byId("begin-online").hidden = !!facts;
    }
    bar();
  }

  function bar() {
    if (!pass.get()) return;
    const facts = carried.facts();
    screen.bar(barFacts({ line, unsent, listAt: facts && pass.hourOf(facts.at), battery }));
    const secondsLeft = pass.secondsLeft();
    const ends = pass.hourOf(pass.now() + secondsLeft);
    const durable = isDurable() && (facts !== null || !onlineOnly);
    const power = charging ? null : battery;
    screen.warning(barWarning({ secondsLeft, ends, clockOff: pass.clockOff(), durable, battery: power, news: news() }));
  }

  function news() {
    const offered = newer && mayReload() === "";
    byId("update").hidden = !offered;
    return offered ? "New version: More, New version, between guests" : "";
  }

  /** Why the page is not to be loaded anew now; "" between two guests, online, with nothing to send. */
  function mayReload() {
    if (unsent) return `${unsent} not sent yet: the new version waits until they are.`;
    if (isOffline()) return "No network: the new version waits until it is back.";
    return scanning() && !scanning().isIdle() ? "First finish with this guest." : "";
  }

  return {
    list,
    bar,
    mayReload,
    isOffline,
    isOnline: () => line === "Online",
    unsent: () => unsent,
    battery: () => battery,
    line(words, count) {
      [line, unsent] = [words, count];
      bar();
    },
    power(level, isCharging) {
      [battery, charging] = [level, isCharging];
      bar();
    },
    /** Without a list where a lead agrees. */
    starts: (agreed) => (onlineOnly = agreed),
    newer() {
      newer = true;
      bar();
    },
  };
}
