// The page and its files, kept on the phone so that they open without a network; and how a newer version comes.

const CHECKS = 300_000; // milliseconds of idling between two looks for a newer version

/** `isIdle()` says that it is between two guests, with nothing to send; `onNewer()` that the next load is a newer page. */
export async function keepShell({ version, isIdle, onNewer }) {
  if (!navigator.serviceWorker) return;
  try {
    const options = { scope: "/door/", updateViaCache: "none" };
    const kept = await navigator.serviceWorker.register("/door/service-worker.mjs", options);
    const tell = (worker) => worker?.postMessage({ running: version });
    tell(kept.active);
    kept.addEventListener("updatefound", () => watch(kept.installing));
    setInterval(() => isIdle() && kept.update().catch(() => {}), CHECKS);
  } catch {
    // refused by the browser, or the server is away: then this page lives as long as its tab
  }

  function watch(worker) {
    const first = !navigator.serviceWorker.controller;
    worker?.addEventListener("statechange", () => worker.state === "activated" && !first && onNewer());
  }
}
