// Draws a roll call: sealed, or open with its rows and ticks. Names are in the page only while it is open.

import { HEADER, letterOf, lettersOf, MARKS, totals, wordsOf } from "./roll-rows.mjs";
import { byId, element, setText } from "./screen.mjs";

const TITLES = { real: "Evacuation roll call", drill: "Drill", practice: "Practice" };

export class RollScreen {
  #parts;
  #drawn = new Map(); // row -> its parts on the screen
  #isFiltered = false; // shows only those who had no tick when this was pressed

  constructor(parts) {
    this.#parts = parts; // {pass, rollList, rollCall, ticks, practice}
    byId("not-yet").addEventListener("click", () => this.#filter());
    byId("hide-ticked").addEventListener("click", () => this.draw());
  }

  say(words) {
    setText("roll-says", words);
  }

  /** Whatever is to be read on the screen now: a practice, the opened list, or that it is sealed. */
  source() {
    const { practice, rollList, ticks } = this.#parts;
    const [list, tick] = practice.isOn() ? [practice, practice] : [rollList, ticks];
    return { rows: () => list.rows(), of: (row) => tick.of(row), mark: (row, mark) => tick.mark(row, mark) };
  }

  isOpen() {
    return this.#parts.practice.isOn() || this.#parts.rollList.isOpen();
  }

  /** Draws everything anew. */
  draw() {
    const isOpen = this.isOpen();
    for (const id of ["open", "open-controls", "print"]) byId(id).hidden = !isOpen;
    for (const id of ["sealed", "sealed-controls"]) byId(id).hidden = isOpen;
    if (!isOpen) return this.#clear();
    const { practice, rollCall } = this.#parts;
    const kind = practice.isOn() ? "practice" : (rollCall.get()?.kind ?? "real");
    setText("open-title", TITLES[kind]);
    setText("open-header", HEADER);
    byId("open").className = kind;
    byId("end-practice").hidden = byId("practice-says").hidden = kind !== "practice";
    const source = this.source();
    const shown = this.#isFiltered ? source.rows().filter(({ row }) => !source.of(row)) : source.rows();
    this.#drawn = new Map(shown.map((person) => [person.row, this.#row(person)]));
    byId("people").replaceChildren(...[...this.#drawn.values()].map(({ item }) => item));
    byId("letters").replaceChildren(...lettersOf(shown).map(letter));
    this.update();
  }

  /** The ticks and sums, in place: nothing moves under a finger. */
  update() {
    if (!this.isOpen()) return;
    const source = this.source();
    for (const [row, parts] of this.#drawn) paint(parts, source.of(row), (at) => this.#parts.pass.hourOf(at));
    this.#sums(totals(source.rows(), source.of), this.#ticked(source));
  }

  /** Newer rows, or none any more: drawn only where there is somebody who is not on the screen yet. */
  rows() {
    const source = this.source();
    const wanted = source.rows().filter(({ row }) => !this.#isFiltered || !source.of(row));
    const isSame = this.isOpen() && wanted.every(({ row }) => this.#drawn.has(row));
    return isSame ? this.update() : this.draw();
  }

  nameOf(row) {
    return this.source().rows().find((person) => person.row === row)?.badge;
  }

  /** The first row with this letter, and the keyboard with it. */
  jump(to) {
    const person = this.source().rows().find(({ surname, row }) => letterOf(surname) === to && this.#drawn.has(row));
    const found = person && this.#drawn.get(person.row);
    found?.item.scrollIntoView?.({ block: "start" });
    found?.buttons.safe.focus({ preventScroll: true });
  }

  #clear() {
    this.#isFiltered = false;
    this.#drawn.clear();
    for (const id of ["people", "letters"]) byId(id).replaceChildren();
    for (const id of ["sums", "open-as-at", "roll-says"]) setText(id, "");
    const people = this.#parts.rollCall.get() ? this.#parts.ticks.people() : 0;
    setText("ticked-says", people ? `${people === 1 ? "1 person" : `${people} people`} ticked so far.` : "");
  }

  #filter() {
    this.#isFiltered = !this.#isFiltered;
    this.draw();
  }

  #ticked(source) {
    return this.#isFiltered ? [...this.#drawn.keys()].filter((row) => source.of(row)).length : 0;
  }

  #sums(counts, ticked) {
    const { practice, rollList, pass } = this.#parts;
    const facts = rollList.facts();
    const at = practice.isOn() ? "Invented people" : `As at ${facts ? pass.hourOf(facts.at) : "?"}`;
    setText("open-as-at", `${at}. ${counts.all} checked in.`);
    const sums = [`Not yet ${counts.not_yet}`, `Safe ${counts.safe}`, `Not seen ${counts.not_seen}`, `Left earlier ${counts.left}`];
    setText("sums", [...sums, ...(counts.disagree ? [`Marshals disagree on ${counts.disagree}`] : [])].join(" · "));
    setText("not-yet", this.#isFiltered ? "Show all" : `Only not yet (${counts.not_yet})`);
    byId("not-yet").setAttribute("aria-pressed", String(this.#isFiltered));
    byId("hide-ticked").hidden = !ticked;
    setText("hide-ticked", `Hide the ${ticked} ticked`);
    byId("nobody").hidden = this.#drawn.size > 0;
    setText("nobody", this.#isFiltered ? "Everybody has a tick." : "Nobody is checked in.");
  }

  #row({ surname, badge, hour, row }) {
    const item = element("li", "", "");
    item.dataset.row = row;
    const who = element("p", "who", "");
    who.append(element("b", "", surname), " ", element("span", "badge", badge), " ", element("span", "hour", hour));
    const says = element("p", "says", "");
    const buttons = Object.fromEntries(Object.entries(MARKS).map(([mark, words]) => [mark, markButton(row, mark, words, badge)]));
    const marks = element("div", "marks", "");
    marks.append(...Object.values(buttons));
    item.append(who, says, marks);
    return { item, says, buttons };
  }
}

/** The name is part of what a screen reader says of the button. */
function markButton(row, mark, words, name) {
  const made = element("button", mark, words);
  made.type = "button";
  made.dataset.row = row;
  made.dataset.mark = mark;
  made.append(element("span", "aside", `: ${name}`));
  return made;
}

function letter(first) {
  const made = element("button", "", first);
  made.type = "button";
  made.dataset.letter = first;
  return made;
}

function paint({ item, says, buttons }, tick, hourOf) {
  item.className = [tick?.mark ?? "", tick?.disputes.length ? "disputed" : ""].filter(Boolean).join(" ");
  const words = wordsOf(tick, hourOf);
  if (says.textContent !== words) says.textContent = words;
  for (const [mark, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", String(tick?.mark === mark));
}
