// Keeps the door's pages and their files. The server writes version and list; one changed byte makes a new worker.
// A page keeps the version it was loaded with: a new worker only decides what is loaded next.

const VERSION = "{version}";
const FILES = ["{files}"];
const PAGES = ["/door/", "/door/help/steward", "/door/help/lead"];
const CACHE = `door-${VERSION}`;
const NEVER_KEPT = ["/door/api/", "/door/over"];

oninstall = (event) => event.waitUntil(keepAll().then(() => skipWaiting()));
onactivate = (event) => event.waitUntil(clients.claim());
onmessage = (event) => event.data?.running && event.waitUntil(forgetOlder(event.data.running));
onfetch = (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (NEVER_KEPT.some((start) => pathname.startsWith(start))) return;
  event.respondWith(event.request.mode === "navigate" ? page(event.request, pathname) : file(event.request));
};

/** The pages anew; of the files, which never change under their addresses, no byte that has just come with the page. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...PAGES.map((path) => new Request(path, { cache: "reload" })), ...FILES]);
}

async function page(request, pathname) {
  const kept = PAGES.includes(pathname) ? await (await caches.open(CACHE)).match(pathname) : undefined;
  return kept ?? fetch(request);
}

/** Of whichever version is still kept: its folder's name says which. */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** Once one page alone is open, and says which version it runs, no other but the newest is needed. */
async function forgetOlder(running) {
  if ((await clients.matchAll()).length > 1) return;
  const names = await caches.keys();
  const needed = [CACHE, `door-${running}`];
  const older = names.filter((name) => name.startsWith("door-") && !needed.includes(name));
  await Promise.all(older.map((name) => caches.delete(name)));
}
