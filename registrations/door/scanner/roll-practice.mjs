// A roll call to practise with: invented people, another marshal who disagrees, and nothing that is stored or sent.

const PEOPLE = [
  ["Abbot", "Ada Abbot"], ["Achebe", "Obi Achebe"], ["Bell", "Bo Bell"], ["Brandt", "Cleo Brandt"], ["Chen", "Lin Chen"],
  ["Costa", "Rui Costa"], ["Dale", "Dot Dale"], ["Evans", "Nia Evans"], ["Farouk", "Sami Farouk"], ["Grant", "Gil Grant"],
  ["Hill", "Hana Hill"], ["Ivanova", "Ira Ivanova"], ["Jones", "Jo Jones"], ["Khan", "Kit Khan"], ["Lund", "Liv Lund"],
  ["Moore", "May Moore"], ["Nkosi", "Nandi Nkosi"], ["O'Neill", "Orla O'Neill"], ["Park", "Pip Park"], ["Rossi", "Rosa Rossi"],
  ["Shaw", "Sol Shaw"], ["Tan", "Tam Tan"], ["Weber", "Willa Weber"], ["Young", "Yan Young"],
];
const OTHER = "Another marshal";
const SAYS = { 2: "safe", 9: "not_seen", 14: "left" }; // by the other marshal, of these

/** Read like an opened list and its ticks. */
export class RollPractice {
  #parts;
  #rows = null;
  #ours = new Map();
  #began = 0;

  constructor(parts) {
    this.#parts = parts; // {pass}
  }

  isOn() {
    return this.#rows !== null;
  }

  begin() {
    this.#began = this.#parts.pass.now();
    this.#ours.clear();
    this.#rows = PEOPLE.map(([surname, badge], n) => ({ surname, badge, hour: `09:${10 + n}`, row: `practice ${n}` }));
  }

  end() {
    this.#rows = null;
    this.#ours.clear();
  }

  rows() {
    return this.#rows ?? [];
  }

  async mark(row, mark) {
    this.#ours.set(row, { mark, at: this.#parts.pass.now(), device: "", isWaiting: false });
  }

  of(row) {
    const ours = this.#ours.get(row);
    const theirs = SAYS[row.split(" ")[1]];
    const other = theirs && { mark: theirs, at: this.#began, device: OTHER, isWaiting: false };
    const latest = ours ?? other;
    return latest ? { ...latest, disputes: ours && other && ours.mark !== other.mark ? [other] : [] } : null;
  }
}
