import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { keepShell } from "../../../../registrations/door/scanner/shell.mjs";

/** A browser whose worker is registered here; `isFirst`: none has served this page yet. */
async function browser({ isFirst = false, isIdle = () => true, refuses = false } = {}) {
  const heard = { registered: [], told: [], updates: 0, newer: 0, kept: [] };
  const events = {};
  const registration = {
    active: { postMessage: (message) => heard.told.push(message) }, installing: null,
    addEventListener: (type, work) => (events[type] = work), update: async () => heard.updates++,
  };
  const register = async (path, how) => {
    if (refuses) throw new Error("refused");
    heard.registered.push([path, how]);
    return registration;
  };
  const ready = new Promise((resolve) => (events.ready = resolve));
  const serviceWorker = { register, ready, controller: isFirst ? null : {} };
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker }, configurable: true });
  mock.timers.enable({ apis: ["setInterval"] });
  await keepShell({ version: "1", isIdle, onNewer: () => heard.newer++, onKept: (isKept) => heard.kept.push(isKept) });
  const isReady = async () => events.ready();
  const becomes = (state) => {
    let changed;
    registration.installing = { state, addEventListener: (_type, work) => (changed = work) };
    events.updatefound?.();
    changed?.();
  };
  return { heard, becomes, isReady };
}

test("the worker is registered for the door alone, never from a cache, and told which version runs", async () => {
  const { heard } = await browser();
  assert.deepEqual(heard.registered, [["/door/service-worker.mjs", { scope: "/door/", updateViaCache: "none" }]]);
  assert.deepEqual(heard.told, [{ running: "1" }]);
  mock.timers.reset();
});

test("a newer page is told of once it is there, and the first is none", async () => {
  const { heard, becomes } = await browser();
  becomes("installed");
  assert.equal(heard.newer, 0);
  becomes("activated");
  assert.equal(heard.newer, 1);
  mock.timers.reset();
  const first = await browser({ isFirst: true });
  first.becomes("activated");
  assert.equal(first.heard.newer, 0);
  mock.timers.reset();
});

test("a newer one is looked for every five minutes, while nobody is at the door", async () => {
  let isIdle = false;
  const { heard } = await browser({ isIdle: () => isIdle });
  mock.timers.tick(300_000);
  assert.equal(heard.updates, 0);
  isIdle = true;
  mock.timers.tick(300_000);
  assert.equal(heard.updates, 1);
  mock.timers.reset();
});

test("a browser that refuses, or has none, has the page all the same", async () => {
  const { heard } = await browser({ refuses: true, isFirst: true });
  assert.deepEqual(heard.kept, [false], "as behind a certificate that somebody has only clicked through");
  mock.timers.reset();
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const told = [];
  await keepShell({ version: "1", isIdle: () => true, onNewer: () => assert.fail("there is none"), onKept: (isKept) => told.push(isKept) });
  assert.deepEqual(told, [false]);
});

test("the page is kept once a worker is active, also where the server is away now", async () => {
  for (const how of [{ isFirst: true }, { refuses: true }]) {
    const { heard, isReady } = await browser(how);
    assert.deepEqual(heard.kept, []);
    await isReady();
    assert.deepEqual(heard.kept, [true]);
    mock.timers.reset();
  }
});
