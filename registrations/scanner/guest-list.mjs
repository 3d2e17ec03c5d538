// The guest list this phone carries: fetched, followed by its version, and destroyed when its time is over.

import { atMost, stamp } from "./elapsed.mjs";
import { openRecord, readList, withNews, writeList } from "./roster.mjs";
import { fromBase64url } from "./sealing.mjs";

const LINGERS = 3600; // seconds after the close of the event
const WRITTEN = 30; // seconds: how often it is written down that the list still stands
const KEYS = ["roster", "roster-of"];

/**
 * `fetchList(version)` brings bytes, `holder()` is the pass, `now()` the server's time in seconds as far as known.
 * `highest` is the latest wall clock this phone has ever shown. `onNews(asked)` hears that a list came that was asked
 * for at this stamp, `onChange` that there is another list, or none.
 */
export function createCarried({ store, fetchList, holder, clock, now, onNews = () => {}, onChange = () => {} }) {
  let list = null;
  let of = null; // {pass, asked, confirmed, at}: whose it is, when it was fetched, last found right, and that hour
  let highest = 0;
  let written = null;
  let busy = null;

  async function load() {
    const [bytes, facts, seen] = await Promise.all([...KEYS, "highest"].map((key) => store.recall(key)));
    highest = seen ?? 0;
    of = facts ?? null;
    list = bytes ? readList(bytes) : null;
    if (bytes && isOver()) await destroy();
  }

  /** The pass has ended, the event has closed, the list was fetched too long ago, or it is not this pass's list. */
  function isOver() {
    const pass = holder();
    if (!list || !of || !pass || of.pass !== pass.id || !sameSalt(pass)) return true;
    if (atMost(of.fetched, clock, highest) >= (pass.list_lives ?? 12 * 3600)) return true;
    if (atMost(pass.got, clock, highest) >= pass.seconds_left) return true;
    return pass.closes_at != null && now() >= pass.closes_at + LINGERS;
  }

  function sameSalt(pass) {
    const salt = fromBase64url(pass.event.salt);
    return list.salt.length === salt.length && list.salt.every((byte, n) => byte === salt[n]);
  }

  async function destroy() {
    list = of = null;
    await store.forget(KEYS);
    onChange();
  }

  /** To be called every few seconds: nothing outlives its time because nobody scanned. */
  async function look() {
    if (clock.wall() > highest) highest = clock.wall();
    if (list && isOver()) return destroy();
    if (!written || atMost(written, clock, 0) >= WRITTEN) await write({ highest });
  }

  async function write(values) {
    written = stamp(clock);
    await store.keep(values);
  }

  /** The server has said which version is the newest. One question at a time; a failed one is asked again later. */
  function follow(version) {
    busy ??= followed(version).finally(() => (busy = null));
    return busy;
  }

  async function followed(version) {
    if (list && version === list.version && !isOver()) return confirm();
    const asked = stamp(clock);
    const pass = holder()?.id; // another one, of another door perhaps, may come while the list is on its way
    const had = list && !isOver() ? list : null;
    const news = readList(await fetchList(had?.version ?? 0));
    const made = news && (withNews(had, news) ?? (had && withNews(null, readList(await fetchList(0)))));
    if (made && holder()?.id === pass) await take(made, asked);
  }

  async function take(made, asked) {
    list = made;
    of = { pass: holder().id, fetched: asked, confirmed: asked, at: made.madeAt / 1000 };
    highest = clock.wall(); // the server has just been heard: whatever this clock was before no longer counts
    await write({ roster: writeList(made), "roster-of": of, highest });
    onNews(asked);
    onChange();
  }

  async function confirm() {
    of = { ...of, confirmed: stamp(clock), at: now() };
    if (!written || atMost(written, clock, 0) >= WRITTEN) await write({ "roster-of": of, highest });
  }

  return {
    load,
    look,
    follow,
    destroy,
    /** Seconds since the server last said that this list is right; null without a list. */
    age: () => (list && !isOver() ? atMost(of.confirmed, clock, highest) : null),
    record: (derived) => (list && !isOver() ? openRecord(list, derived) : Promise.resolve(null)),
    /** When it was asked for, if in this run of the page; else null. */
    asked: () => (list && !isOver() && of.fetched.run === clock.run ? of.fetched : null),
    /** {version, count, at}: `at` in seconds of the server. */
    facts: () => (list && !isOver() ? { version: list.version, count: list.count, at: of.at } : null),
  };
}
