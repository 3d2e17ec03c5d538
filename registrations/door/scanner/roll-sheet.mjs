// An opened roll call on paper, from the phone: the same rows and ticks, and by when the print is to be destroyed.

import { HEADER, MARKS, totals } from "./roll-rows.mjs";
import { byId, element } from "./screen.mjs";

const LIVES = 86_400; // seconds: as long as the desk's own print of it
const TITLES = { real: "Roll call", drill: "Roll call: drill", practice: "Roll call: PRACTICE, invented people" };
const COLUMNS = ["", "Surname", "Name on the badge", "Door", "Tick so far"];

/** `print()` opens the browser's own page for it, which tells nobody whether it was printed: it counts as a print. */
export class RollSheet {
  #parts;
  #isFilled = false;

  constructor(parts) {
    this.#parts = parts; // {pass, rollList, rollCall, practice, prints, sender, screen, print}
    addEventListener("beforeprint", () => this.#fill());
    addEventListener("afterprint", () => this.clear());
  }

  async print() {
    await this.#fill();
    this.#parts.print();
  }

  /** Names are on it only while it is being printed. */
  clear() {
    this.#isFilled = false;
    byId("sheet").replaceChildren();
  }

  /** From the button, or from the browser's own menu: noted once. */
  async #fill() {
    const { screen, practice, rollCall, prints, sender } = this.#parts;
    if (this.#isFilled || !screen.isOpen()) return;
    this.#isFilled = true;
    byId("sheet").replaceChildren(...this.#page());
    if (practice.isOn()) return;
    await prints.made(rollCall.get()?.id ?? "");
    await sender.report();
  }

  #page() {
    const { screen, practice, rollCall, rollList, pass } = this.#parts;
    const source = screen.source();
    const kind = practice.isOn() ? "practice" : (rollCall.get()?.kind ?? "real");
    const sums = totals(source.rows(), source.of);
    const now = pass.now();
    const at = practice.isOn() ? "" : `As at ${pass.hourOf(rollList.facts()?.at ?? now)}. `;
    const facts = `${at}Printed from ${pass.get().name}, ${this.#moment(now)}. ${sums.all} checked in, ${sums.not_yet} not yet ticked.`;
    const made = element("table", "", "");
    made.append(element("caption", "", TITLES[kind]), this.#head(facts, now), this.#rows(source));
    return [made];
  }

  /** Repeated on each page. */
  #head(facts, now) {
    const head = element("thead", "", "");
    for (const words of [HEADER, facts, `Destroy by ${this.#moment(now + LIVES)}.`]) head.append(wide(words));
    const columns = element("tr", "", "");
    columns.append(...COLUMNS.map((words) => element("th", "", words)));
    head.append(columns);
    return head;
  }

  #rows(source) {
    const body = element("tbody", "", "");
    for (const { surname, badge, hour, row } of source.rows()) {
      const tick = source.of(row);
      const line = element("tr", "", "");
      const says = tick ? `${MARKS[tick.mark]} ${this.#parts.pass.hourOf(tick.at)}${tick.disputes.length ? ", disputed" : ""}` : "";
      line.append(element("td", "box", ""), ...[surname, badge, hour, says].map((words) => element("td", "", words)));
      body.append(line);
    }
    return body;
  }

  #moment(seconds) {
    const { pass } = this.#parts;
    const how = { timeZone: pass.get().zone, weekday: "long", day: "numeric", month: "long", year: "numeric" };
    const day = new Intl.DateTimeFormat("en-GB", how).format(seconds * 1000).replace(",", "");
    return `${day}, ${pass.hourOf(seconds)}`;
  }
}

function wide(words) {
  const row = element("tr", "", "");
  const cell = element("th", "wide", words);
  cell.setAttribute("colspan", String(COLUMNS.length));
  row.append(cell);
  return row;
}
