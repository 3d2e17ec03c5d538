import assert from "node:assert/strict";
import { test } from "node:test";
import { Bus } from "../../../../registrations/door/scanner/bus.mjs";
import { Help } from "../../../../registrations/door/scanner/help.mjs";
import { Memory } from "../../../../registrations/door/scanner/store.mjs";
import { SignedOut } from "../../../../registrations/door/scanner/server.mjs";

/** A phone whose server hears only while `line.up`. */
function phone() {
  const time = { now: 0, run: 1 };
  const clock = { wall: () => time.now, mono: () => time.now, get run() { return time.run; } };
  const [line, told, store] = [{ up: true }, [], new Memory()];
  const over = [];
  const ask = async (path, body) => {
    if (line.over) throw new SignedOut("device_revoked");
    if (!line.up) throw new Error("no network");
    told.push([path, body]);
  };
  const bus = new Bus();
  bus.on("signed-out", (why) => over.push(why));
  const made = () => new Help({ store, ask, clock, bus });
  return { time, line, told, over, store, help: made(), anew: made };
}

test("a call for help is told at once, and not twice", async () => {
  const { told, store, help } = phone();
  assert.equal(await help.call(), true);
  assert.equal(await help.send(), true);
  assert.deepEqual([told, await store.recall("help")], [[["help", { age: 0, taken_back: false }]], undefined]);
});

test("without a network it waits, through a restart, and says how old it is", async () => {
  const { time, line, told, help, anew } = phone();
  line.up = false;
  assert.equal(await help.call(), false);
  Object.assign(time, { now: 90_000, run: 2 });
  const again = anew();
  await again.recall();
  assert.equal(await again.send(), false);
  line.up = true;
  assert.equal(await again.send(), true);
  assert.equal(await again.send(), true);
  assert.deepEqual(told, [["help", { age: 90, taken_back: false }]]);
});

test("a call that hears the server's last word says so, and none outlives its pass", async () => {
  const { line, told, over, store, help, anew } = phone();
  line.over = true;
  assert.equal(await help.call(), false);
  assert.deepEqual(over, ["device_revoked"]);
  await help.forget();
  line.over = false;
  const next = anew();
  await next.recall();
  await next.send();
  assert.deepEqual([told, await store.recall("help")], [[], undefined]);
});

test("a call pressed by mistake is taken back at once", async () => {
  const { told, store, help } = phone();
  await help.call();
  assert.equal(await help.takeBack(), true);
  assert.deepEqual(told.map(([, call]) => call.taken_back), [false, true]);
  assert.equal(await store.recall("help"), undefined);
});

test("without a network only the last of call and taking back is told, and no call after it is lost", async () => {
  const { line, told, help } = phone();
  line.up = false;
  await help.call();
  assert.equal(await help.takeBack(), false);
  await help.call();
  line.up = true;
  assert.equal(await help.send(), true);
  assert.deepEqual(told, [["help", { age: 0, taken_back: false }]]);
});
