import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openPage, settled, textOf } from "./page.mjs";

const ADA = "M1DE2YYFFZFEVFX9VWTAW6CB5HKCW";
const PASS = {
  id: 1, name: "Main door 1", role: "steward", pass_mark: "1.mark", now: 1000, moved: 0, seconds_left: 9000, zone: "Europe/London",
  door: { id: 1, name: "Main door", opens: 0, closes: null, policy: "again" }, closes_at: null,
  event: { title: "Launch", day: "15 April", salt: "AAAAAAAAAAAAAAAAAAAAAA", lead_phone: "07700 900 003" },
};
const server = { asked: [], more: {}, verdict: { verdict: "ok", name: "Ada Example" }, status: 200 };

/** The door's page whole, in a browser without a database, a camera or a worker, before a server that the test answers for. */
const page = openPage();
globalThis.fetch = async (path, { body } = {}) => {
  const what = path.replace("/door/api/", "").split("?")[0];
  const given = body && JSON.parse(body);
  server.asked.push([what, given]);
  const headers = new Headers(server.status === 410 ? { "Muster-Pass": "over" } : {});
  if (server.status !== 200) return { status: server.status, headers, json: async () => ({}) };
  const answers = (given?.scans ?? []).map(({ id }) => ({ id, ...server.verdict }));
  const replies = { pass: { pass: PASS }, scans: { answers, version: 0, now: 1000, moved: 0, seconds_left: 9000, ...server.more } };
  return { status: replies[what] ? 200 : 204, headers, json: async () => replies[what] };
};
page.document.querySelector = (selector) => (selector === "meta[name=app]" ? { content: "7" } : page.body.querySelector(selector));
mock.timers.enable({ apis: ["setInterval"] });
const loading = import("../../../../registrations/door/scanner/main.mjs");
let ahead = 0;
const real = performance.now.bind(performance);
performance.now = () => real() + ahead;
const press = (id) => page.byId(id).click();
const sentOf = (what) => server.asked.filter(([path]) => path === what).map(([, given]) => given);

async function types(text) {
  let at = performance.now() + types.count++ * 10_000;
  for (const key of [...text, "Enter"]) {
    await page.tell("keydown", { key, timeStamp: (at += 5), target: page.body, stopImmediatePropagation() {} });
  }
}
types.count = 0;

async function until(isSo) {
  for (let n = 0; n < 200 && !isSo(); n++) await new Promise((done) => setTimeout(done, 10));
}
const isSaid = (id, words) => until(() => words.test(textOf(id)));

test("the page asks which door it is for, and says so", async () => {
  await loading;
  assert.deepEqual([server.asked[0][0], textOf("start-name"), textOf("bar-door")], ["pass", "Main door 1", "Main door"]);
  assert.equal(page.byId("start").hidden, false);
  assert.match(textOf("checks"), /Storagerefused: online only/);
});

test("a code that is typed at the door is sent, and its answer is on the screen", async () => {
  page.byId("begin-online").hidden = false;
  await press("begin-online");
  await settled();
  assert.equal(page.byId("door").hidden, false);
  assert.equal(page.byId("reference").hidden, false, "without a camera references can be typed at once");
  await types(ADA);
  await isSaid("verdict", /^COME IN/);
  const sent = sentOf("scans").find(({ scans }) => scans.length);
  assert.deepEqual([sent.scans[0].kind, sent.scans[0].pass_mark, sent.to_send, sent.page.length], ["in", "1.mark", 0, 8]);
  assert.match(textOf("verdict"), /^COME IN.*Ada Example/);
  assert.equal(page.byId("undo").disabled, false);
  await isSaid("bar-facts", /0 to send/);
  assert.match(textOf("bar-facts"), /0 to send/);
});

test("a code that is no ticket opens the typed reference", async () => {
  await page.byId("reference").querySelector(".close").click();
  ahead += 1000; // the answer before has been seen by then
  await types("https://example.org/");
  await isSaid("verdict", /^NOT A TICKET/);
  assert.match(textOf("verdict"), /^NOT A TICKET/);
  assert.equal(page.byId("reference").hidden, false);
  await press("next");
});

test("a turn is said in the bar, and people are counted out", async () => {
  await press("turn");
  assert.deepEqual([textOf("bar-way"), page.byId("door").classList.contains("out")], ["Out", true]);
  await press("turn");
});

test("every five seconds the server is asked", async () => {
  const before = server.asked.length;
  mock.timers.tick(5000);
  await settled();
  assert.equal(server.asked.length > before, true);
});

test("while the building is being left the page says so, and a code is still taken", async () => {
  server.more = { roll_call: { kind: "real", since: 0 } };
  mock.timers.tick(5000);
  await isSaid("evacuation", /^EVACUATION/);
  assert.equal(textOf("evacuation"), "EVACUATION since 01:00: let nobody in. Help people out.");
  const before = sentOf("scans").flatMap(({ scans }) => scans).length;
  ahead += 6000; // the same ticket counts again by then
  await types(ADA);
  await until(() => sentOf("scans").flatMap(({ scans }) => scans).length > before);
  assert.equal(sentOf("scans").flatMap(({ scans }) => scans).length, before + 1);
  server.more = {};
  mock.timers.tick(5000);
  await until(() => page.byId("evacuation").hidden);
  assert.equal(textOf("evacuation"), "");
  ahead += 1000; // the answer before has been seen by then
});

test("a scan without an answer keeps the page from closing unasked", async () => {
  assert.equal((await page.tell("beforeunload")).defaultPrevented, false);
  server.status = 502;
  await types("https://example.org/2");
  await isSaid("bar-facts", /1 to send/);
  assert.equal((await page.tell("beforeunload")).defaultPrevented, true);
  assert.match(textOf("bar-facts"), /1 to send/);
});

test("the network is back: what waits is sent", async () => {
  server.status = 200;
  await page.tell("online");
  await isSaid("bar-facts", /0 to send/);
  assert.match(textOf("bar-facts"), /0 to send/);
});

test("the server's last word signs the phone out", async () => {
  const went = [];
  page.location.replace = (path) => went.push(path);
  globalThis.indexedDB = { deleteDatabase: () => ({ set onsuccess(done) { setImmediate(done); } }) };
  globalThis.caches = { keys: async () => [] };
  globalThis.window = {};
  server.status = 410;
  mock.timers.tick(5000);
  await until(() => went.length);
  assert.deepEqual(went, ["/door/over"]);
  assert.equal((await page.tell("beforeunload")).defaultPrevented, false);
});
