import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../../../registrations/door/scanner/service-worker.mjs", import.meta.url), "utf8");
const ORIGIN = "https://places.example.org";

/** A service worker of this version, in a browser that holds these caches. */
function worker(version, kept = {}, pages = 1) {
  const caches = new Map(Object.entries(kept).map(([name, files]) => [name, new Map(Object.entries(files))]));
  const asked = [];
  const urlOf = (request) => (typeof request === "string" ? request : request.url.replace(ORIGIN, ""));
  const cacheOf = (files) => ({
    addAll: async (requests) => requests.forEach((request) => files.set(urlOf(request), { url: urlOf(request), cache: request.cache })),
    match: async (path) => files.get(path),
  });
  const context = vm.createContext({
    URL, location: { origin: ORIGIN }, skipWaiting: () => asked.push("skips waiting"),
    Request: class {
      constructor(url, { cache }) {
        Object.assign(this, { url, cache });
      }
    },
    clients: { claim: async () => asked.push("claims"), matchAll: async () => Array(pages).fill({}) },
    caches: {
      open: async (name) => cacheOf(caches.get(name) ?? caches.set(name, new Map()).get(name)),
      match: async (request) => [...caches.values()].map((files) => files.get(urlOf(request))).find(Boolean),
      keys: async () => [...caches.keys()],
      delete: async (name) => caches.delete(name),
    },
    fetch: async (request) => `network ${urlOf(request)}`,
  });
  vm.runInContext(SOURCE.replace("{version}", version).replace('["{files}"]', '["/door/s/2/main.mjs"]'), context);
  const happens = async (name, fields = {}) => {
    const waits = [];
    await context[name]({ waitUntil: (work) => waits.push(work), ...fields });
    await Promise.all(waits);
  };
  const answers = async (path, { method = "GET", mode = "navigate", origin = ORIGIN } = {}) => {
    let answer = "not ours";
    context.onfetch({ request: { url: origin + path, method, mode }, respondWith: (given) => (answer = given) });
    return answer;
  };
  return { caches, asked, happens, answers };
}

test("it keeps the pages, asked for anew, and the files, and takes over", async () => {
  const { caches, asked, happens } = worker("2");
  await happens("oninstall");
  await happens("onactivate");
  const kept = [...caches.get("door-2").values()].map(({ url, cache }) => [url, cache]);
  assert.deepEqual(kept, [
    ["/door/", "reload"], ["/door/roll", "reload"], ["/door/help/steward", "reload"], ["/door/help/lead", "reload"],
    ["/door/help/marshal", "reload"], ["/door/s/2/main.mjs", undefined],
  ]);
  assert.deepEqual(asked, ["skips waiting", "claims"]);
});

test("a page or a file that is kept is answered from there, another is fetched", async () => {
  const { answers } = worker("2", { "door-2": { "/door/": "page", "/door/s/2/main.mjs": "file" } });
  assert.equal(await answers("/door/"), "page");
  assert.equal(await answers("/door/#secret"), "page");
  assert.equal(await answers("/door/s/2/main.mjs", { mode: "cors" }), "file");
  assert.equal(await answers("/door/help/lead"), "network /door/help/lead");
});

test("a page of an older version finds its own files as long as they are kept", async () => {
  const { answers } = worker("2", { "door-1": { "/door/s/1/bar.mjs": "older" }, "door-2": {} });
  assert.equal(await answers("/door/s/1/bar.mjs", { mode: "cors" }), "older");
});

for (const [says, path, how] of [
  ["a question to the server", "/door/api/scans?x", { mode: "cors" }],
  ["the page that has the browser forget", "/door/over", {}],
  ["what is posted", "/door/", { method: "POST" }],
  ["another site", "/door/", { origin: "https://elsewhere.example" }],
]) {
  test(`${says} is never answered from here, even if it were kept`, async () => {
    const { answers } = worker("2", { "door-2": { [path]: "kept", [`/door/api/scans?x`]: "kept" } });
    assert.equal(await answers(path, how), "not ours");
  });
}

const three = { "door-0": {}, "door-1": {}, "door-2": {}, "another site's": {} };

test("once one page alone is open, only its version and the newest are kept", async () => {
  const { caches, happens } = worker("2", three);
  await happens("onmessage", { data: { running: "1" } });
  assert.deepEqual([...caches.keys()], ["door-1", "door-2", "another site's"]);
});

test("while a second page is open nothing is thrown away: it may be of an older version", async () => {
  const { caches, happens } = worker("2", three, 2);
  await happens("onmessage", { data: { running: "1" } });
  assert.deepEqual([...caches.keys()], Object.keys(three));
});

test("a message that names no version throws nothing away", async () => {
  const { caches, happens } = worker("2", three);
  await happens("onmessage", { data: {} });
  await happens("onmessage", {});
  assert.equal(caches.size, 4);
});
