import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, settled } from "./page.mjs";

async function screen({ refuses = false } = {}) {
  const held = { locks: 0 };
  const request = async () => {
    if (refuses) throw new DOMException("battery saver", "NotAllowedError");
    held.locks++;
    return { release: async () => void held.locks-- };
  };
  const page = openPage({ navigator: { wakeLock: { request } } });
  const { WakeLock } = await import("../../../../registrations/door/scanner/wake-lock.mjs");
  return { ...page, held, lock: new WakeLock() };
}

test("the screen stays on from the first call to the last, and is taken again whenever the page is shown", async () => {
  const { lock, held, tell, document } = await screen();
  await tell("visibilitychange");
  assert.equal(held.locks, 0, "nobody has asked for it");
  await lock.hold();
  assert.equal(held.locks, 1);
  document.hidden = true;
  await tell("visibilitychange");
  assert.equal(held.locks, 1);
  document.hidden = false;
  await tell("visibilitychange");
  assert.equal(held.locks, 1, "the one before is given back");
  lock.release();
  await tell("visibilitychange");
  await settled();
  assert.equal(held.locks, 0);
});

test("one that comes after it was given up is given back", async () => {
  const { lock, held } = await screen();
  const holding = lock.hold();
  lock.release();
  await holding;
  await settled();
  assert.equal(held.locks, 0);
});

test("a browser without it does no harm", async () => {
  const { lock } = await screen({ refuses: true });
  await lock.hold();
  lock.release();
});
