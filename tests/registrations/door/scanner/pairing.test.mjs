import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const { Bus } = await import("../../../../registrations/door/scanner/bus.mjs");
const PASS = { id: 1 };

/** A browser without a pass; each of `replies` is {status, body} or an error. */
async function phone({ hash = "", replies = [{ status: 200, body: { pass: PASS } }], left = 0, hasPass = false } = {}) {
  const page = openPage();
  page.location.hash = hash;
  const addresses = [];
  globalThis.history.replaceState = (_state, _title, path) => addresses.push(path);
  const { Pairing } = await import("../../../../registrations/door/scanner/pairing.mjs");
  const heard = { asked: [], paired: [], hurried: 0, addresses, left };
  const bus = new Bus();
  bus.on("paired", async (pass) => heard.paired.push(pass));
  const ask = async (path, body) => {
    heard.asked.push([path, body]);
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const pairing = new Pairing({
    ask, bus, pass: { get: () => null, recall: async () => (hasPass ? PASS : null) },
    store: { count: async () => null, oldest: async () => Array(heard.left).fill({}) }, // another tab may have more
    sender: { hurry: async () => (heard.hurried++, heard.sends?.()) },
  });
  pairing.show();
  const presses = () => page.byId("pairing-form").happens("submit");
  const types = async (code) => {
    page.byId("pairing-code").value = code;
    await page.byId("pairing-code").happens("input");
  };
  return { ...page, heard, pairing, presses, types };
}

test("DR-25 a code in the address changes nothing until the button is pressed, which spends it", async () => {
  const { byId, heard, presses } = await phone({ hash: "#aB3_-aB3_-aB3_-aB3_-aB" });
  assert.deepEqual([heard.asked, byId("pairing-ready").hidden, byId("pairing-typed").hidden], [[], false, true]);
  await presses();
  assert.deepEqual(heard.asked, [["pair", { code: "aB3_-aB3_-aB3_-aB3_-aB" }]]);
  assert.deepEqual([heard.paired, heard.addresses], [[PASS], ["/door/"]], "and it leaves the address");
});

for (const hash of ["", "#", "#short", "#with a blank in it", `#${"x".repeat(65)}`]) {
  test(`"${hash.slice(0, 20)}" in the address is no code: it is typed`, async () => {
    const { byId } = await phone({ hash });
    assert.deepEqual([byId("pairing-ready").hidden, byId("pairing-typed").hidden], [true, false]);
  });
}

test("a code is typed in whatever way people write it", async () => {
  const { heard, presses, types, byId } = await phone();
  await types("abc23-def45");
  await presses();
  assert.deepEqual([heard.asked, byId("pairing-code").value], [[["pair", { code: "ABC23DEF45" }]], ""]);
});

for (const [typed, says] of [
  ["ABC23DEF4O", "That letter is never used: O"],
  ["ABC23", "The code has 10 letters and numbers. Look again, or ask for a new one."],
]) {
  test(`"${typed}" is no code, and is not tried: ${says}`, async () => {
    const { heard, presses, types } = await phone();
    await types(typed);
    await presses();
    assert.deepEqual([textOf("pairing-error"), heard.asked], [says, []]);
  });
}

test("a code in the address can be left for one that is typed", async () => {
  const { byId, heard, presses, types } = await phone({ hash: "#aB3_-aB3_-aB3_-aB3_-aB" });
  await byId("pairing-by-hand").click();
  await types("ABC23DEF45");
  await presses();
  assert.deepEqual(heard.asked, [["pair", { code: "ABC23DEF45" }]]);
});

for (const [says, reply, words] of [
  ["refused", { status: 403, body: { sentence: "This code has been used." } }, "This code has been used."],
  ["not answered", new Error("no network"), "No answer from the server. Try again."],
  ["answered by something else", { status: 200, body: { welcome: "to our Wi-Fi" } }, "No answer from the server. Try again."],
]) {
  test(`a code that is ${says} can be tried again`, async () => {
    const { byId, heard, presses, types } = await phone({ replies: [reply] });
    await types("ABC23DEF45");
    await presses();
    assert.deepEqual([textOf("pairing-error"), heard.paired, byId("pairing-code").value], [words, [], "ABC23DEF45"]);
    assert.equal(byId("pairing-form").querySelector("[type=submit]").disabled, false);
  });
}

test("scans of the pass before go first, and a code is not spent while they are here", async () => {
  const { heard, presses, types } = await phone({ left: 2, hasPass: true });
  await types("ABC23DEF45");
  await presses();
  assert.deepEqual([heard.asked, heard.hurried], [[], 5]);
  assert.equal(textOf("pairing-error"), "2 not sent yet. They go first: find a network, then press again.");
  heard.sends = () => (heard.left = 0);
  await presses();
  assert.deepEqual([heard.hurried, heard.paired], [6, [PASS]]);
});

for (const [says, differs] of [
  ["that cannot tell what is left is paired all the same: each scan bears the mark of its pass", { left: 0, hasPass: true }],
  ["without a pass before has nothing to wait for", { left: 3 }],
]) {
  test(`a phone ${says}`, async () => {
    const { heard, presses, types } = await phone(differs);
    await types("ABC23DEF45");
    await presses();
    assert.deepEqual([heard.paired, heard.hurried], [[PASS], 0]);
  });
}
