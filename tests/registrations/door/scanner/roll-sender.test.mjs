import assert from "node:assert/strict";
import { test } from "node:test";
import { phone } from "./roll-phone.mjs";
import { RollServer, talking } from "./roll-server.mjs";

const REAL = { id: "R", kind: "real", started_at: 0, count: 200, key: "a2V5" };
const rowOf = (n) => `row ${n}`;
const paths = (server) => server.heard.map(([path]) => path);

async function marshals(count = 1) {
  const server = new RollServer();
  const phones = [];
  for (let n = 1; n <= count; n++) phones.push(talking(await phone(), server, `Marshal ${n}`));
  return [server, ...phones];
}

test("while nothing runs, a beat asks how it stands and says what it has to send", async () => {
  const [server, sid] = await marshals();
  await sid.sender.beat();
  assert.deepEqual(server.heard, [["roll/state", { page: "0a0a0a0a", to_send: 0 }]]);
  assert.deepEqual(sid.told, ["connection online 0"]);
});

test("while a roll call runs, a beat brings what others have ticked", async () => {
  const [server, sid, other] = await marshals(2);
  server.running = REAL;
  await sid.sender.beat();
  await other.sender.beat();
  await other.ticks.mark(rowOf(1), "safe");
  await other.sender.hurry();
  await sid.sender.beat();
  assert.deepEqual([sid.ticks.of(rowOf(1)).mark, sid.ticks.of(rowOf(1)).device], ["safe", "Marshal 2"]);
  assert.deepEqual(paths(server).slice(-2), ["roll/state", "roll/ticks"]);
});

test("DR-39 200 people, two marshals without a network: both tick, and nothing is lost", async () => {
  const [server, sid, other] = await marshals(2);
  server.running = REAL;
  for (const marshal of [sid, other]) await marshal.sender.beat();
  server.down = true;
  for (let n = 0; n < 200; n++) {
    await sid.ticks.mark(rowOf(n), "safe");
    other.passes(1);
    await other.ticks.mark(rowOf(n), n < 10 ? "not_seen" : "safe");
  }
  await sid.sender.hurry();
  await other.sender.hurry();
  assert.deepEqual([sid.told.at(-1), other.told.at(-1)], ["connection offline 200", "connection offline 200"]);
  server.down = false;
  for (const marshal of [sid, other, sid]) await marshal.sender.beat();
  assert.deepEqual([server.ticks.length, new Set(server.ticks.map(({ id }) => id)).size], [400, 400]);
  assert.deepEqual([await sid.ticks.count(), await other.ticks.count()], [0, 0]);
  for (const marshal of [sid, other]) {
    const disputed = Array.from({ length: 200 }, (_, n) => marshal.ticks.of(rowOf(n))).filter(({ disputes }) => disputes.length);
    assert.equal(disputed.length, 10, "both see where they disagree");
  }
});

test("more than one batch goes in one conversation", async () => {
  const [server, sid] = await marshals();
  server.running = REAL;
  await sid.sender.beat();
  for (let n = 0; n < 450; n++) await sid.ticks.mark(rowOf(n), "safe");
  await sid.sender.hurry();
  assert.deepEqual([server.ticks.length, await sid.ticks.count()], [450, 0]);
  assert.deepEqual(server.heard.filter(([path]) => path === "roll/ticks").slice(-3).map(([, { ticks }]) => ticks.length), [200, 200, 50]);
});

test("an answer that is lost costs nothing: the same ticks are sent again, and kept once", async () => {
  const [server, sid] = await marshals();
  server.running = REAL;
  await sid.sender.beat();
  await sid.ticks.mark(rowOf(1), "safe");
  const answered = sid.ticks.answered.bind(sid.ticks);
  sid.ticks.answered = async () => {
    throw new Error("the page was closed");
  };
  await sid.sender.hurry();
  assert.deepEqual([server.ticks.length, await sid.ticks.count()], [1, 1]);
  sid.ticks.answered = answered;
  await sid.sender.beat();
  assert.deepEqual([server.ticks.length, await sid.ticks.count()], [1, 0]);
});

test("what was begun without a network is told first, then its ticks", async () => {
  const [server, sid] = await marshals();
  server.down = true;
  await sid.rollCall.begin("drill");
  await sid.ticks.mark(rowOf(1), "safe");
  await sid.prints.made(sid.rollCall.get().id);
  await sid.sender.hurry();
  assert.equal(sid.told.at(-1), "connection offline 3");
  server.down = false;
  await sid.sender.beat();
  assert.deepEqual(paths(server), ["roll/start", "roll/ticks"]);
  assert.deepEqual([server.running.kind, server.ticks.length, server.prints.length, sid.told.at(-1)], ["drill", 1, 1, "connection online 0"]);
});

test("two that begin one each without a network end in one roll call, with the ticks of both", async () => {
  const [server, sid, other] = await marshals(2);
  for (const marshal of [sid, other]) {
    await marshal.rollCall.begin("real");
    await marshal.ticks.mark(rowOf(1), "safe");
  }
  for (const marshal of [sid, other]) await marshal.sender.beat();
  assert.equal(sid.rollCall.get().id, other.rollCall.get().id);
  assert.deepEqual([...new Set(server.ticks.map(({ roll }) => roll))], [server.running.id]);
  assert.equal(server.ticks.length, 2);
});

