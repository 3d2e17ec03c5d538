import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./page.mjs";
import { ADA, phone } from "./roll-phone.mjs";

const HEADER = "Checked in, not proof of who is inside. Follow the venue's fire marshal and sweep.";

async function paper({ isOpen = true } = {}) {
  const page = openPage({}, "roll.html");
  const { RollScreen } = await import("../../../../registrations/door/scanner/roll-screen.mjs");
  const { RollSheet } = await import("../../../../registrations/door/scanner/roll-sheet.mjs");
  const sid = await phone();
  await sid.rollList.look();
  await sid.rollCall.begin("real");
  if (isOpen) await sid.rollList.open(sid.key.key);
  const screen = new RollScreen(sid);
  const printed = [];
  const print = () => printed.push(page.byId("sheet").textContent);
  const sheet = new RollSheet({ ...sid, screen, print, sender: { report: async () => printed.push("to send") } });
  const cells = () => page.byId("sheet").querySelectorAll("tr").map((row) => row.children.filter(Boolean).map(({ textContent }) => textContent));
  return { ...page, ...sid, sheet, printed, cells };
}

test("DR-38 a print has the header, who is checked in by surname, and by when it is destroyed, and is noted", async () => {
  const { sheet, cells, ticks, prints, rollCall, printed } = await paper();
  await ticks.mark(ADA[3], "safe");
  await sheet.print();
  assert.deepEqual(cells(), [
    [HEADER],
    ["As at 08:10. Printed from Marshal 1, Monday 15 April 2019, 08:10. 2 checked in, 1 not yet ticked."],
    ["Destroy by Tuesday 16 April 2019, 08:10."],
    ["", "Surname", "Name on the badge", "Door", "Tick so far"],
    ["", "Example", "Ada Example", "09:05", "Safe 08:10"],
    ["", "Sample", "Bo Sample", "09:07", ""],
  ]);
  assert.deepEqual([prints.of(rollCall.get().id).length, printed[0]], [1, "to send"]);
});

test("from the browser's own menu it is the same, and is noted once", async () => {
  const { tell, cells, prints, byId, sheet } = await paper();
  await tell("beforeprint");
  await sheet.print();
  await tell("beforeprint");
  assert.deepEqual([cells().length, prints.count()], [6, 1]);
  await tell("afterprint");
  assert.equal(byId("sheet").children.length, 0, "its names are there only while it is printed");
  await sheet.print();
  assert.equal(prints.count(), 2);
});

test("while the list is sealed nothing is printed or noted", async () => {
  const { tell, byId, prints } = await paper({ isOpen: false });
  await tell("beforeprint");
  assert.deepEqual([byId("sheet").children.length, prints.count()], [0, 0]);
});

test("a practice prints as one, and is not noted", async () => {
  const { sheet, practice, prints, byId } = await paper({ isOpen: false });
  practice.begin();
  await sheet.print();
  assert.match(byId("sheet").textContent, /PRACTICE, invented people/);
  assert.equal(prints.count(), 0);
});
