import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

/** A phone with this page and store; what is typed at the start or at a change-over is taken. */
async function phone(store) {
  const { byId } = openPage();
  const { HandOver } = await import("../../../../registrations/door/scanner/handover.mjs");
  const panels = { opened: [], closed: 0, open: (id) => panels.opened.push(id), close: () => panels.closed++ };
  const initials = new HandOver({ store, panels });
  await initials.recall();
  return { byId, panels, initials };
}
const { Memory } = await import("../../../../registrations/door/scanner/store.mjs");

test("2 to 4 letters are taken at the start, and known again after a restart", async () => {
  const store = new Memory();
  const { byId, initials } = await phone(store);
  byId("first-initials").value = " ab ";
  assert.equal(initials.takeFirst(), true);
  assert.equal(initials.get(), "AB");
  const again = await phone(store);
  assert.deepEqual([again.initials.get(), again.byId("first-initials").value], ["AB", "AB"]);
});

for (const typed of ["", "a", "abcde", "a1", "ÄB", "a b", "ß", "ßab"]) {
  test(`"${typed}" is nobody's initials, and whoever held it still does`, async () => {
    const { byId, panels, initials } = await phone(new Memory());
    byId("first-initials").value = "cd";
    initials.takeFirst();
    byId("initials").value = typed;
    await byId("handing").happens("submit");
    assert.deepEqual([initials.get(), textOf("initials-says"), panels.closed], ["CD", "Type 2 to 4 letters", 0]);
  });
}

test("at a change-over the next one's are asked for and taken, and the field is empty again", async () => {
  const { byId, panels, initials } = await phone(new Memory());
  await byId("hand-over").click();
  byId("initials").value = "xyz";
  await byId("handing").happens("submit");
  assert.deepEqual([panels.opened, panels.closed, initials.get(), byId("initials").value], [["handing"], 1, "XYZ", ""]);
});
