// Who holds this phone: 2 to 4 initials, asked at the start and at every handover. They are sent with its scans.

import { byId, setText } from "./screen.mjs";

const INITIALS = /^[A-Za-z]{2,4}$/; // as typed: the capital of one letter may be two

export class HandOver {
  #store;
  #panels;
  #initials = "";

  constructor({ store, panels }) {
    this.#store = store;
    this.#panels = panels;
    byId("handing").addEventListener("submit", (event) => this.#handOver(event));
    byId("hand-over").addEventListener("click", () => this.#open());
  }

  get() {
    return this.#initials;
  }

  /** Restores the initials of an earlier run of the page. */
  async recall() {
    this.#initials = (await this.#store.recall("initials")) ?? "";
    byId("first-initials").value = this.#initials;
  }

  takeFirst() {
    return this.#take(byId("first-initials"));
  }

  #open() {
    setText("initials-says", "");
    this.#panels.open("handing");
  }

  #handOver(event) {
    event.preventDefault();
    const isTaken = this.#take(byId("initials"));
    setText("initials-says", isTaken ? "" : "Type 2 to 4 letters");
    if (isTaken) this.#panels.close();
  }

  #take(input) {
    const typed = input.value.trim();
    if (!INITIALS.test(typed)) return false;
    this.#initials = typed.toUpperCase();
    input.value = "";
    this.#store.keep({ initials: this.#initials });
    return true;
  }
}
