import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const { byId, document } = openPage();
const { Evacuation } = await import("../../../../registrations/door/scanner/evacuation.mjs");
const evacuation = new Evacuation({ pass: { hourOf: (seconds) => (seconds === 913 ? "09:13" : "?") } });
const band = () => (byId("evacuation").hidden ? "" : textOf("evacuation"));

test("while the building is being left, every phone says since when and what to do", () => {
  assert.equal(band(), "");
  byId("type-reference").focus();
  evacuation.heard({ answers: [], roll_call: { kind: "real", since: 913 } });
  assert.equal(band(), "EVACUATION since 09:13: let nobody in. Help people out.");
  assert.equal(document.activeElement, byId("type-reference"), "nobody loses what they type");
  assert.equal(byId("evacuation").getAttribute("role"), "alert");
});

test("it goes when the roll call ends", () => {
  evacuation.heard({ answers: [], roll_call: { kind: "real", since: 913 } });
  evacuation.heard({ answers: [] });
  assert.deepEqual([band(), textOf("evacuation")], ["", ""]);
});

test("a drill says that it is one, and a kind that this page does not know is taken in earnest", () => {
  evacuation.heard({ roll_call: { kind: "drill", since: 913 } });
  assert.equal(band(), "Drill since 09:13: let nobody in. Help people out.");
  assert.ok(byId("evacuation").matches("p.drill"));
  evacuation.heard({ roll_call: { kind: "other", since: 913 } });
  assert.equal(band(), "EVACUATION since 09:13: let nobody in. Help people out.");
  assert.ok(!byId("evacuation").matches("p.drill"));
});
