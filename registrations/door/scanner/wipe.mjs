// Erases everything of the door when the phone is signed out, since not every browser obeys the server.

import { NAME, ROLL_CALL } from "./database.mjs";

export async function wipe() {
  const erasures = [forget(NAME), forget(ROLL_CALL), unregister(), ...(await cacheNames()).map((name) => caches.delete(name))];
  for (const storage of ["localStorage", "sessionStorage"]) clear(storage);
  await Promise.race([Promise.allSettled(erasures), new Promise((resolve) => setTimeout(resolve, 2000))]);
}

function forget(name) {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = resolve; // if blocked, the other tab closes the database when it is told
  });
}

async function unregister() {
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
}

async function cacheNames() {
  try {
    return await caches.keys();
  } catch {
    return [];
  }
}

function clear(storage) {
  try {
    window[storage].clear();
  } catch {
    // the browser refuses storage, so nothing of ours is in it
  }
}
