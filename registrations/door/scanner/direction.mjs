// In or out: the steward switches the phone to out, and it switches back by itself when nobody leaves any more.

const FALLS_BACK = 600; // seconds without a scan

/** `bus` is told of each switch: "turned", with "in" or "out" and whether the phone did it by itself. */
export class Direction {
  #bus;
  #clock;
  #direction = "in";
  #used = 0;

  constructor({ bus, clock }) {
    this.#bus = bus;
    this.#clock = clock;
  }

  get() {
    return this.#direction;
  }

  turn() {
    this.#turnTo(this.#direction === "in" ? "out" : "in");
  }

  used() {
    this.#used = this.#clock.mono();
  }

  /** Call this every few seconds. */
  look() {
    if (this.#direction === "out" && this.#clock.mono() - this.#used >= FALLS_BACK * 1000) this.#turnTo("in", true);
  }

  #turnTo(direction, byItself = false) {
    this.#direction = direction;
    this.used();
    this.#bus.tell("turned", direction, byItself);
  }
}
