import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";
import { PASS, phone } from "./roll-phone.mjs";

const { NoAnswer, SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");

/** A marshal's phone whose server gives this pass, or throws. */
async function shift({ given = PASS, kept = null, closing = false } = {}) {
  const page = openPage({}, "roll.html");
  const { RollSession } = await import("../../../../registrations/door/scanner/roll-session.mjs");
  const sid = await phone();
  const said = [];
  const say = (name) => async (...told) => void said.push([name, ...told].join(" "));
  page.location.replace = (path) => said.push(path);
  page.location.reload = () => said.push("reloads");
  const server = { given };
  const ask = async (path) => {
    said.push(path.split("?")[0]);
    if (server.given instanceof Error) throw server.given;
    return { body: { pass: server.given } };
  };
  let held = kept;
  const pass = { ...sid.pass, get: () => held, recall: async () => held, take: async (pass_) => void (held = pass_), heard: async () => {}, secondsLeft: () => held.seconds_left };
  const leaving = { isOver: () => false, signedOut: say("signed out"), goOn: say("hands over") };
  const door = { isOn: () => closing, begin: say("closes"), goOn: say("goes on closing"), stop: say("closes no more") };
  const session = new RollSession({
    ...sid, ask, page: "0a0a0a0a", pass, leaving, closing: door, help: { send: () => {} }, opening: { look: async () => {} },
    sender: { beat: say("beats"), report: say("reports"), drain: say("asks") }, screen: { draw: () => {}, say: (words) => said.push(words) },
    status: { list: () => {}, bar: () => {} }, wakeLock: { hold: () => said.push("stays on") },
  });
  return { ...page, ...sid, session, said, server: Object.assign(sid.server, server), answer: (next) => (server.given = next) };
}

test("a marshal's phone shows the roll call, keeps its screen on, and fetches the list", async () => {
  const { session, said, byId, server } = await shift();
  await session.begins();
  assert.deepEqual([said, byId("roll").hidden, byId("waiting").hidden], [["pass", "stays on", "beats"], false, true]);
  assert.deepEqual([textOf("bar-door"), textOf("bar-device"), server.asked], ["Launch", "Marshal 1", 1]);
});

test("any other phone, and one that is to be paired, goes to the scanner's page", async () => {
  const steward = await shift({ given: { ...PASS, role: "steward" } });
  await steward.session.begins();
  assert.deepEqual([steward.said, steward.server.asked], [["pass", "/door/"], 0]);
  const paired = await shift();
  paired.location.hash = "#secret";
  await paired.session.begins();
  assert.deepEqual(paired.said, ["/door/#secret"]);
});

test("DR-38 without a network it starts with the pass it has, and without one it says that it cannot", async () => {
  const sid = await shift({ given: new NoAnswer("down"), kept: PASS });
  sid.server.down = true;
  await sid.session.begins();
  assert.deepEqual([sid.byId("roll").hidden, sid.said.at(-1)], [false, "reports"]);
  const without = await shift({ given: new NoAnswer("down") });
  await without.session.begins();
  assert.deepEqual([without.byId("roll").hidden, without.byId("ask-again").hidden], [true, false]);
  assert.match(textOf("waiting-says"), /No answer from the server/);
});

test("a pass that has ended is ended here, whenever the server says so", async () => {
  const sid = await shift({ given: new SignedOut("device_revoked"), kept: PASS });
  await sid.session.begins();
  assert.deepEqual(sid.said, ["pass", "signed out device_revoked"]);
  const later = await shift({ kept: PASS });
  later.rollList.look = async () => {
    throw new SignedOut("device_revoked");
  };
  await later.session.beat();
  assert.equal(later.said.at(-1), "signed out device_revoked");
});

test("ticks of an earlier run are there to be handed over, although the pass has ended meanwhile", async () => {
  const sid = await shift({ given: new SignedOut("device_revoked") });
  await sid.tickStore.keep({ id: "1", roll: "R", row: "aa", mark: "safe", isKept: false, at: 0 });
  await sid.session.begins();
  assert.deepEqual([await sid.ticks.count(), sid.said.at(-1)], [1, "signed out device_revoked"]);
});

test("a door that is being closed is closed, and one that is open again begins anew", async () => {
  const sid = await shift({ given: { ...PASS, closing: true } });
  await sid.session.begins();
  assert.deepEqual([sid.said.at(-1), sid.byId("roll").hidden], ["closes", true]);
  const on = await shift({ kept: PASS });
  await on.session.heard({ closing: true, running: null });
  assert.equal(on.said.at(-1), "closes");
  const again = await shift({ kept: PASS, closing: true });
  await again.session.beat();
  await again.session.heard({ running: null });
  assert.deepEqual(again.said, ["asks", "goes on closing", "closes no more", "reloads"]);
});

test("an evacuation that began here without a network keeps the list until the server says that this phone closes", async () => {
  const sid = await shift({ kept: PASS });
  await sid.rollCall.begin("real");
  await sid.session.heard({ closing: true, running: null });
  assert.equal(sid.said.includes("closes"), false, "the server is told of it first");
  const running = { id: sid.rollCall.get().id, kind: "real", started_at: 0, key: "a2V5" };
  await sid.session.heard({ running, joined: running.id });
  assert.equal(sid.said.includes("closes"), false);
  await sid.session.heard({ closing: true, running: null });
  assert.deepEqual([sid.said.at(-1), sid.rollCall.get()], ["closes", null]);
});

test("a drill that began here closes like any other phone", async () => {
  const sid = await shift({ kept: PASS });
  await sid.rollCall.begin("drill");
  await sid.session.heard({ closing: true, running: null });
  assert.equal(sid.said.at(-1), "closes");
});

test("loaded again, a phone that began an evacuation without a network tells the server, and does not close", async () => {
  for (const [kind, last] of [["real", "beats"], ["drill", "closes"]]) {
    const sid = await shift({ given: { ...PASS, closing: true } });
    await sid.store.keep({ "roll-call": { id: "R", kind, at: PASS.now, isTold: false, salt: PASS.event.salt, wall: 0, mono: 0, run: 1 } });
    await sid.session.begins();
    assert.equal(sid.said.at(-1), last);
  }
});

test("what the server says of roll calls and of the key is passed on", async () => {
  const { session, rollCall, rollList, server } = await shift({ kept: PASS });
  await rollList.look();
  await session.heard({ running: { id: "R", kind: "drill", started_at: 0, key: "a2V5" }, key_id: "00".repeat(16) });
  assert.equal(rollCall.get().id, "R");
  await rollList.look();
  assert.equal(server.asked, 2, "another key counts now");
});

test("every twelfth beat the whole pass is asked for, and another role's phone leaves the page", async () => {
  const { session, said, answer } = await shift({ kept: PASS });
  answer({ ...PASS, role: "steward" });
  for (let n = 0; n < 11; n++) await session.beat();
  assert.equal(said.includes("pass"), false);
  await session.beat();
  assert.deepEqual(said.slice(-2), ["pass", "/door/"]);
});

test("a page that nobody has looked at for a quarter of an hour is sealed; one looked at in between is not", async () => {
  const { session, rollList, key, document, passes, said } = await shift({ kept: PASS });
  await rollList.look();
  await rollList.open(key.key);
  document.hidden = true;
  await session.turnedOver();
  passes(899);
  document.hidden = false;
  await session.turnedOver();
  assert.equal(rollList.isOpen(), true);
  document.hidden = true;
  await session.turnedOver();
  passes(900);
  await session.beat();
  assert.equal(rollList.isOpen(), false, "also while it is still hidden");
  assert.match(said.find((words) => words.startsWith("Sealed")), /not shown for 15 minutes/);
});
