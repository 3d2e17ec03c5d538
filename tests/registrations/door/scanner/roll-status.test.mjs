import assert from "node:assert/strict";
import { test } from "node:test";
import { ONLINE, offlineFor, openPage, textOf } from "./page.mjs";
import { phone } from "./roll-phone.mjs";

async function standing({ level = null, isDurable = true } = {}) {
  const page = openPage({}, "roll.html");
  const { RollStatus } = await import("../../../../registrations/door/scanner/roll-status.mjs");
  const sid = await phone();
  sid.tickStore.isDurable = () => isDurable;
  sid.store.isDurable = () => true;
  const status = new RollStatus({ ...sid, battery: { level: () => level, isCharging: () => false } });
  return { ...page, ...sid, status };
}

test("the page says of when the sealed list is, and that there is none yet", async () => {
  const { status, rollList, byId } = await standing();
  status.list();
  assert.equal(textOf("list-says"), "No list on this phone yet: wait for the network.");
  await rollList.look();
  status.list();
  assert.equal(textOf("list-says"), "Who is checked in, as at 08:10: sealed on this phone.");
  assert.deepEqual([textOf("running-says"), byId("begin-roll").hidden, byId("open-list").hidden], ["", false, true]);
  status.connection(ONLINE, 0);
  assert.equal(textOf("bar-facts"), "0 to send · list as at 08:10");
});

test("a roll call that runs can be opened with one tap where there is a key, and a drill can turn real", async () => {
  const { status, rollList, rollCall, byId } = await standing();
  await rollList.look();
  await rollCall.begin("drill");
  status.list();
  assert.deepEqual([textOf("running-says"), byId("begin-roll").hidden, byId("open-list").hidden, byId("is-real").hidden], ["A drill is running, since 08:10.", true, true, false]);
  await rollCall.heard({ running: { id: "R", kind: "real", started_at: 1555315800, key: "a2V5" }, joined: rollCall.get().id });
  status.list();
  assert.deepEqual([textOf("running-says"), byId("open-list").hidden, byId("is-real").hidden], ["An evacuation roll call is running, since 08:10.", false, true]);
});

test("without a network it says that nobody is alerted, before the start and after it, until the server has heard of it", async () => {
  const { status, rollCall, passes } = await standing();
  status.list();
  assert.match(textOf("starting-alerts"), /^All marshals and the organisers are alerted/);
  status.connection(offlineFor(0), 0);
  assert.match(textOf("starting-alerts"), /^Nobody is alerted until there is a network\. Shout, telephone 999 and the organiser/);
  assert.equal(textOf("alerted"), "", "nothing has begun");
  await rollCall.begin("real");
  status.connection(offlineFor(1), 1);
  assert.match(textOf("alerted"), /^Nobody is alerted until there is a network\. Shout, telephone 999/);
  status.connection(ONLINE, 1);
  assert.match(textOf("alerted"), /^Nobody is alerted/, "the server has not heard of it yet");
  const { id } = rollCall.get();
  await rollCall.heard({ running: { id, kind: "real", started_at: 1555315800, key: "a2V5" }, joined: id });
  status.connection(ONLINE, 0);
  assert.equal(textOf("alerted"), "All marshals and the organisers are alerted.");
  passes(60);
  status.bar();
  assert.equal(textOf("alerted"), "");
});

test("begun online nothing else is said, and of a drill nobody is told to telephone", async () => {
  const online = await standing();
  online.status.connection(ONLINE, 0);
  await online.rollCall.begin("real");
  online.status.list();
  assert.equal(textOf("alerted"), "");
  const offline = await standing();
  await offline.rollCall.begin("drill");
  offline.status.connection(offlineFor(0), 1);
  assert.equal(textOf("alerted"), "Nobody is alerted until there is a network.");
});

test("a newer version is offered only while nothing would be lost", async () => {
  const { status, rollList, key, byId, practice } = await standing();
  status.newer();
  assert.equal(byId("update").hidden, false);
  status.connection(offlineFor(0), 0);
  assert.equal(byId("update").hidden, true);
  status.connection(ONLINE, 2);
  assert.deepEqual([byId("update").hidden, status.unsent()], [true, 2]);
  status.connection(ONLINE, 0);
  practice.begin();
  assert.equal(status.isIdle(), false);
  practice.end();
  await rollList.look();
  await rollList.open(key.key);
  status.bar();
  assert.equal(byId("update").hidden, true);
});

test("what is wrong with the phone stands in the bar, and what it can do on the page", async () => {
  const { status, held } = await standing({ level: 0.1, isDurable: false });
  held.seconds_left = 600;
  status.bar();
  assert.match(textOf("bar-warning"), /pass ends at .*Online only.*Battery at 10 %/);
  assert.match(textOf("checks"), /List.*not loaded yet.*Storage.*refused: keep this page open.*Page.*not kept yet/);
  status.kept(false);
  assert.match(textOf("checks"), /Page.*leave it open: it opens again only with a network/);
});

test("a new print on paper is asked for until there is one", async () => {
  const { status, prints, byId, passes } = await standing();
  status.bar();
  assert.equal(byId("paper").hidden, false);
  await prints.paper();
  status.bar();
  assert.equal(byId("paper").hidden, true);
  passes(1800);
  status.bar();
  assert.equal(byId("paper").hidden, false);
});
