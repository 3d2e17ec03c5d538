// As much of a browser as the phone's modules ask for, over the real template of the door's page.

import { readFileSync } from "node:fs";

const VOID = ["meta", "link", "input", "use", "path", "br"];
const TEMPLATES = new URL("../../../../templates/door/", import.meta.url);
const TAG = /<!--[^]*?-->|<!doctype[^>]*>|<(\/?)([a-z0-9]+)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>|([^<]+)/gi;

class FakeEvent extends Event {
  constructor(type, fields = {}) {
    super(type, { bubbles: true, cancelable: true });
    for (const [name, value] of Object.entries(fields)) Object.defineProperty(this, name, { value, configurable: true });
  }
}

class Element {
  #listeners = new Map();

  constructor(tagName, attributes = {}) {
    Object.assign(this, { tagName: tagName.toUpperCase(), attributes: { ...attributes }, children: [], parentElement: null });
    Object.assign(this, { id: attributes.id ?? "", className: attributes.class ?? "", href: attributes.href, dataset: {} });
    Object.assign(this, { value: "", type: attributes.type, hidden: "hidden" in attributes, disabled: "disabled" in attributes });
  }

  get isConnected() {
    return this === this.document?.body || this.parentElement?.isConnected === true;
  }

  get textContent() {
    return this.children.map((child) => (typeof child === "string" ? child : child.textContent)).join("");
  }

  set textContent(text) {
    this.replaceChildren(text);
  }

  get classList() {
    const names = () => this.className.split(" ").filter(Boolean);
    return {
      contains: (name) => names().includes(name),
      toggle: (name, on = !names().includes(name)) => {
        this.className = [...names().filter((other) => other !== name), ...(on ? [name] : [])].join(" ");
        return on;
      },
    };
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  append(...children) {
    for (const child of children) if (child instanceof Element) child.parentElement = this;
    this.children.push(...children);
  }

  prepend(...children) {
    this.append(...children);
    this.children = [...children, ...this.children.slice(0, -children.length || undefined)];
  }

  replaceChildren(...children) {
    for (const child of this.children) if (child instanceof Element) child.parentElement = null;
    this.children = [];
    this.append(...children);
  }

  remove() {
    this.parentElement.children = this.parentElement.children.filter((child) => child !== this);
    this.parentElement = null;
  }

  replaceWith(other) {
    const { parentElement: parent } = this;
    parent.children[parent.children.indexOf(this)] = other;
    [other.parentElement, this.parentElement] = [parent, null];
  }

  contains(other) {
    return other === this || this.children.some((child) => child instanceof Element && child.contains(other));
  }

  all() {
    const found = [];
    this.find((element) => void found.push(element));
    return found;
  }

  /** The first below this one, as it reads, of which it is true. */
  find(isIt) {
    for (const child of this.children) {
      if (!(child instanceof Element)) continue;
      const found = isIt(child) ? child : child.find(isIt);
      if (found) return found;
    }
    return null;
  }

  querySelectorAll(selector) {
    return this.all().filter((element) => element.matches(selector));
  }

  querySelector(selector) {
    return this.find((element) => element.matches(selector));
  }

  matches(selector) {
    return wantedBy(selector).some(({ tag, id, name, attribute, value, not }) => {
      const has = attribute === undefined || (value ? this.attributes[attribute] === value : attribute in this.attributes);
      const is = (!tag || this.tagName === tag) && (!id || this.id === id);
      return is && has && !(not && this.hidden) && (!name || this.classList.contains(name));
    });
  }

  closest(selector) {
    return this.matches(selector) ? this : (this.parentElement?.closest(selector) ?? null);
  }

  addEventListener(type, work) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), work]);
  }

  /** All that the listeners have started, of this element and of those around it. */
  happens(type, fields = {}) {
    const event = new FakeEvent(type, { target: this, ...fields });
    const works = [];
    for (let at = this; at; at = at.parentElement) works.push(...at.listening(type));
    return Promise.all(works.map((work) => work(event))).then(() => event);
  }

  listening(type) {
    return this.#listeners.get(type) ?? [];
  }

  dispatchEvent(event) {
    for (const work of this.listening(event.type)) work(event);
  }

  click() {
    return this.disabled ? undefined : this.happens("click");
  }

  focus() {
    this.document.activeElement = this;
  }

  setRangeText(text) {
    this.value += text;
  }
}

const read = new Map();

function wantedBy(selector) {
  if (!read.has(selector)) read.set(selector, selector.split(",").map((part) => partOf(part.trim())));
  return read.get(selector);
}

function partOf(selector) {
  const [, tag, id, name, attribute, value, not] =
    /^([a-z0-9]*)(?:#([\w-]+))?(?:\.([\w-]+))?(?:\[(\w+)(?:=(\w+))?\])?(:not\(\[hidden\]\))?$/.exec(selector);
  return { tag: tag.toUpperCase(), id, name, attribute, value, not };
}

/** The page of scanner.html, or another one of the door's, as globals; `window` are more of them. Fields of the page can be reached by their ids. */
export function openPage(window = {}, template = "scanner.html") {
  const body = new Element("body");
  const heard = new Map();
  const listen = (type, work) => heard.set(type, [...(heard.get(type) ?? []), work]);
  const tell = (type, fields = {}) => {
    const event = new FakeEvent(type, fields);
    return Promise.all((heard.get(type) ?? []).map((work) => work(event))).then(() => event);
  };
  const document = {
    body, hidden: false, activeElement: body,
    getElementById: (id) => body.find((element) => element.id === id),
    querySelector: (selector) => body.querySelector(selector),
    querySelectorAll: (selector) => body.querySelectorAll(selector),
    createElement: (tag) => adopt(new Element(tag)),
    createElementNS: (_, tag) => adopt(new Element(tag)),
    addEventListener: listen,
  };
  const adopt = (element) => Object.defineProperty(element, "document", { value: document, configurable: true });
  adopt(body);
  fill(body, adopt, template);
  const location = { hash: "", pathname: "/door/", origin: "https://places.example.org", reload() {}, replace() {} };
  const history = { replaceState() {} };
  const globals = { document, addEventListener: listen, location, history, HTMLInputElement: Element, isSecureContext: true, scrollTo() {} };
  for (const [name, value] of Object.entries({ ...globals, navigator: {}, ...window })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return { document, body, location, tell, byId: document.getElementById };
}

function fill(body, adopt, template) {
  const included = (_, name) => readFileSync(new URL(name, TEMPLATES), "utf8");
  const html = included("", template).replace(/\{% include "door\/([\w.]+)" %\}/g, included).replace(/\{[{%#][^}]*[%#}]\}/g, "");
  let at = body;
  for (const [, closes, tag, attributes, closed, words] of html.matchAll(TAG)) {
    if (words?.trim() && tag === undefined) at.append(words.trim());
    if (!tag || ["html", "head", "body"].includes(tag)) continue;
    if (closes) {
      at = at.parentElement;
      continue;
    }
    const pairs = [...attributes.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, name, value = ""]) => [name, value]);
    const made = adopt(new Element(tag, Object.fromEntries(pairs)));
    at.append(made);
    if (!closed && !VOID.includes(tag)) at = made;
  }
}

/** As the text of one element reads. */
export const textOf = (id) => document.getElementById(id).textContent.replace(/\s+/g, " ").trim();

/** Until nothing is under way any more. */
export async function settled(turns = 10) {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
}

/** How a phone stands to the server, as its sender says it. */
export const ONLINE = { state: "online", minutes: 0 };
export const SLOW = { state: "slow", minutes: 0 };
export const offlineFor = (minutes) => ({ state: "offline", minutes });
