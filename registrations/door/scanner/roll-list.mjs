// The list of who is checked in, on a marshal's phone: stored sealed, opened in memory, destroyed when its time is over.

import { atMost, stamp } from "./elapsed.mjs";
import { openBox } from "./roll-box.mjs";
import { withNewer } from "./roll-rows.mjs";
import { fromBase64url } from "./sealing.mjs";

const LINGERS = 3600; // seconds after the close of the event
const LIVES = 12 * 3600; // seconds after it was fetched
const EVERY = 60; // seconds between two fetches while there is a network
const KEYS = ["roll-list", "roll-list-of"];

/**
 * `fetchBox()` returns {bytes, key, at}: the sealed list, which key it is under, and the server's time then. The key
 * itself is in memory alone, as are the rows. `bus` is told "roll-list" when there is another list, or none.
 */
export class RollList {
  #parts;
  #bytes = null;
  #of = null; // {pass, salt, key, fetched, at}
  #highest = 0; // the latest wall clock this phone has ever shown
  #key = null;
  #rows = null;
  #tried = null;
  #fetching = null;

  constructor(parts) {
    this.#parts = parts; // {store, clock, fetchBox, pass, bus}
  }

  async load() {
    const [bytes, of, highest] = await Promise.all([...KEYS, "highest"].map((key) => this.#parts.store.recall(key)));
    [this.#bytes, this.#of, this.#highest] = [bytes ?? null, of ?? null, highest ?? 0];
    if (bytes && this.#isOver()) await this.destroy();
  }

  async destroy() {
    this.seal();
    this.#bytes = this.#of = null;
    await this.#parts.store.forget(KEYS);
    this.#parts.bus.tell("roll-list");
  }

  /** Forgets the key and whatever was opened with it. */
  seal() {
    this.#key?.fill(0);
    this.#key = this.#rows = null;
  }

  /** Call this every few seconds: destroys the list on time, and fetches the next one. Throws if the pass has ended. */
  async look() {
    this.#highest = Math.max(this.#highest, this.#parts.clock.wall());
    if (this.#bytes && this.#isOver()) await this.destroy();
    if (this.#tried && atMost(this.#tried, this.#parts.clock, 0) < EVERY) return;
    await this.refresh();
  }

  /** The server names the key that counts now: a list under another one is fetched again. */
  expects(key) {
    if (key && this.#bytes && this.#of.key !== key) this.#tried = null;
  }

  /** One request at a time. */
  refresh() {
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  /** {at, key}: the server's seconds when it was made, and which key it is under; null while there is no list. */
  facts() {
    return this.#bytes ? { at: this.#of.at, key: this.#of.key } : null;
  }

  /** Seconds since it was fetched; null without a list. */
  age() {
    return this.#bytes ? atMost(this.#of.fetched, this.#parts.clock, this.#highest) : null;
  }

  isOpen() {
    return this.#rows !== null;
  }

  /** {surname, badge, hour, row} of everybody, in order; [] while it is sealed. */
  rows() {
    return this.#rows ?? [];
  }

  /** Opens it with these 32 bytes. False if they do not fit, or if there is no list. */
  async open(key) {
    if (!this.#bytes || this.#isOver()) return false;
    const opened = await this.#opened(key);
    if (!opened) return false;
    this.#key = key.slice();
    this.#rows = withNewer(this.rows(), opened.rows);
    return true;
  }

  async #opened(key) {
    return openBox(this.#bytes, key, { salt: this.#of.salt, id: this.#of.key }).catch(() => null);
  }

  async #fetch() {
    const { clock, pass, fetchBox, store, bus } = this.#parts;
    const asked = stamp(clock);
    const { id, event } = pass.get();
    const { bytes, key, at } = await fetchBox();
    this.#tried = asked; // a try without an answer is repeated at the next beat
    if (pass.get()?.id !== id) return;
    this.#bytes = bytes;
    this.#of = { pass: id, salt: event.salt, key, fetched: asked, at };
    this.#highest = clock.wall(); // the server has just answered, so what this clock showed before no longer matters
    const [box, of] = KEYS;
    await store.keep({ [box]: bytes, [of]: this.#of, highest: this.#highest });
    if (this.#key) await this.open(this.#key);
    bus.tell("roll-list");
  }

  #isOver() {
    const { clock, pass: held } = this.#parts;
    const pass = held.get();
    if (!this.#of || !pass || this.#of.pass !== pass.id || !sameEvent(this.#of.salt, pass.event.salt)) return true;
    if (atMost(this.#of.fetched, clock, this.#highest) >= LIVES) return true;
    if (atMost(pass.got, clock, this.#highest) >= pass.seconds_left) return true;
    return pass.closes_at != null && held.now() >= pass.closes_at + LINGERS;
  }
}

const sameEvent = (salt, other) => fromBase64url(salt).join() === fromBase64url(other).join();
