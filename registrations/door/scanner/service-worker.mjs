// Caches the door's pages and their files. The server fills in version and list; one changed byte makes a new worker.
// A page keeps the version that it was loaded with; a new worker only decides what is loaded next.

const VERSION = "{version}";
const FILES = ["{files}"];
const PAGES = ["/door/", "/door/roll", "/door/help/steward", "/door/help/lead", "/door/help/marshal"];
const CACHE = `door-${VERSION}`;
const NEVER_KEPT = ["/door/api/", "/door/over", "/door/done"];

oninstall = (event) => event.waitUntil(keepAll().then(() => skipWaiting()));
onactivate = (event) => event.waitUntil(clients.claim());
onmessage = (event) => event.data?.running && event.waitUntil(forgetOlder(event.data.running));
onfetch = (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (NEVER_KEPT.some((start) => pathname.startsWith(start))) return;
  event.respondWith(event.request.mode === "navigate" ? page(event.request, pathname) : file(event.request));
};

/** Loads the pages again. Files never change under their addresses, so the browser's own cache may supply them. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...PAGES.map((path) => new Request(path, { cache: "reload" })), ...FILES]);
}

async function page(request, pathname) {
  const kept = PAGES.includes(pathname) ? await (await caches.open(CACHE)).match(pathname) : undefined;
  return kept ?? fetch(request);
}

/** From any version that is still cached; the folder in its address says which. */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** When only one page is open, and says which version it runs, only that version and the newest are needed. */
async function forgetOlder(running) {
  if ((await clients.matchAll()).length > 1) return;
  const names = await caches.keys();
  const needed = [CACHE, `door-${running}`];
  const older = names.filter((name) => name.startsWith("door-") && !needed.includes(name));
  await Promise.all(older.map((name) => caches.delete(name)));
}
