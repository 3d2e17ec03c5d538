import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ask, askList, askOn, askRoll, exclusively, NoAnswer, SignedOut } from "../../../../registrations/door/scanner/server.mjs";

let asked = [];
const LAST = { 401: "none", 410: "over" };
const json = (status, body, says = LAST[status]) => ({
  status, headers: new Headers(says ? { "Muster-Pass": says } : {}),
  json: async () => body, arrayBuffer: async () => new Uint8Array([1, 2]).buffer,
});

/** A server that answers with this, or a network that fails with it. */
function answers(answer) {
  globalThis.fetch = async (path, how) => {
    asked.push({ path, ...how });
    if (answer instanceof Error) throw answer;
    return answer;
  };
}
const signedOut = (why, kept = []) => (error) => {
  assert.ok(error instanceof SignedOut);
  assert.deepEqual([error.message, error.kept], [why, kept]);
  return true;
};

beforeEach(() => (asked = []));

test("a question without a body is read, one with a body is posted as JSON", async () => {
  answers(json(200, { pass: 1 }));
  assert.deepEqual(await ask("pass?page=a"), { status: 200, body: { pass: 1 } });
  await ask("pair", { code: "x" });
  const [read, posted] = asked;
  assert.deepEqual([read.path, read.method, read.headers], ["/door/api/pass?page=a", undefined, { Accept: "application/json" }]);
  assert.deepEqual([posted.method, posted.body, posted.headers["Content-Type"]], ["POST", '{"code":"x"}', "application/json"]);
});

test("nothing is answered from a cache, and a portal that sends us elsewhere is not followed", async () => {
  answers(json(200, {}));
  await ask("pass");
  await askList(0);
  assert.deepEqual(asked.map(({ cache, redirect }) => [cache, redirect]), [["no-store", "error"], ["no-store", "error"]]);
});

for (const status of [200, 403, 422, 429]) {
  test(`${status} is an answer`, async () => {
    answers(json(status, { sentence: "so" }));
    assert.deepEqual(await ask("pair", {}), { status, body: { sentence: "so" } });
  });
}

test("204 is an answer without words", async () => {
  answers({ ...json(204), json: () => Promise.reject(new Error("empty")) });
  assert.deepEqual(await ask("help", {}), { status: 204, body: null });
});

for (const [says, answer] of [
  ["a fault of the server", json(500, {})],
  ["a proxy without a server", json(502, {})],
  ["no network", new TypeError("failed to fetch")],
  ["a captive portal's page", { ...json(200), json: () => Promise.reject(new SyntaxError("<html>")) }],
  ["a proxy's 401", json(401, {}, "")],
  ["a proxy's 401 page", { ...json(401, {}, ""), json: () => Promise.reject(new SyntaxError("<html>")) }],
  ["a proxy's 410", json(410, { kept: ["a"] }, "")],
]) {
  test(`${says} is no answer`, async () => {
    answers(answer);
    await assert.rejects(ask("scans", {}), NoAnswer);
  });
}

test("410 is the last word, and names the scans that the server has kept", async () => {
  answers(json(410, { kept: ["a", "b"] }));
  await assert.rejects(ask("scans", {}), signedOut("device_revoked", ["a", "b"]));
  for (const body of [null, {}, { kept: "a" }]) {
    answers(json(410, body));
    await assert.rejects(ask("scans", {}), signedOut("device_revoked"));
  }
});

test("410 is the last word even where its body was lost on the way", async () => {
  answers({ ...json(410), json: () => Promise.reject(new TypeError("network error")) });
  await assert.rejects(ask("scans", {}), signedOut("device_revoked"));
});

test("an unpaired phone that asks for its pass hears that it has none, without an error in the console", async () => {
  answers(json(200, { pass: null }, "none"));
  await assert.rejects(ask("pass"), signedOut("unpaired"));
});

test("401 says that there is no pass any more", async () => {
  answers(json(401, {}));
  await assert.rejects(ask("pass"), signedOut("unpaired"));
  await assert.rejects(askList(0), signedOut("unpaired"));
});

test("while a scan may be left the server hears so, so that its last word erases none", async () => {
  answers(json(200, {}));
  await askOn("scans", {});
  await askList(7);
  await ask("sign-out", {});
  assert.deepEqual(asked.map(({ headers }) => headers["Muster-Left"]), ["1", "1", undefined]);
});

test("the list comes as bytes, whole or since a version, and nothing but 200 is one", async () => {
  answers(json(200));
  assert.deepEqual(await askList(7), new Uint8Array([1, 2]));
  assert.equal(asked[0].path, "/door/api/list?since=7");
  answers(json(403));
  await assert.rejects(askList(7), NoAnswer);
});

test("the sealed roll call comes with the name of its key and the server's time, and without them it is none", async () => {
  const rolled = (status, said) => ({ ...json(status), headers: new Headers(said) });
  answers(rolled(200, { "Muster-Roll-Key": "aa", "Muster-Roll-At": "1555315800" }));
  assert.deepEqual(await askRoll(), { bytes: new Uint8Array([1, 2]), key: "aa", at: 1555315800 });
  assert.deepEqual([asked[0].path, asked[0].cache, asked[0].headers["Muster-Left"]], ["/door/api/roll/list", "no-store", "1"]);
  for (const none of [rolled(409, {}), rolled(200, {}), rolled(200, { "Muster-Roll-Key": "aa" }), rolled(403, { "Muster-Roll-Key": "aa", "Muster-Roll-At": "1" })]) {
    answers(none);
    await assert.rejects(askRoll(), NoAnswer);
  }
});

test("no question waits for ever", async () => {
  globalThis.fetch = (_path, { signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  const alive = setTimeout(() => {}, 5000); // a timeout alone keeps no process alive
  await assert.rejects(ask("pass", undefined, 5), NoAnswer);
  await assert.rejects(askList(0, 1, 5), NoAnswer);
  clearTimeout(alive);
});

test("nor in a browser without a signal for that", async () => {
  const { timeout } = AbortSignal;
  globalThis.fetch = (_path, { signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  AbortSignal.timeout = undefined;
  await assert.rejects(ask("pass", undefined, 5), NoAnswer);
  AbortSignal.timeout = timeout;
});

test("where a second tab is sending, this one sends nothing; without locks there is but one", async () => {
  const browser = (value) => Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  const request = (isFree) => (_name, { ifAvailable }, work) => (assert.equal(ifAvailable, true), work(isFree ? {} : null));
  const done = [];
  browser({ locks: { request: request(false) } });
  await exclusively(() => done.push("held"));
  browser({ locks: { request: request(true) } });
  await exclusively(() => done.push("free"));
  browser({});
  await exclusively(() => done.push("no locks"));
  assert.deepEqual(done, ["free", "no locks"]);
});
