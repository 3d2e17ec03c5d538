import assert from "node:assert/strict";
import { test } from "node:test";
import { ROLL_CALL } from "../../../../registrations/door/scanner/database.mjs";
import { TickStore } from "../../../../registrations/door/scanner/tick-store.mjs";

/** A browser's database, as much of it as ticks ask for: what is written counts once its transaction has completed. */
function browser({ refuses = false } = {}) {
  const disk = { rows: new Map(), breaks: false, full: false, modes: [], database: null };
  const transaction = (name, mode, how) => {
    if (disk.breaks) throw new DOMException("closed", "InvalidStateError");
    disk.modes.push([name, mode, how.durability]);
    const made = { objectStore: () => store(disk) };
    setTimeout(() => (disk.full ? made.onabort() : made.oncomplete()), 0);
    return made;
  };
  globalThis.indexedDB = {
    open: (name, version) => {
      assert.deepEqual([name, version], [ROLL_CALL, 1]);
      const request = { result: { createObjectStore: (...given) => void disk.modes.push(given), transaction, close: () => (disk.breaks = true) } };
      disk.database = request.result;
      setTimeout(() => (refuses ? request.onerror() : (request.onupgradeneeded(), request.onsuccess())), 0);
      return request;
    },
  };
  return disk;
}

const store = (disk) => ({
  getAll: () => ({ result: [...disk.rows.values()] }),
  put: (row) => disk.full || void disk.rows.set(row.id, row),
  delete: (id) => void disk.rows.delete(id),
});

const ids = async (ticks) => (await ticks.all()).map(({ id }) => id);

test("what is kept is on the disk, strictly written, and read by the next run of the page", async () => {
  const disk = browser();
  const ticks = await TickStore.open();
  await ticks.keep({ id: "1", mark: "safe" });
  await ticks.keep({ id: "2" });
  await ticks.keep({ id: "1", mark: "left" });
  assert.deepEqual(disk.modes, [["ticks", { keyPath: "id" }], ...Array(3).fill(["ticks", "readwrite", "strict"])]);
  const kept = disk.rows;
  const again = await (Object.assign(browser(), { rows: kept }), TickStore.open());
  assert.deepEqual([await again.all(), again.isDurable()], [[{ id: "1", mark: "left" }, { id: "2" }], true]);
  await again.drop(["1", "none"]);
  assert.deepEqual([[...kept.keys()], await ids(again)], [["2"], ["2"]]);
});

for (const [says, happens] of [
  ["is full", (disk) => (disk.full = true)],
  ["breaks", (disk) => (disk.breaks = true)],
  ["is closed by a wipe in another tab", (disk) => disk.database.onversionchange()],
]) {
  test(`no tick is lost where the disk ${says}: the page has them all, and says that it is alone with them`, async () => {
    const disk = browser();
    const ticks = await TickStore.open();
    await ticks.keep({ id: "1" });
    happens(disk);
    await ticks.keep({ id: "2" });
    assert.deepEqual([await ids(ticks), ticks.isDurable()], [["1", "2"], false]);
    await ticks.drop(["1"]);
    assert.deepEqual(await ids(ticks), ["2"]);
  });
}

test("a browser that refuses its database has them in memory", async () => {
  browser({ refuses: true });
  const ticks = await TickStore.open();
  await ticks.keep({ id: "1" });
  assert.deepEqual([await ids(ticks), ticks.isDurable()], [["1"], false]);
  ticks.close();
});
