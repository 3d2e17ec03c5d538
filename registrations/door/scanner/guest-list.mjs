// The guest list on this phone: fetches it, keeps it up to date by version, and destroys it when its time is over.

import { atMost, stamp } from "./elapsed.mjs";
import { hasCard, openRecord, readList, withNews, writeList } from "./sealed-list.mjs";
import { fromBase64url } from "./sealing.mjs";

const LINGERS = 3600; // seconds after the close of the event
const WRITTEN = 30; // seconds: how often it is stored that the list is still right
const KEYS = ["guest-list", "guest-list-of"];

/**
 * `fetchList(version)` returns bytes. `pass` says whose phone this is, and the time. `bus` is told "list-asked" (a list
 * came that was requested at this stamp) and "list-changed" (there is another list, or none).
 */
export class GuestList {
  #parts;
  #list = null;
  #of = null; // {pass, fetched, confirmed, at}: whose, when requested and last confirmed, and the server's time then
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

  /** Call this every few seconds, so that the list ends on time even if nobody scans. */
  async look() {
    this.#highest = Math.max(this.#highest, this.#parts.clock.wall());
    if (this.#list && this.#isOver()) return this.destroy();
    if (this.#isToWrite()) await this.#write({ highest: this.#highest });
  }

  /** The server has named its newest version. One request at a time; a failed one is repeated later. */
  follow(version) {
    this.#following ??= this.#follow(version).finally(() => (this.#following = null));
    return this.#following;
  }

  /** Seconds since the server last confirmed this list; null without a list. */
  age() {
    return this.#isHere() ? atMost(this.#of.confirmed, this.#parts.clock, this.#highest) : null;
  }

  async record(derived) {
    return this.#isHere() ? openRecord(this.#list, derived) : null;
  }

  /** Whether a lead has a card: then no tap stands for one offline. */
  hasCards() {
    return this.#isHere() && this.#list.cards.length > 0;
  }

  /** {inside, limit, kept}: how many people are in the phone's room, or the venue, of how many; null without a limit. */
  places() {
    if (!this.#isHere() || !this.#list.limit) return null;
    const { inside, limit, kept } = this.#list;
    return { inside, limit, kept };
  }

  isCard(id) {
    return this.#isHere() && hasCard(this.#list, id);
  }

  /** When it was requested, if in this run of the page; otherwise null. */
  asked() {
    return this.#isHere() && this.#of.fetched.run === this.#parts.clock.run ? this.#of.fetched : null;
  }

  /** {version, count, at}, with `at` in seconds by the server's clock. */
  facts() {
    return this.#isHere() ? { version: this.#list.version, count: this.#list.count, at: this.#of.at } : null;
  }

  #isHere() {
    return this.#list !== null && !this.#isOver();
  }

  /** True if the pass has ended, the event has closed, the list is too old, or it belongs to another pass. */
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
    const id = pass.get()?.id; // another pass, perhaps of another door, may come while the list is on its way
    const news = readList(await fetchList(had?.version ?? 0));
    const made = news && (withNews(had, news) ?? (had && withNews(null, readList(await fetchList(0)))));
    if (made && pass.get()?.id === id) await this.#take(made, asked);
  }

  async #take(made, asked) {
    const { clock, pass, bus } = this.#parts;
    this.#list = made;
    this.#of = { pass: pass.get().id, fetched: asked, confirmed: asked, at: made.madeAt / 1000 };
    this.#highest = clock.wall(); // the server has just answered, so what this clock showed before no longer matters
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
