import assert from "node:assert/strict";
import { test } from "node:test";
import { NoAnswer } from "../../../../registrations/door/scanner/server.mjs";
import { openPage } from "./page.mjs";
import { LeadOverride } from "../../../../registrations/door/scanner/lead-override.mjs";

const RIGHT = { status: 200, body: { override: { by: "Lee's phone", seconds: 120 } } };
const WRONG = { status: 403, body: { error: "pin", sentence: "That is not a lead's PIN. 4 tries left.", left: 4 } };

/** A phone whose server answers as told; its clocks are moved by hand. */
function phone(...replies) {
  const asked = [];
  const clock = { wall: () => phone.wall, mono: () => phone.mono, run: "a" };
  [phone.wall, phone.mono] = [1000, 1000];
  const timed = async (path, body, accept) => {
    asked.push([path, body]);
    const reply = await replies.shift();
    if (reply instanceof Error) throw reply;
    if (!accept(reply.body)) throw new NoAnswer("an answer to something else");
    return reply;
  };
  return { asked, override: new LeadOverride({ sender: { timed }, clock, page: "aaaaaaaa" }) };
}

test("a PIN is checked by the server, and the override stands for a while", async () => {
  const { asked, override } = phone(RIGHT);
  assert.equal(override.stands(), false);
  assert.equal(await override.give("123456"), "");
  assert.deepEqual(asked, [["override", { pin: "123456", page: "aaaaaaaa" }]]);
  assert.equal(override.stands(), true);
  phone.wall += 114_000;
  phone.mono += 114_000;
  assert.equal(override.stands(), true);
  phone.mono += 2000;
  assert.equal(override.stands(), false);
});

for (const typed of ["361 030", " 361030 ", "3 6 1 0 3 0", "361\u00a0030"]) {
  test(`"${typed}" is the PIN that the desk shows as 361 030`, async () => {
    const { asked, override } = phone(RIGHT);
    assert.equal(await override.give(typed), "");
    assert.deepEqual(asked, [["override", { pin: "361030", page: "aaaaaaaa" }]]);
  });
}

test("the box for the PIN takes it as the desk shows it", () => {
  const box = openPage().byId("lead-pin");
  assert.ok(Number(box.getAttribute("maxlength")) >= " 361 030 ".length);
});

test("a phone that slept has slept through its end", async () => {
  const { override } = phone(RIGHT);
  await override.give("123456");
  phone.wall += 3_600_000;
  assert.equal(override.stands(), false);
});

test("a wrong one says how many tries are left, and gives nothing", async () => {
  const { override } = phone(WRONG);
  assert.equal(await override.give("000000"), "That is not a lead's PIN. 4 tries left.");
  assert.equal(override.stands(), false);
});

for (const typed of ["", "12345", "1234567", "12a456", "١٢٣٤٥٦"]) {
  test(`"${typed}" is no PIN, and costs no try`, async () => {
    const { asked, override } = phone();
    assert.equal(await override.give(typed), "A lead's PIN has 6 digits.");
    assert.deepEqual(asked, []);
  });
}

test("a captive portal's page is no answer to a PIN", async () => {
  const { override } = phone({ status: 200, body: { welcome: "to our Wi-Fi" } });
  await assert.rejects(override.give("123456"), NoAnswer);
  assert.equal(override.stands(), false);
});

test("the override counts from the question: an answer that was slow to come makes it no longer", async () => {
  const slow = new Promise((done) => setImmediate(() => ((phone.mono += 60_000), (phone.wall += 60_000), done(RIGHT))));
  const { override } = phone(slow);
  await override.give("123456");
  phone.mono += 54_000;
  assert.equal(override.stands(), true);
  phone.mono += 2000;
  assert.equal(override.stands(), false);
});

test("without an answer nobody has said anything", async () => {
  const { override } = phone(new NoAnswer("down"));
  await assert.rejects(override.give("123456"), NoAnswer);
  assert.equal(override.stands(), false);
});

for (const [verdict, row, stands] of [
  ["already_in", { tap: "lead", offline: false }, false],
  ["undo_needs_lead", { tap: "lead", offline: false }, false],
  ["already_in", { tap: "", offline: false }, true],
  ["already_in", { tap: "lead", offline: true }, true],
  ["ok", { tap: "lead", offline: false }, true],
]) {
  test(`${verdict} to ${JSON.stringify(row)} leaves the override ${stands ? "standing" : "over"}`, async () => {
    const { override } = phone(RIGHT);
    await override.give("123456");
    override.heard({ verdict }, row);
    assert.equal(override.stands(), stands);
  });
}

for (const [says, answer, code, stands] of [
  ["believed that it was scanned twice still has it", { verdict: "already_in", twice: "lead" }, "scanned_twice", true],
  ["not believed that it was scanned twice has lost it", { verdict: "already_in", twice: 6 }, "scanned_twice", false],
  ["refused a room's reason has lost it", { verdict: "speak_to_lead", cause: "capacity" }, "has_room", false],
  ["let in early into a full room still has it", { verdict: "speak_to_lead", cause: "capacity" }, "early", true],
  ["refused to leave the entrance has lost it", { verdict: "not_counted" }, "works_here", false],
  ["refused by the limit of the venue still has it", { verdict: "speak_to_lead", cause: "venue" }, "has_room", true],
]) {
  test(`a lead who is ${says}`, async () => {
    const { override } = phone(RIGHT);
    await override.give("123456");
    override.heard(answer, { tap: "lead", offline: false, code });
    assert.equal(override.stands(), stands);
  });
}
