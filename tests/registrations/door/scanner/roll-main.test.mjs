import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openPage, settled, textOf } from "./page.mjs";
import { ADA, BO, cardKey, PASS, sealed, START } from "./roll-phone.mjs";
import { toBase64url } from "../../../../registrations/door/scanner/sealing.mjs";

const key = await cardKey();
const box = await sealed([ADA, BO], key);
const server = { asked: [], running: null, status: 200 };

/** The marshal's page whole, in a browser without a database, a camera or a worker, before a server that the test answers for. */
const page = openPage({}, "roll.html");
globalThis.fetch = async (path, { body } = {}) => {
  const what = path.replace("/door/api/", "").split("?")[0];
  const given = body && JSON.parse(body);
  server.asked.push([what, given]);
  if (server.status !== 200) return { status: server.status, headers: new Headers({ "Muster-Pass": "over" }), json: async () => ({}) };
  if (what === "roll/list") {
    const headers = new Headers({ "Muster-Roll-Key": box.key, "Muster-Roll-At": String(box.at) });
    return { status: 200, headers, arrayBuffer: async () => box.bytes.slice().buffer };
  }
  const state = { now: START, moved: 0, seconds_left: 9000, list_at: START, key_id: box.key, running: server.running };
  if (what === "roll/start") server.running = { id: given.id, kind: given.kind, started_at: START, count: 2, key: toBase64url(key.key) };
  const ticks = { kept: [...(given?.ticks ?? []), ...(given?.printed ?? [])].map(({ id }) => id), refused: [], cursor: 1, ticks: [] };
  const replies = {
    pass: { pass: PASS }, "roll/state": state, "roll/start": { ...state, running: server.running, joined: given?.id }, "roll/ticks": ticks,
  };
  return { status: replies[what] ? 200 : 204, headers: new Headers(), json: async () => replies[what] };
};
page.document.querySelector = (selector) => (selector === "meta[name=app]" ? { content: "7" } : page.body.querySelector(selector));
globalThis.print = () => server.asked.push(["printed", page.byId("sheet").textContent]);
mock.timers.enable({ apis: ["setInterval"] });
const loading = import("../../../../registrations/door/scanner/roll-main.mjs");
const sentOf = (what) => server.asked.filter(([path]) => path === what).map(([, given]) => given);

async function until(isSo) {
  for (let n = 0; n < 200 && !isSo(); n++) await new Promise((done) => setTimeout(done, 10));
  assert.ok(isSo());
}

async function beats() {
  mock.timers.tick(5000);
  await settled(20);
}

test("the page asks whose phone it is, says how it stands, and fetches the sealed list", async () => {
  await loading;
  assert.deepEqual(server.asked.map(([path]) => path).slice(0, 3), ["pass", "roll/state", "roll/list"]);
  assert.deepEqual([textOf("bar-door"), page.byId("roll").hidden, textOf("list-says")], ["Launch", false, "Who is checked in, as at 09:10: sealed on this phone."]);
  assert.equal(page.body.textContent.includes("Example"), false);
});

test("DR-38 begun with two presses it opens, and says who is checked in", async () => {
  await page.byId("begin-roll").click();
  await page.byId("start-real").click();
  await until(() => !page.byId("open").hidden);
  assert.equal(page.byId("people").children.length, 2);
  assert.deepEqual(sentOf("roll/start").map(({ kind, age }) => [kind, age >= 0]), [["real", true]]);
  assert.equal((await page.tell("beforeunload")).defaultPrevented, true, "an open list is not left unasked");
});

test("a tick is sent at once, and a print is told", async () => {
  await page.byId("people").querySelectorAll("button")[0].click();
  await until(() => sentOf("roll/ticks").some(({ ticks }) => ticks.length));
  assert.equal(sentOf("roll/ticks").find(({ ticks }) => ticks.length).roll, sentOf("roll/start")[0].id);
  await page.byId("print").click();
  assert.match(sentOf("printed")[0], /Ada Example09:05Safe/);
  await beats();
  await until(() => sentOf("roll/ticks").some(({ printed }) => printed.length));
  await until(() => textOf("bar-facts").startsWith("0 to send"));
});

test("a drill that another marshal turned real begins anew here, and says so", async () => {
  server.running = { ...server.running, id: "D", kind: "drill" };
  await beats();
  await until(() => textOf("open-title") === "Drill");
  await page.byId("people").querySelectorAll("button")[0].click();
  await until(() => textOf("roll-says").endsWith(": safe."));
  server.running = { ...server.running, id: "R", kind: "real" };
  await beats();
  await until(() => textOf("open-title") === "Evacuation roll call");
  assert.equal(textOf("roll-says"), "It is real now. All ticks begin anew.");
  assert.match(textOf("sums"), /Safe 0/);
});

test("its end seals the list, on the page and on paper", async () => {
  server.running = null;
  await beats();
  await until(() => page.byId("open").hidden);
  assert.deepEqual([page.byId("people").children.length, page.byId("sheet").textContent], [0, ""]);
  assert.match(textOf("roll-says"), /has ended/);
  assert.equal((await page.tell("beforeunload")).defaultPrevented, false);
});

test("the server's last word wipes the phone", async () => {
  const went = [];
  page.location.replace = (path) => went.push(path);
  globalThis.indexedDB = { deleteDatabase: () => ({ set onsuccess(done) { setImmediate(done); } }) };
  globalThis.caches = { keys: async () => [] };
  globalThis.window = {};
  server.status = 410;
  await beats();
  await until(() => went.length);
  assert.deepEqual(went, ["/door/over"]);
});
