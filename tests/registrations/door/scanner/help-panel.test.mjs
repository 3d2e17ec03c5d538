import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

/** A phone at the door, whose call the organisers hear unless told otherwise. */
async function phone({ leadPhone = "07700 900 003", role = "steward" } = {}) {
  const page = openPage();
  const { HelpPanel } = await import("../../../../registrations/door/scanner/help-panel.mjs");
  const { Panels } = await import("../../../../registrations/door/scanner/screen.mjs");
  const heard = { said: [], helped: true };
  const help = {
    call: async () => (heard.said.push("calls"), heard.helped),
    takeBack: async () => (heard.said.push("takes back"), heard.helped),
  };
  const panels = new Panels();
  new HelpPanel({ panels, pass: { get: () => ({ role, event: { lead_phone: leadPhone } }) }, help });
  const press = (id) => page.byId(id).click();
  const open = () => [...document.querySelectorAll(".panel"), page.byId("controls")].filter((panel) => !panel.hidden).map(({ id }) => id);
  return { ...page, heard, press, open };
}

test("a call for help shows the number at once, and says truly whether it was heard", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { heard, byId, press, open } = await phone();
  await press("get-help");
  assert.deepEqual([open(), byId("call-lead").href, byId("call-lead").hidden], [["help"], "tel:07700900003", false]);
  assert.equal(textOf("help-says"), "Lead: 07700 900 003. In an emergency: 999. The organisers have been alerted.");
  heard.helped = false;
  await press("get-help");
  assert.match(textOf("help-says"), /No network: the organisers do not know yet\.$/);
  const without = await phone({ leadPhone: "" });
  await without.press("get-help");
  assert.deepEqual([without.byId("call-lead").hidden, textOf("help-says").startsWith("Fetch the lead.")], [true, true]);
  const leads = await phone({ role: "door_lead" });
  await leads.press("get-help");
  assert.deepEqual([leads.byId("call-lead").hidden, /lead/i.test(textOf("help-says"))], [true, false], "the lead holds it");
});

test("a call for help can be taken back once, and the next one again", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { heard, byId, press } = await phone();
  await press("get-help");
  await press("take-back");
  assert.deepEqual([heard.said, textOf("help-says")], [["calls", "takes back"], "Taken back. The organisers see that too."]);
  assert.equal(byId("take-back").hidden, true);
  await press("get-help");
  assert.equal(byId("take-back").hidden, false);
  heard.helped = false;
  await press("take-back");
  assert.equal(textOf("help-says"), "No network: it will be taken back.");
});

test("a call can be taken back for ten seconds, counted anew from each call, and the focus is not lost", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { byId, heard, press } = await phone();
  await press("get-help");
  mock.timers.tick(9_000);
  assert.equal(byId("take-back").hidden, false);
  await press("get-help");
  mock.timers.tick(9_000);
  assert.equal(byId("take-back").hidden, false, "the second call began anew");
  byId("take-back").focus();
  mock.timers.tick(1_000);
  assert.equal(byId("take-back").hidden, true);
  assert.equal(document.activeElement, byId("help").querySelector(".close"));
  assert.equal(heard.said.includes("takes back"), false);
  await press("get-help");
  await press("take-back");
  assert.deepEqual([byId("take-back").hidden, heard.said.at(-1)], [true, "takes back"]);
});
