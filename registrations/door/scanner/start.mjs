// Checks what this phone can do, and says it in words before the first guest comes.

import { byId, element } from "./screen.mjs";

const CLOCK_MAY_BE_OUT = 30; // seconds

/** `list` says how many rows the list has and how old it is; "" or null while there is none. */
export function showChecks({ clockOff, durable, hasBuzz, list, isKept }) {
  const able = navigator.mediaDevices && isSecureContext;
  const checks = [
    ["Camera", able ? "asks when you start" : "not in this browser: type references"],
    ["Sound", "press Test, and switch silent mode off"],
    ["Buzz", hasBuzz ? "yes" : "not on this phone"],
    ["Screen", "wakeLock" in navigator ? "stays on while scanning" : "set it to stay on yourself"],
    ["Light", "in the sun, turn the brightness up"],
    ["Storage", durable ? "yes: no scan is lost" : "refused: online only, keep this page open"],
    ["Page", pageWords(isKept)],
    ["Clock", clockWords(clockOff)],
    ["Guest list", listWords(list, durable)],
  ];
  byId("checks").replaceChildren(...checks.map(item));
}

/** How far the phone's clock is ahead of the server's, in seconds. The server's clock is the one that counts. */
export function clockWords(ahead) {
  if (Math.abs(ahead) <= CLOCK_MAY_BE_OUT) return "right";
  const minutes = Math.max(1, Math.round(Math.abs(ahead) / 60));
  const days = Math.round(minutes / 1440);
  const span = days > 1 ? `${days} days` : `${minutes} min`;
  return `${span} ${ahead > 0 ? "ahead" : "behind"}: the server's time counts`;
}

/** `isKept`: whether the browser keeps the page; null while that is open. */
export function pageWords(isKept) {
  if (isKept === null) return "not kept yet";
  return isKept ? "opens without a network too" : "leave it open: it opens again only with a network";
}

function listWords(list, durable) {
  if (!durable) return "none on this phone: online only";
  return list ? `ready: ${list}` : "not loaded yet: wait for it";
}

function item([what, says]) {
  const made = document.createElement("li");
  made.append(element("b", "", what), element("span", "", says));
  return made;
}

/** Door leads have a help page of their own, which links to the stewards'. */
export function linkHelp(role) {
  const page = role === "door_lead" ? "lead" : "steward";
  for (const link of document.querySelectorAll(".how")) link.href = `/door/help/${page}`;
}
