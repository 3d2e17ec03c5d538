// Keeps the page and its files on the phone, so that they open without a network, and looks for newer versions.

const CHECKS = 300_000; // milliseconds between two looks for a newer version, while idle

/**
 * `isIdle()`: between two guests, with nothing to send. `onNewer()` is called once the next load is a newer page,
 * `onKept(isKept)` once it is clear whether the page opens without a network.
 */
export async function keepShell({ version, isIdle, onNewer, onKept }) {
  if (!navigator.serviceWorker) return onKept(false);
  navigator.serviceWorker.ready.then(() => onKept(true));
  try {
    const options = { scope: "/door/", updateViaCache: "none" };
    const kept = await navigator.serviceWorker.register("/door/service-worker.mjs", options);
    const tell = (worker) => worker?.postMessage({ running: version });
    tell(kept.active);
    kept.addEventListener("updatefound", () => watch(kept.installing));
    setInterval(() => isIdle() && kept.update().catch(() => {}), CHECKS);
  } catch {
    // the browser refuses, or the server is away: then the page lasts as long as its tab, unless it was kept before
    if (!navigator.serviceWorker.controller) onKept(false);
  }

  function watch(worker) {
    const first = !navigator.serviceWorker.controller;
    worker?.addEventListener("statechange", () => worker.state === "activated" && !first && onNewer());
  }
}
