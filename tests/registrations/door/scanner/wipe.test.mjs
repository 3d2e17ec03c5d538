import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { NAME, ROLL_CALL } from "../../../../registrations/door/scanner/database.mjs";
import { wipe } from "../../../../registrations/door/scanner/wipe.mjs";

/** A browser that holds all that the door's page keeps; what is left of it can be asked. */
function browser({ blocked = false } = {}) {
  const databases = ["of another page", NAME, ROLL_CALL];
  const held = { databases, caches: ["door-1", "door-2"], workers: 1, localStorage: 1, sessionStorage: 1 };
  const without = (list, name) => list.includes(name) && list.splice(list.indexOf(name), 1);
  globalThis.indexedDB = {
    deleteDatabase(name) {
      const request = {};
      setImmediate(() => (blocked ? request.onblocked?.() : (without(held.databases, name), request.onsuccess())));
      return request;
    },
  };
  globalThis.caches = { keys: async () => [...held.caches], delete: async (name) => without(held.caches, name) };
  const registration = { unregister: async () => (held.workers = 0) };
  const serviceWorker = { getRegistrations: async () => [registration] };
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker }, configurable: true });
  globalThis.window = {
    localStorage: { clear: () => (held.localStorage = 0) }, sessionStorage: { clear: () => (held.sessionStorage = 0) },
  };
  return held;
}

test("DR-45 the page itself erases database, caches, worker and storage, whatever the browser does", async () => {
  const held = browser();
  await wipe();
  assert.deepEqual(held, { databases: ["of another page"], caches: [], workers: 0, localStorage: 0, sessionStorage: 0 });
});

test("what the browser refuses keeps it from erasing nothing else", async () => {
  const held = browser();
  Object.defineProperty(window, "localStorage", { get: () => assert.fail("refused") });
  globalThis.caches.keys = () => Promise.reject(new Error("refused"));
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  await wipe();
  assert.deepEqual([held.databases, held.sessionStorage], [["of another page"], 0]);
});

test("a database that another tab still holds is not waited for longer than two seconds", async () => {
  browser({ blocked: true });
  mock.timers.enable({ apis: ["setTimeout"] });
  let isDone = false;
  const wiping = wipe().then(() => (isDone = true));
  for (let n = 0; n < 20; n++) await new Promise(setImmediate);
  mock.timers.tick(1999);
  for (let n = 0; n < 20; n++) await new Promise(setImmediate);
  assert.equal(isDone, false);
  mock.timers.tick(1);
  await wiping;
  mock.timers.reset();
});
