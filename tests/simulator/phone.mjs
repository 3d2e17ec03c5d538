// One phone: its clock, its disk, its line to the server, and the page that runs on it, which is the product's own.

import { createContext, runInContext } from "node:vm";
import { IDBFactory } from "fake-indexeddb";
import { loadBrowser, loadPage } from "./modules.mjs";
import { subtle } from "./subtle.mjs";
import { drawing } from "./world.mjs";

const NAME = "muster-door";
const VIEWS = ["waiting", "pairing", "start", "door", "leaving"];
const PANELS = ["lead", "deciding", "undoing", "other", "reference", "found", "signing-out"];
const KEY_EVERY = 5; // milliseconds, as a wedge scanner types
const never = new Promise(() => {});

export class Phone {
  #world;
  #ask;
  #begins;
  #random;
  #factory = new IDBFactory();
  #page = null; // {context, browser, connections, startedAt, overdue, drawn}: null while none is open
  #isAsleep = false;
  #made = []; // rows that pages have added

  /** `ask(question)` reaches whoever runs the day; `begins` is the day's first moment by a right clock. */
  constructor(name, { world, ask, begins, seed, clockOff }) {
    [this.name, this.clockOff] = [name, clockOff * 1000];
    [this.#world, this.#ask, this.#begins, this.#random] = [world, ask, begins, drawing(seed)];
  }

  // The page

  async open(hash = "") {
    this.kill();
    const page = { connections: [], startedAt: this.#world.now, stood: 0, overdue: [], isOver: false, drawn: 0 };
    this.#page = page;
    page.context = createContext(this.#globals(page));
    runInContext("Math", page.context).random = this.#random;
    const module = await loadBrowser(page.context);
    await module.evaluate();
    page.browser = module.namespace.openPage();
    this.#furnish(page, hash);
    const main = await loadPage(page.context);
    main.evaluate().catch((error) => this.#ask({ trouble: `${this.name}: ${error.stack}` }));
  }

  /** As the phone's system does it to a page in the background, or a battery: what is under way never comes back. */
  kill() {
    if (this.#page) this.#page.isOver = true;
    for (const database of this.#page?.connections ?? []) database.close();
    this.#page = null;
    this.#isAsleep = false;
  }

  isOpen() {
    return this.#page !== null;
  }

  /** In a pocket: no timer runs. `stands`: nor does the clock that counts from the start of the page. */
  async sleep(stands) {
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

  #turnOver(isHidden) {
    this.#page.browser.document.hidden = isHidden;
    this.#page.browser.tell("visibilitychange");
  }

  // What people do with it

  press(id) {
    const button = this.#byId(id);
    if (!button || button.hidden || button.disabled) throw new Error(`${this.name} has no ${id} to press`);
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
    const isShown = (id) => !this.#byId(id)?.hidden;
    const word = (id) => this.#byId(id).querySelector(".word")?.textContent ?? "";
    const buttons = (id) => this.#byId(id).all().filter(({ tagName }) => tagName === "BUTTON");
    return {
      view: VIEWS.find(isShown) ?? "",
      panel: PANELS.find(isShown) ?? "",
      sign: isShown("verdict") ? word("verdict") : "",
      isFinal: isShown("verdict") && !["checking", "hollow"].some((name) => this.#byId("verdict").classList.contains(name)),
      drawn: this.#page.drawn,
      isStriped: this.#byId("verdict").classList.contains("striped"),
      changed: isShown("changed") ? word("changed-verdict") : "",
      taps: isShown("choosing") ? buttons("choosing").map(({ dataset }) => dataset.choice) : [],
      reasons: isShown("deciding") ? buttons("reasons").filter((button) => button.classList.contains("main")).map((button) => button.textContent) : [],
      says: this.#byId("lead-says").textContent,
      referenceSays: this.#byId("reference-says").textContent,
      canUnlock: isShown("reference") && isShown("unlock"),
      toSend: this.#byId("bar-facts").textContent,
      canUndo: !this.#byId("undo").disabled,
      canLead: isShown("lead-decides"),
      canNext: isShown("next"),
      canLeave: isShown("leave"),
      canAskAgain: isShown("ask-again"),
      onlineOnly: isShown("begin-online"),
      way: this.#byId("bar-way").textContent,
      isAsleep: this.#isAsleep,
    };
  }

  /** Scans written to its disk since it was asked last, and what lies there; nothing where the browser has forgotten all. */
  async stored() {
    const made = this.#made.splice(0);
    const known = await this.#factory.databases();
    if (!known.length) return { made, rows: [], list: "" };
    const database = await answered(this.#factory.open(NAME));
    const stores = database.transaction(["pending", "kept"]);
    const rows = await answered(stores.objectStore("pending").getAll());
    const list = await answered(stores.objectStore("kept").get("guest-list"));
    database.close();
    return { made, rows, list: list ? Buffer.from(list).toString("base64") : "" };
  }

  // What it is made of

  #byId(id) {
    return this.#page.browser.byId(id);
  }

  #pressIn(id, isIt) {
    const button = this.#byId(id).all().find((element) => element.tagName === "BUTTON" && isIt(element));
    if (!button) throw new Error(`${this.name} has no such button in ${id}`);
    if (id === "choosing") this.#byId(id).happens("click", { target: button });
    else button.click();
  }

  #wall() {
    return this.#begins + this.#world.now + this.clockOff;
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
    this.kill();
    this.#ask({ gone: { phone: this.name, to } });
  }

  #globals(page) {
    const wall = () => this.#wall();
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
      indexedDB: this.#indexedDB(page),
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
    const getRandomValues = (bytes) => bytes.map((_, n) => (bytes[n] = Math.floor(this.#random() * 256)));
    return { subtle, getRandomValues };
  }

  // Its disk

  #indexedDB(page) {
    const asked = (name) => (...given) => {
      if (page.isOver) return {}; // never answered
      const request = this.#factory[name](...given);
      this.#busyUntil(request, ["success", "error"]);
      request.addEventListener("success", () => request.result && this.#watched(page, request.result));
      return request;
    };
    return { open: asked("open"), deleteDatabase: asked("deleteDatabase") };
  }

  #watched(page, database) {
    if (page.isOver) return database.close();
    page.connections.push(database);
    const begin = database.transaction.bind(database);
    database.transaction = (...given) => {
      const transaction = begin(...given);
      this.#busyUntil(transaction, ["complete", "abort"]);
      return this.#overheard(transaction);
    };
  }

  #overheard(transaction) {
    const storeOf = transaction.objectStore.bind(transaction);
    transaction.objectStore = (name) => {
      const store = storeOf(name);
      const add = store.add.bind(store);
      store.add = (row) => {
        this.#made.push({ ...row });
        return add(row);
      };
      return store;
    };
    return transaction;
  }

  #busyUntil(target, ends) {
    this.#world.begun();
    let isOver = false;
    const end = () => {
      if (!isOver) this.#world.ended();
      isOver = true;
    };
    for (const name of ends) target.addEventListener(name, end);
  }

  /** As Clear-Site-Data tells a browser to. */
  #forgetAll(page) {
    for (const database of page.connections) database.close();
    this.#factory = new IDBFactory();
    return this.#ask({ forgot: this.name });
  }

  // Its line to the server

  #fetch(page, path, { method = "GET", headers = {}, body, signal }) {
    if (page.isOver) return never;
    return new Promise((resolve, reject) => {
      const fail = (why) => this.#inPage(page, () => reject(new TypeError(why)));
      this.#world.later(signal.milliseconds, () => fail("timeout"));
      const asked = { phone: this.name, path, method, headers, body };
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
      if (forgets) this.#forgetAll(page);
      const bytes = Buffer.from(text, "base64");
      const headers = new Headers(says ? { "Muster-Pass": says } : {});
      resolve({ status, headers, json: async () => JSON.parse(bytes.toString()), arrayBuffer: async () => new Uint8Array(bytes).buffer });
    }));
  }
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
