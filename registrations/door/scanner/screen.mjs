// Draws what is on the screen; other rooms decide what that is. Names are in the page only while they are shown.

import { coverPage, firstOf, focusOnNext, holdsFocus, shutOffBelow } from "./focus.mjs";
import { ADMIT } from "./together-signs.mjs";
import { describeTo, SKIP } from "./verdict-signs.mjs";

const NAME_STAYS = 10_000; // milliseconds without a touch
const SVG = "http://www.w3.org/2000/svg";
const NOBODY = { shape: "", mark: "", first: "", name: "", lines: [] };
const LEADS = ["lead", "deciding", "card"]; // panels in which a lead decides on the verdict
export const ONLINE_AGAIN = "Online again: press Find.";
const AIM = "Hold the code in the frame. Glare? Tilt it.";

export const byId = (id) => document.getElementById(id);

/** Shows one of the page's views, and moves the focus to its heading, so that a screen reader reads it. */
export function showView(name) {
  for (const view of document.querySelectorAll("main")) view.hidden = view.id !== name;
  const heading = byId(name).querySelector("h1");
  heading.tabIndex = -1;
  heading.focus();
}

export function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/** The facts of the bar. The first one, the connection, is bold. */
export function showBar([connection, ...facts]) {
  setText("bar-line", connection);
  setText("bar-facts", facts.join(" · "));
}

export function showWarning(words) {
  setText("bar-warning", words);
  byId("bar-warning").hidden = !words;
}

/** The line beside a field that needs the network; empty and hidden unless the phone is offline. */
export function showNetwork(id, state) {
  setText(id, state === "offline" ? "Offline: this needs the network. Take them aside, or scan the ticket." : "");
  byId(id).hidden = state !== "offline";
}

/** The band, and the full screen on top of it. The buttons of a verdict carry their choice as data. */
export class Screen {
  #band = byId("verdict");
  #next = byId("next");
  #lead = byId("lead-decides");
  #admit = byId("admit-together");
  #ring = byId("ring-lead");
  #hiding = 0;
  #news = ""; // shown under the camera's picture until the next guest
  #role = ""; // of the phone's pass
  #canRing = false; // the lead, by telephone

