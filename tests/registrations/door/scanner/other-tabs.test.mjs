import assert from "node:assert/strict";
import { test } from "node:test";
import { OtherTabs } from "../../../../registrations/door/scanner/other-tabs.mjs";
import { Locks } from "../../../simulator/locks.mjs";
import { settled } from "./page.mjs";

const browser = (locks) => Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });

/** Two tabs of one phone, and the death of the first. */
function phone() {
  const locks = new Locks();
  const pages = [{ isOver: false }, { isOver: false }];
  const act = (n, work) => (browser(locks.of(pages[n])), work());
  const [first, second] = ["aaaaaaaa", "bbbbbbbb"].map((page, n) => {
    const tabs = new OtherTabs(page);
    return { tell: (has) => act(n, () => tabs.tell(has)), haveUnwritten: () => act(n, () => tabs.haveUnwritten()) };
  });
  const dies = () => locks.closes(Object.assign(pages[0], { isOver: true }));
  return { first, second, dies, locks: locks.of(pages[1]) };
}
const seen = async ({ first, second }) => [await first.haveUnwritten(), await second.haveUnwritten()];

test("what a tab could not write is known to the other, and not taken for another's by itself", async () => {
  const sid = phone();
  assert.deepEqual(await seen(sid), [false, false]);
  sid.first.tell(true);
  assert.deepEqual(await seen(sid), [false, true], "from that moment on");
  sid.second.tell(true);
  assert.deepEqual(await seen(sid), [true, true]);
});

test("it is known until none is left, however often that is told", async () => {
  const sid = phone();
  for (const has of [true, true, false, false, true]) sid.first.tell(has);
  assert.deepEqual(await seen(sid), [false, true]);
  await settled();
  assert.deepEqual(await seen(sid), [false, true]);
  sid.first.tell(false);
  await settled();
  assert.deepEqual([await seen(sid), await sid.locks.query()], [[false, false], { held: [], pending: [] }]);
});

test("a tab that dies takes its scans with it: nobody waits for them", async () => {
  const sid = phone();
  sid.first.tell(true);
  sid.dies();
  assert.equal(await sid.second.haveUnwritten(), false);
});

test("another lock of the page is no scan", async () => {
  const { second, locks } = phone();
  locks.request("muster-door", { ifAvailable: true }, () => new Promise(() => {}));
  assert.equal(await second.haveUnwritten(), false);
});

for (const [says, locks] of [
  ["without locks", undefined],
  ["that refuses them", { request: () => Promise.reject(new Error("no")), query: () => Promise.reject(new Error("no")) }],
]) {
  test(`a browser ${says} knows of no other tab, and nothing fails`, async () => {
    browser(locks);
    const tabs = new OtherTabs("aaaaaaaa");
    tabs.tell(true);
    await settled();
    assert.equal(await tabs.haveUnwritten(), false);
    tabs.tell(false);
  });
}