test("ticks of a roll call that has ended meanwhile are sent under it", async () => {
  const [server, sid] = await marshals();
  server.running = REAL;
  await sid.sender.beat();
  server.down = true;
  await sid.ticks.mark(rowOf(1), "safe");
  await sid.sender.hurry();
  [server.down, server.running] = [false, null];
  server.starts.set("R", "R");
  await sid.sender.beat();
  assert.deepEqual([server.ticks.map(({ roll }) => roll), await sid.ticks.count(), sid.rollCall.get()], [["R"], 0, null]);
});

test("a refused tick is not tried again", async () => {
  const [server, sid] = await marshals();
  [server.running, server.unknown] = [REAL, [rowOf(7)]];
  await sid.sender.beat();
  await sid.ticks.mark(rowOf(7), "safe");
  await sid.sender.hurry();
  assert.deepEqual([await sid.ticks.count(), server.ticks.length], [0, 0]);
});

test("a server that answers neither yes nor no to a tick is asked again at the next beat, and not for ever at once", async () => {
  const [server, sid] = await marshals();
  server.running = REAL;
  await sid.sender.beat();
  await sid.ticks.mark(rowOf(1), "safe");
  const ask = server.of("Marshal 1");
  let asked = 0;
  const { sender } = talking(sid, { of: () => async (path, body) => {
    const answer = await ask(path, body);
    if (path === "roll/ticks") asked++;
    return path === "roll/ticks" ? { status: 200, body: { ...answer.body, kept: [], refused: [] } } : answer;
  } }, "Marshal 1");
  await sender.beat();
  assert.deepEqual([asked, await sid.ticks.count()], [1, 1]);
});

test("a captive portal is no answer", async () => {
  const [, sid] = await marshals();
  for (const body of [null, {}, { answers: [] }, { error: "role", sentence: "No" }]) {
    const { sender } = talking(await phone(), { of: () => async () => ({ status: 200, body }) }, "x");
    await sender.beat();
  }
  await sid.sender.beat();
  assert.equal(sid.told.at(-1), "connection online 0");
});

test("what comes up during a conversation is sent right after it", async () => {
  const [server, sid] = await marshals();
  server.running = REAL;
  const beating = sid.sender.beat();
  await sid.ticks.turnTo("R");
  await sid.ticks.mark(rowOf(1), "safe");
  await sid.sender.hurry();
  await beating;
  assert.equal(server.ticks.length, 1);
});

test("what is begun during a conversation is told in the next, without waiting for a beat", async () => {
  const [server, sid] = await marshals();
  const beating = sid.sender.beat();
  await sid.rollCall.begin("real");
  await sid.sender.hurry();
  await beating;
  assert.deepEqual([paths(server).at(0), server.running?.kind], ["roll/state", "real"]);
  assert.equal(paths(server).filter((path) => path === "roll/start").length, 1);
});

test("a drill that turns real while its ticks are on their way is told of right after them", async () => {
  const server = new RollServer();
  server.running = { ...REAL, kind: "drill" };
  const sid = await phone();
  const ask = server.of("Marshal 1");
  const turnsReal = async (path, body) => {
    const answer = await ask(path, body);
    if (path === "roll/ticks" && sid.rollCall.get().kind === "drill") {
      await sid.rollCall.begin("real");
      await sid.sender.hurry();
    }
    return answer;
  };
  await talking(sid, { of: () => turnsReal }, "Marshal 1").sender.beat();
  assert.deepEqual(paths(server).slice(0, 3), ["roll/state", "roll/ticks", "roll/start"]);
});

test("a door that is being closed hears first of what was begun without a network", async () => {
  const [server, sid] = await marshals();
  await sid.rollCall.begin("drill");
  await sid.ticks.mark(rowOf(1), "safe");
  await sid.sender.drain();
  assert.deepEqual([paths(server), server.ticks.length, await sid.sender.count()], [["roll/start", "roll/ticks"], 1, 0]);
});

test("the end of the pass is said once, and what was ticked is handed over with it", async () => {
  const [server, sid] = await marshals();
  server.running = REAL;
  await sid.sender.beat();
  server.down = true;
  for (let n = 0; n < 250; n++) await sid.ticks.mark(rowOf(n), "safe");
  await sid.prints.made("R");
  assert.equal(await sid.sender.handOver(), false, "no network");
  [server.down, server.over] = [false, true];
  await sid.sender.beat();
  assert.deepEqual(sid.told.filter((said) => said.startsWith("signed-out")), ["signed-out device_revoked"]);
  assert.equal(await sid.sender.handOver(), true);
  assert.deepEqual([server.ticks.length, server.prints.length, await sid.sender.count()], [250, 1, 0]);
});

test("once stopped it beats no more, but a door that is closing still gets what is left", async () => {
  const [server, sid] = await marshals();
  server.running = REAL;
  await sid.sender.beat();
  await sid.ticks.mark(rowOf(1), "safe");
  sid.sender.stop();
  const before = server.heard.length;
  await sid.sender.beat();
  assert.equal(server.heard.length, before);
  await sid.sender.drain();
  assert.equal(server.ticks.length, 1);
});

test("with nothing to send a door that is closing is asked whether a roll call has begun meanwhile", async () => {
  const [server, sid] = await marshals();
  sid.sender.stop();
  server.running = REAL;
  await sid.sender.drain();
  assert.deepEqual([paths(server)[0], sid.rollCall.get().kind], ["roll/state", "real"]);
});
