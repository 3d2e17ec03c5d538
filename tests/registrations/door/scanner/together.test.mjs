import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

/** A phone on whose screen somebody stands who comes with others. */
async function phone({ marks = ["abcdef"], verdict = "ok" } = {}) {
  const { byId } = openPage();
  const { Panels } = await import("../../../../registrations/door/scanner/screen.mjs");
  const { Together } = await import("../../../../registrations/door/scanner/together.mjs");
  const did = [];
  const screen = { company: { row: { id: "1" }, answer: { verdict }, marks } };
  const scanning = {
    company: () => screen.company,
    hold: () => did.push("held"),
    dismiss: () => did.push("dismissed"),
    admitTogether: (asked) => did.push(asked),
  };
  new Together({ panels: new Panels(), scanning });
  const ticks = () => ["first-seen", "second-seen", "third-seen"].map((id) => byId(id));
  const isOpen = () => !byId("together").hidden;
  return { byId, did, screen, ticks, isOpen, press: (id) => byId(id).click(), sends: () => byId("together").happens("submit") };
}

test("DR-36 nothing is ticked in advance, and both work IDs have to be", async () => {
  const sid = await phone();
  for (const tick of sid.ticks()) tick.checked = true;
  await sid.press("admit-together");
  assert.deepEqual([sid.isOpen(), sid.ticks().map(({ checked }) => checked), sid.byId("third").hidden], [true, [false, false, false], true]);
  for (const n of [0, 1]) {
    await sid.sends();
    assert.deepEqual([sid.isOpen(), sid.did], [true, ["held"]], `${n} ticks`);
    assert.match(textOf("together-says"), /Tick each work ID/);
    sid.ticks()[n].checked = true;
  }
  await sid.sends();
  assert.deepEqual([sid.isOpen(), sid.did], [false, ["held", sid.screen.company]]);
});

test("DR-36 of three each work ID is ticked", async () => {
  const sid = await phone({ marks: ["abcdef", "ghijkl"] });
  await sid.press("admit-together");
  assert.deepEqual([textOf("together-now"), sid.byId("third").hidden], ["Admit all 3", false]);
  for (const tick of sid.ticks().slice(0, 2)) tick.checked = true;
  await sid.sends();
  assert.deepEqual(sid.did, ["held"]);
  sid.ticks()[2].checked = true;
  await sid.sends();
  assert.equal(sid.did.length, 2);
});

test("DR-36 nobody is let in once somebody else is on the screen", async () => {
  const sid = await phone();
  await sid.press("admit-together");
  for (const tick of sid.ticks()) tick.checked = true;
  sid.screen.company = { ...sid.screen.company, row: { id: "2" } };
  await sid.sends();
  assert.deepEqual([sid.did, textOf("together-says")], [["held"], "Somebody else is on the screen now. Nobody was let in by this."]);
});

test("closed, it lets go of who is in; who still waits for a tap is decided on as before", async () => {
  const sid = await phone();
  await sid.press("admit-together");
  await sid.byId("together").querySelector(".close").click();
  assert.deepEqual([sid.isOpen(), sid.did], [false, ["held", "dismissed"]]);
  const bo = await phone({ verdict: "check_id" });
  bo.byId("choosing").hidden = false;
  await bo.press("admit-together");
  assert.equal(bo.byId("choosing").hidden, true);
  await bo.byId("together").querySelector(".close").click();
  assert.deepEqual([bo.did, bo.byId("choosing").hidden], [["held"], false]);
});
