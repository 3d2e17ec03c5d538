// One tab of a phone: its line to the server, and the page that runs in it, which is the product's own.

import { createContext, runInContext } from "node:vm";
import { loadBrowser, loadPage } from "./modules.mjs";
import { PANELS, look } from "./screen.mjs";
import { subtle } from "./subtle.mjs";

const KEY_EVERY = 5; // milliseconds, as a wedge scanner types
const never = new Promise(() => {});

export class Tab {
  #world;
  #ask;
  #phone;
  #tab;
  #device;
  #page = null; // {tab, context, browser, startedAt, overdue, drawn}: null while none is open
  #isAsleep = false;

  /** `ask(question)` reaches whoever runs the day. */
  constructor({ phone, tab, device, world, ask }) {
    [this.#phone, this.#tab, this.#device, this.#world, this.#ask] = [phone, tab, device, world, ask];
  }

  // The page

  async open(hash = "") {
    this.kill();
    const page = { tab: this.#tab, startedAt: this.#world.now, stood: 0, overdue: [], isOver: false, drawn: 0 };
    this.#page = page;
    page.context = createContext(this.#globals(page));
    runInContext("Math", page.context).random = this.#device.random;
    const module = await loadBrowser(page.context);
    await module.evaluate();
    page.browser = module.namespace.openPage({ navigator: { locks: this.#device.locks(page) } });
    this.#furnish(page, hash);
    const main = await loadPage(page.context);
    main.evaluate().catch((error) => this.#ask({ trouble: `${this.#phone}: ${error.stack}` }));
  }

  /** As the phone's system does it to a page in the background, or a battery: what is under way never comes back. */
  kill() {
    if (this.#page) this.#page.isOver = true;
    this.#device.closes(this.#page);
    this.#page = null;
    this.#isAsleep = false;
  }

  isOpen() {
    return this.#page !== null;
  }

  /** In a pocket: no timer runs. `stands`: nor does the clock that counts from the start of the page. */
  async sleep(stands) {
    if (!this.#page) return;
    await this.#turnOver(true);
    this.#isAsleep = true;
    this.#page.stands = stands ? this.#world.now : null;
  }

  async wake() {
    if (!this.#page || !this.#isAsleep) return;
    this.#isAsleep = false;
    if (this.#page.stands !== null) this.#page.stood += this.#world.now - this.#page.stands;
    for (const work of this.#page.overdue.splice(0)) work();
    await this.#turnOver(false);
  }

  /** Behind another tab: its timers go on. */
  async hides(isHidden) {
    if (this.#page && !this.#isAsleep) await this.#turnOver(isHidden);
  }

  #turnOver(isHidden) {
    this.#page.browser.document.hidden = isHidden;
    this.#page.browser.tell("visibilitychange");
  }

  // What people do with it

  press(id) {
    const button = this.#byId(id);
    if (!button || button.hidden || button.disabled) throw new Error(`${this.#phone} has no ${id} to press`);
    button.click();
  }

  choose(choice) {
    this.#pressIn("choosing", ({ dataset }) => dataset.choice === choice);
  }

  reason(label) {
    this.#pressIn("reasons", (button) => button.textContent === label);
  }

  closePanel() {
    for (const id of PANELS) if (!this.#byId(id).hidden) this.#byId(id).querySelector(".close").click();
  }

  fill(id, text) {
    this.#byId(id).value = text;
  }

  submit(id) {
    this.#byId(id).happens("submit");
  }

  tell(event) {
    this.#page?.browser.tell(event);
  }

  /** As a wedge scanner types it, which is the camera of whoever has a dark room. */
  type(code) {
    const { tell, body } = this.#page.browser;
    const target = body; // no field has the focus
    let timeStamp = this.#mono(this.#page) + 1000;
    for (const key of [...code, "Enter"]) {
      tell("keydown", { key, timeStamp: (timeStamp += KEY_EVERY), target, stopImmediatePropagation() {} });
    }
  }

  // What can be seen of it

  look() {
    if (!this.#page) return { view: "" };
    return { ...look(this.#page.browser), drawn: this.#page.drawn, isAsleep: this.#isAsleep };
  }

  stored() {
    return this.#device.stored();
  }

  // How the phone is

  setClock(seconds) {
    this.#device.clockOff = seconds * 1000;
  }

  fills(isFull) {
    this.#device.isFull = isFull;
  }

  /** As a browser does by itself after days. */
  empties() {
    this.#device.forgetAll();
  }

  // What it is made of

  #byId(id) {
    return this.#page.browser.byId(id);
  }

  #pressIn(id, isIt) {
    const button = this.#byId(id).all().find((element) => element.tagName === "BUTTON" && isIt(element));
    if (!button) throw new Error(`${this.#phone} has no such button in ${id}`);
    if (id === "choosing") this.#byId(id).happens("click", { target: button });
    else button.click();
  }

  #mono(page) {
    return this.#world.now - page.startedAt - page.stood;
  }

  #furnish(page, hash) {
    const { browser, context } = page;
    const query = browser.document.querySelector;
    browser.document.querySelector = (selector) => (selector === "meta[name=app]" ? { content: "1" } : query(selector));
    Object.assign(browser.location, { hash, reload: () => this.#gone(page, "reload"), replace: (to) => this.#gone(page, to) });
    const band = browser.byId("verdict");
    const draw = band.replaceChildren.bind(band);
    band.replaceChildren = (...parts) => {
      page.drawn++;
      draw(...parts);
    };
    context.history.replaceState = () => (browser.location.hash = "");
  }

  #gone(page, to) {
    if (page.isOver) return;
    const seen = this.look();
    this.kill();
    this.#ask({ gone: { phone: this.#phone, tab: this.#tab, to, seen } });
  }

  #globals(page) {
    const wall = () => this.#device.wall();
    class PageDate extends Date {
      constructor(...given) {
        if (given.length) super(...given);
        else super(wall());
      }

      static now() {
        return wall();
      }
    }
    const hosts = { Event, Uint8Array, TextEncoder, TextDecoder, URL, atob, btoa, console };
    const window = { localStorage: { clear() {} }, sessionStorage: { clear() {} } };
    return {
      ...hosts, ...this.#timers(page), window, Date: PageDate, crypto: this.#crypto(),
      performance: { now: () => this.#mono(page) },
      AbortSignal: { timeout: (milliseconds) => ({ milliseconds }) },
      indexedDB: this.#device.indexedDB(page),
      caches: { keys: async () => [] },
      fetch: (path, how) => this.#fetch(page, path, how),
    };
  }

  #timers(page) {
    const stops = new Map();
    let made = 0;
    const set = (work, milliseconds = 0, isRepeated = false, id = ++made) => {
      const due = () => {
        if (!stops.delete(id)) return; // stopped while the page slept
        if (isRepeated) set(work, milliseconds, true, id);
        work();
      };
      stops.set(id, this.#world.later(milliseconds, () => this.#inPage(page, due)));
      return id;
    };
    const clear = (id) => {
      stops.get(id)?.();
      stops.delete(id);
    };
    return {
      setTimeout: (work, milliseconds) => set(work, milliseconds), clearTimeout: clear,
      setInterval: (work, milliseconds) => set(work, milliseconds, true), clearInterval: clear,
    };
  }

  /** Not in a page that is gone; in one that sleeps, once it wakes. */
  #inPage(page, work) {
    if (page.isOver) return;
    if (this.#isAsleep) page.overdue.push(work);
    else work();
  }

  #crypto() {
    const getRandomValues = (bytes) => bytes.map((_, n) => (bytes[n] = Math.floor(this.#device.random() * 256)));
    return { subtle, getRandomValues };
  }

  // Its line to the server

  #fetch(page, path, { method = "GET", headers = {}, body, signal }) {
    if (page.isOver) return never;
    return new Promise((resolve, reject) => {
      const fail = (why) => this.#inPage(page, () => reject(new TypeError(why)));
      this.#world.later(signal.milliseconds, () => fail("timeout"));
      const asked = { phone: this.#phone, tab: this.#tab, path, method, headers, body };
      this.#travel(page, asked, resolve, fail);
    });
  }

  async #travel(page, asked, resolve, fail) {
    const { fails, answers, reaches } = await this.#ask({ leaves: asked });
    if (fails !== undefined) this.#world.later(fails * 1000, () => fail("network"));
    else if (answers !== undefined) this.#arrives(page, answers, resolve);
    else this.#world.later(reaches * 1000, () => this.#isServed(page, asked, resolve, fail));
  }

  async #isServed(page, asked, resolve, fail) {
    const answer = await this.#ask({ reaches: asked });
    if (answer.fails !== undefined) this.#world.later(answer.fails * 1000, () => fail("network"));
    else this.#arrives(page, answer, resolve);
  }

  #arrives(page, { status, text, after, forgets, says }, resolve) {
    this.#world.later(after * 1000, () => this.#inPage(page, () => {
      if (forgets) this.#forgets();
      const bytes = Buffer.from(text, "base64");
      const headers = new Headers(says ? { "Muster-Pass": says } : {});
      resolve({ status, headers, json: async () => JSON.parse(bytes.toString()), arrayBuffer: async () => new Uint8Array(bytes).buffer });
    }));
  }

  #forgets() {
    this.#device.forgetAll();
    this.#ask({ forgot: this.#phone });
  }
}