  constructor() {
    for (const touch of ["pointerdown", "keydown", "input"]) addEventListener(touch, () => this.#hideNamesLater(), true);
  }

  /** Whose phone it is: a lead's own sends nobody to the lead, and any other calls the lead at this number. */
  speaksTo(role, number = "") {
    this.#role = role;
    this.#canRing = role !== "door_lead" && number !== "";
    if (this.#canRing) this.#ring.href = toCall(number);
  }

  hint(words) {
    setText("hint", words || this.#news || AIM);
  }

  /** The news stay, although many pictures a second show no code. */
  news(words) {
    this.#news = words;
    this.hint("");
  }

  /** Between scan and answer, neither yes nor no. If the list knows the person, shows the name and a hollow sign. */
  checking(described) {
    this.#hideDecisions();
    this.#band.hidden = false;
    this.#paint(this.#band, { ...(described ?? NOBODY), word: "ONE MOMENT", sign: "checking", foot: "" });
    offer([]);
  }

  /** With `isLeads`, a lead may decide differently. `beside`: so many come with them, and can be let in too. */
  verdict(shown, isLeads = false, beside = 0) {
    const described = describeTo(this.#role, shown, isLeads);
    const isConfirmed = this.#band.querySelector(".word")?.textContent === described.word && holdsFocus("next", "lead-decides", "ring-lead");
    this.#band.hidden = false;
    this.#lead.hidden = !isLeads;
    this.#admit.hidden = !beside;
    this.#ring.hidden = beside > 0 || !this.#canRing || !sendsToLead(described);
    if (beside) setText("admit-together", ADMIT[beside]);
    this.#paint(this.#band, described);
    offer(described.taps);
    this.#next.hidden = (described.goes && !beside) || described.taps.length > 0;
    const isDeciding = LEADS.some((panel) => !byId(panel).hidden); // an answer that comes late takes no PIN's focus
    if (byId("changed").hidden && !isDeciding && !isConfirmed) this.#band.focus({ preventScroll: true });
  }

  changed(described, count, when) {
    this.#paint(byId("changed-verdict"), describeTo(this.#role, described));
    setText("changed-says", `The server's answer to the scan of ${when} is not what this phone said.`);
    setText("changed-title", count > 1 ? `CHANGED (${count})` : "CHANGED");
    byId("changed").hidden = false;
    shutOffBelow();
    focusOnNext();
  }

  unchanged() {
    byId("changed").hidden = true;
    byId("changed-verdict").replaceChildren();
    shutOffBelow();
    focusOnNext();
  }

  /** Or uncovers it again. */
  cover(isCovered) {
    if (isCovered) this.hideNames();
    coverPage(isCovered, "more");
  }

  /** Shows who was found by reference, before anyone lets them in. An Enter too many, after what was typed, presses nothing. */
  found(described) {
    this.#band.hidden = false;
    this.#paint(this.#band, described);
    this.#hideDecisions();
    this.#band.focus({ preventScroll: true });
  }

  clear() {
    clearTimeout(this.#hiding);
    const hadFocus = holdsFocus("verdict", "next", "lead-decides", "ring-lead", "admit-together", "choosing");
    this.#band.hidden = true;
    this.#hideDecisions();
    this.#band.className = "verdict";
    this.#band.replaceChildren();
    offer([]);
    if (hadFocus) focusOnNext();
  }

  /** Removes everything about the last guest. */
  rest() {
    this.forgetPeople();
    this.clear();
    this.unchanged();
    this.canUndo(false);
  }

  /** Names to choose from, each with the mark by which the server knows it again. */
  people(rows) {
    byId("name-rows").replaceChildren(...rows.map(personRow));
    byId("name-rows").querySelector("button").focus();
    this.#hideNamesLater();
  }

  /** Whom somebody looked up, and what they typed. */
  forgetPeople() {
    byId("name-rows").replaceChildren();
    byId("surname").value = byId("first-name").value = "";
  }

  /** Removes the names from the page, rather than only hiding them. */
  hideNames() {
    if (byId("name-rows").children.length) setText("named-says", "Names hidden. Type again to see them.");
    const hadFocus = holdsFocus("name-rows");
    this.forgetPeople();
    if (hadFocus) byId("type-again").focus();
    for (const box of [byId("verdict"), byId("changed-verdict")]) {
      const names = [...box.querySelectorAll(".who")];
      names[0]?.replaceWith(element("p", "", "Name hidden"));
      for (const name of names.slice(1)) name.remove();
    }
  }

  canUndo(can) {
    byId("undo").disabled = !can;
  }

  #hideDecisions() {
    this.#next.hidden = this.#lead.hidden = this.#admit.hidden = this.#ring.hidden = true;
  }

  #paint(box, described) {
    this.#news = "";
    box.scrollTop = 0;
    scrollTo(0, 0); // where the page is longer than the screen, word and name are in sight all the same
    box.className = ["verdict", described.sign, described.frame].filter(Boolean).join(" ");
    box.replaceChildren(...partsOf(described));
    this.#hideNamesLater();
  }

  #hideNamesLater() {
    clearTimeout(this.#hiding);
    const isNamed = document.querySelector(".who") || byId("surname").value || byId("first-name").value;
    if (isNamed) this.#hiding = setTimeout(() => this.hideNames(), NAME_STAYS);
  }
}

/** The controls, or one panel in their place, within reach of the same thumb. */
export class Panels {
  #controls = byId("controls");
  #panels = [...document.querySelectorAll(".panel")];
  #opener = null;

  open(id, focus = true) {
    this.#opener ??= document.activeElement;
    this.#controls.hidden = true;
    for (const panel of this.#panels) panel.hidden = panel.id !== id;
    for (const pin of document.querySelectorAll(".pin")) pin.value = ""; // so that nobody finds half of one in a closed panel
    if (focus) firstOf(byId(id)).focus();
  }

  close() {
    for (const panel of this.#panels) panel.hidden = true;
    this.#controls.hidden = false;
    if (this.#opener?.isConnected) this.#opener.focus();
    if (document.activeElement !== this.#opener) focusOnNext(); // it may be out of sight while there is a verdict
    this.#opener = null;
  }

  areOpen() {
    return this.#panels.some(({ hidden }) => !hidden);
  }
}

/** What a sign tells a steward, and a sample from the printed card does not mean. */
const sendsToLead = ({ word, first, foot, mark }) => mark !== "PRACTICE" && /\b(ask|call) the lead\b/i.test(`${word} ${first} ${foot}`);

/** Such as "01632 960 003 (made up)", as a phone dials it. */
export const toCall = (number) => `tel:${number.replace(/[^+0-9]/g, "")}`;

/** The choices of a verdict, in place of all other controls. */
function offer(taps) {
  byId("choosing").hidden = !taps.length;
  byId("choosing").replaceChildren(...taps.map(([choice, label]) => button(choice, label)));
}

function button(choice, label) {
  const made = element("button", choice && choice !== SKIP ? "main" : "", label);
  made.type = "button";
  made.dataset.choice = choice;
  return made;
}

export function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function personRow({ row, name, organisation }) {
  const made = element("button", "who", "");
  made.type = "button";
  made.dataset.row = row;
  made.append(element("b", "", name), element("span", "", organisation));
  const item = element("li", "", "");
  item.append(made);
  return item;
}

/** The word first, then the person: a screen reader reads them in this order. What is needed least comes last. */
function partsOf({ shape, mark, word, first, name, lines, foot }) {
  return [
    signed(shape, mark, element("h2", "word", word)),
    first && element("p", "first", first),
    name && element("p", "name who", name),
    foot && element("p", "foot", foot),
    ...lines.map((line) => element("p", "who", line)),
  ].filter(Boolean);
}

/** Sign, word and mark, in one row if they fit; the mark stands between the two, and is read after the word. */
function signed(shape, mark, word) {
  const made = element("div", "sign", "");
  made.append(...[shape && drawn(shape), word, mark && element("p", "flag", mark)].filter(Boolean));
  return made;
}

function drawn(shape) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "shape");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${shape}`);
  svg.append(use);
  return svg;
}
