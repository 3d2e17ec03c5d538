import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, phone, START } from "./roll-phone.mjs";

const running = (id, kind = "real", key = "a2V5") => ({ id, kind, started_at: START, count: 2, key });
const brief = (rollCall) => rollCall.get() && [rollCall.get().id, rollCall.get().kind, rollCall.get().isTold];

test("what the server says is running is known here, with its key, and ends when it says so", async () => {
  const { rollCall, said, store } = await phone();
  await rollCall.heard({ running: running("R") });
  assert.deepEqual([brief(rollCall), rollCall.key(), rollCall.news()], [["R", "real", true], "a2V5", null]);
  await rollCall.heard({ running: running("R") });
  await rollCall.heard({ running: null });
  assert.deepEqual([rollCall.get(), rollCall.key(), said], [null, null, ["roll-began R", "roll-ended"]]);
  assert.equal(await store.recall("roll-call"), undefined);
});

test("the key is gone with the server's next word without it", async () => {
  const { rollCall } = await phone();
  await rollCall.begin("real");
  await rollCall.heard({ running: running("theirs") });
  assert.equal(rollCall.key(), "a2V5");
  await rollCall.heard({ running: null });
  assert.equal(rollCall.key(), null);
});

test("the key is not stored", async () => {
  const { rollCall, store } = await phone();
  await rollCall.heard({ running: running("R") });
  assert.equal(JSON.stringify(await store.remembered()).includes("a2V5"), false);
});

test("what was begun here without a network is told later, with its age, and nothing ends it before", async () => {
  const sid = await phone();
  await sid.rollCall.begin("drill");
  const { id } = sid.rollCall.get();
  sid.passes(30);
  await sid.rollCall.heard({ running: null });
  assert.deepEqual(sid.rollCall.news(), { id, kind: "drill", age: 30 });
  const again = await sid.restarts();
  assert.equal(again.rollCall.news().id, id);
  await again.rollCall.heard({ running: running(id, "drill"), joined: id });
  assert.deepEqual([brief(again.rollCall), again.rollCall.news()], [[id, "drill", true], null]);
});

test("one that was begun here while another ran is joined to that", async () => {
  const { rollCall, said } = await phone();
  await rollCall.begin("real");
  const { id } = rollCall.get();
  await rollCall.heard({ running: running("theirs") });
  assert.equal(rollCall.get().id, id, "the server is told first, and says where it belongs");
  await rollCall.heard({ running: running("theirs"), joined: "theirs" });
  assert.deepEqual([brief(rollCall), said], [["theirs", "real", true], [`roll-began ${id}`, `roll-joined ${id} theirs`]]);
});

test("one that turns out to be over when the server hears of it is over here", async () => {
  const { rollCall, said } = await phone();
  await rollCall.begin("real");
  const { id } = rollCall.get();
  await rollCall.heard({ running: null, joined: "over" });
  assert.deepEqual([rollCall.get(), said.slice(1)], [null, [`roll-joined ${id} over`, "roll-ended"]]);
});

test("a drill that turns out to be real is begun anew, and no second of the same kind is", async () => {
  const { rollCall } = await phone();
  await rollCall.heard({ running: running("D", "drill") });
  await rollCall.begin("drill");
  assert.equal(rollCall.get().id, "D");
  await rollCall.begin("real");
  assert.deepEqual([rollCall.get().kind, rollCall.news().kind], ["real", "real"]);
  const real = rollCall.get().id;
  await rollCall.begin("real");
  await rollCall.begin("drill");
  assert.equal(rollCall.get().id, real);
});

test("where another marshal has made it real, the phone follows", async () => {
  const { rollCall, said } = await phone();
  await rollCall.heard({ running: running("D", "drill") });
  await rollCall.heard({ running: running("R") });
  assert.deepEqual([brief(rollCall), said], [["R", "real", true], ["roll-began D", "roll-began R", "roll-real"]]);
});

test("a drill that was begun here during a real one is the real one, with the ticks it has", async () => {
  const { rollCall, said } = await phone();
  await rollCall.begin("drill");
  const { id } = rollCall.get();
  await rollCall.heard({ running: running("R"), joined: "R" });
  assert.deepEqual([brief(rollCall), said.slice(1)], [["R", "real", true], [`roll-joined ${id} R`, "roll-began R"]]);
});

test("twelve hours after its start it is over by itself", async () => {
  const sid = await phone();
  await sid.rollCall.begin("real");
  sid.passes(12 * HOUR - 1);
  await sid.rollCall.look();
  assert.ok(sid.rollCall.get());
  sid.passes(1);
  await sid.rollCall.look();
  assert.deepEqual([sid.rollCall.get(), sid.said.at(-1)], [null, "roll-ended"]);
});

test("one of another event is not taken up", async () => {
  const sid = await phone();
  await sid.rollCall.begin("real");
  await sid.store.keep({ "roll-call": { ...(await sid.store.recall("roll-call")), salt: "AAAAAAAAAAAAAAAAAAAAAA" } });
  assert.equal((await sid.restarts()).rollCall.get(), null);
});
