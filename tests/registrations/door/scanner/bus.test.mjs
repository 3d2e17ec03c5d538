import assert from "node:assert/strict";
import { test } from "node:test";
import { Bus } from "../../../../registrations/door/scanner/bus.mjs";

test("what is told is heard at once, by each listener, in the order in which they were wired", () => {
  const bus = new Bus();
  const heard = [];
  bus.on("answered", (...given) => heard.push(["first", ...given]));
  bus.on("answered", (...given) => heard.push(["second", ...given]));
  bus.tell("answered", 1, 2);
  assert.deepEqual(heard, [["first", 1, 2], ["second", 1, 2]]);
});

test("it ends once all that the listeners started has, and fails where one of them fails", async () => {
  const bus = new Bus();
  let done = false;
  bus.on("paired", () => new Promise((resolve) => setTimeout(() => resolve((done = true)), 5)));
  await bus.tell("paired");
  assert.equal(done, true);
  bus.on("paired", async () => {
    throw new Error("of ours");
  });
  await assert.rejects(bus.tell("paired"), /of ours/);
});

test("what nobody listens to changes nothing", async () => assert.deepEqual(await new Bus().tell("nothing"), []));
