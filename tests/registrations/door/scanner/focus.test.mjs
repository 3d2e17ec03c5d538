import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./page.mjs";

const { byId } = openPage();
const { firstOf, focusOnNext, holdsFocus, shutOffBelow } = await import("../../../../registrations/door/scanner/focus.mjs");
const focused = () => document.activeElement.id;

/** What of the door can be reached. */
const isReached = () => byId("door").children.filter(({ inert }) => !inert).map(({ id, tagName }) => id || tagName);

test("the focus goes to what lies on top, else to the verdict, else into an open panel, else to a control", () => {
  focusOnNext();
  assert.equal(focused(), "type-reference");
  focusOnNext("more");
  assert.equal(focused(), "more");
  for (const [id, target] of [["lead", "lead-pin"], ["verdict", "verdict"], ["changed", "seen"], ["covered", "covered"]]) {
    byId(id).hidden = false;
    focusOnNext();
    assert.equal(focused(), target);
  }
  for (const id of ["lead", "verdict", "changed", "covered"]) byId(id).hidden = true;
});

test("an element holds the focus where it is on it or in it", () => {
  byId("lead-pin").focus();
  assert.deepEqual([holdsFocus("verdict", "lead"), holdsFocus("lead-pin"), holdsFocus("verdict", "next")], [true, true, false]);
});

test("whoever opens a panel begins at its first control, and at no link that is hidden", () => {
  assert.equal(firstOf(byId("lead")).id, "lead-pin");
  byId("call-lead").hidden = true;
  assert.equal(firstOf(byId("help")).href, "tel:999");
  byId("walk-in-who").hidden = true;
  byId("walk-in-why").hidden = false;
  assert.equal(firstOf(byId("walk-in")).id, "walk-in-email", "of the step that is there");
});

test("nothing below what lies on top can be reached until it is gone", () => {
  const all = isReached();
  byId("changed").hidden = byId("covered").hidden = false;
  shutOffBelow();
  assert.deepEqual(isReached(), ["H1", "covered"]);
  byId("covered").hidden = true;
  shutOffBelow();
  assert.deepEqual(isReached(), ["H1", "changed"]);
  byId("changed").hidden = true;
  shutOffBelow();
  assert.deepEqual(isReached(), all);
});
