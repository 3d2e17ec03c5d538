// The guest list this phone carries: fetched, followed by its version, and destroyed when its time is over.

import { atMost, stamp } from "./elapsed.mjs";
import { openRecord, readList, withNews, writeList } from "./sealed-list.mjs";
import { fromBase64url } from "./sealing.mjs";

const LINGERS = 3600; // seconds after the close of the event
const WRITTEN = 30; // seconds: how often it is written down that the list still stands
const KEYS = ["guest-list", "guest-list-of"];

/**
 * `fetchList(version)` brings bytes, `pass` is whose phone this is, and the time. `bus` is told "list-asked" (a list came
 * that was asked for at this stamp) and "list-changed" (there is another list, or none).
 */
export class GuestList {
  #parts;
  #list = null;
  #of = null; // {pass, fetched, confirmed, at}: whose it is, when it was asked for, last found right, and that hour
  #highest = 0; // the latest wall clock this phone has ever shown
  #written = null;
  #following = null;

  constructor(parts) {
    this.#parts = parts; // {store, clock, fetchList, pass, bus}
  }

  async load() {
    const [bytes, facts, highest] = await Promise.all([...KEYS, "highest"].map((key) => this.#parts.store.recall(key)));
    this.#highest = highest ?? 0;
    this.#of = facts ?? null;
    this.#list = bytes ? readList(bytes) : null;
    if (bytes && this.#isOver()) await this.destroy();
  }

  async destroy() {
    this.#list = this.#of = null;
    await this.#parts.store.forget(KEYS);
    this.#parts.bus.tell("list-changed");
  }

  /** To be called every few seconds: nothing outlives its time because nobody scanned. */
  async look() {
    this.#highest = Math.max(this.#highest, this.#parts.clock.wall());
    if (this.#list && this.#isOver()) return this.destroy();
    if (this.#isToWrite()) await this.#write({ highest: this.#highest });
  }

  /** The server has said which version is the newest. One question at a time; a failed one is asked again later. */
  follow(version) {
    this.#following ??= this.#follow(version).finally(() => (this.#following = null));
    return this.#following;
  }

  /** Seconds since the server last said that this list is right; null without a list. */
  age() {
    return this.#isHere() ? atMost(this.#of.confirmed, this.#parts.clock, this.#highest) : null;
  }

  async record(derived) {
    return this.#isHere() ? openRecord(this.#list, derived) : null;
  }

  /** When it was asked for, if in this run of the page; else null. */
  asked() {
    return this.#isHere() && this.#of.fetched.run === this.#parts.clock.run ? this.#of.fetched : null;
  }

  /** {version, count, at}: `at` in seconds of the server. */
  facts() {
    return this.#isHere() ? { version: this.#list.version, count: this.#list.count, at: this.#of.at } : null;
  }

  #isHere() {
    return this.#list !== null && !this.#isOver();
  }

  /** The pass has ended, the event has closed, the list was fetched too long ago, or it is not this pass's list. */
  #isOver() {
    const { clock, pass: held } = this.#parts;
    const pass = held.get();
    if (!this.#list || !this.#of || !pass || this.#of.pass !== pass.id || !this.#isOfEvent(pass)) return true;
    if (atMost(this.#of.fetched, clock, this.#highest) >= (pass.list_lives ?? 12 * 3600)) return true;
    if (atMost(pass.got, clock, this.#highest) >= pass.seconds_left) return true;
    return pass.closes_at != null && held.now() >= pass.closes_at + LINGERS;
  }

  #isOfEvent(pass) {
    const salt = fromBase64url(pass.event.salt);
    return this.#list.salt.length === salt.length && this.#list.salt.every((byte, n) => byte === salt[n]);
  }

  async #follow(version) {
    const { clock, pass, fetchList } = this.#parts;
    const had = this.#isHere() ? this.#list : null;
    if (had && version === had.version) return this.#confirm();
    const asked = stamp(clock);
    const id = pass.get()?.id; // another one, of another door perhaps, may come while the list is on its way
    const news = readList(await fetchList(had?.version ?? 0));
    const made = news && (withNews(had, news) ?? (had && withNews(null, readList(await fetchList(0)))));
    if (made && pass.get()?.id === id) await this.#take(made, asked);
  }

  async #take(made, asked) {
    const { clock, pass, bus } = this.#parts;
    this.#list = made;
    this.#of = { pass: pass.get().id, fetched: asked, confirmed: asked, at: made.madeAt / 1000 };
    this.#highest = clock.wall(); // the server has just been heard: whatever this clock was before no longer counts
    const [list, of] = KEYS;
    await this.#write({ [list]: writeList(made), [of]: this.#of, highest: this.#highest });
    bus.tell("list-asked", asked);
    bus.tell("list-changed");
  }

  async #confirm() {
    const { clock, pass } = this.#parts;
    this.#of = { ...this.#of, confirmed: stamp(clock), at: pass.now() };
    if (this.#isToWrite()) await this.#write({ [KEYS[1]]: this.#of, highest: this.#highest });
  }

  #isToWrite() {
    return !this.#written || atMost(this.#written, this.#parts.clock, 0) >= WRITTEN;
  }

  async #write(values) {
    this.#written = stamp(this.#parts.clock);
    await this.#parts.store.keep(values);
  }
}
