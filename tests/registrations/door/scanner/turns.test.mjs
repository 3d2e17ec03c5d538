import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "../../../../registrations/door/scanner/turns.mjs";

test("one after the other, and each is waiting until it is done", async () => {
  const turns = new Turns();
  const seen = [];
  const ends = [];
  for (const name of ["a", "b"]) {
    turns.take(() => new Promise((done) => (seen.push(name), ends.push(done))));
  }
  await new Promise(setImmediate);
  assert.deepEqual([seen, turns.areWaiting()], [["a"], true]);
  ends[0]();
  await new Promise(setImmediate);
  assert.deepEqual([seen, turns.areWaiting()], [["a", "b"], true]);
  ends[1]();
  await turns.end();
  assert.equal(turns.areWaiting(), false);
});

test("a failure is told, and stops nothing that comes after", async () => {
  const turns = new Turns();
  const told = [];
  turns.take(() => Promise.reject(new Error("out of disk")), (error) => told.push(error.message));
  await turns.take(() => told.push("next"));
  assert.deepEqual([told, turns.areWaiting()], [["out of disk", "next"], false]);
});
