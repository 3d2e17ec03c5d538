import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openPage, textOf } from "./page.mjs";

const { NoAnswer, SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");
const NO_ANSWER = "No answer. This needs the network: telephone an organiser.";
const TYPED = { "walk-in-name": "Wren Walker", "walk-in-organisation": "Weekly", "walk-in-email": "wren@weekly.example.org", "walk-in-reason": "press" };
mock.timers.enable({ apis: ["setTimeout"] });

/** A lead's phone; each of `replies` is a body, or an error. */
async function phone(role, ...replies) {
  const { byId } = openPage();
  const { Panels } = await import("../../../../registrations/door/scanner/screen.mjs");
  const { WalkIn } = await import("../../../../registrations/door/scanner/walk-in.mjs");
  const heard = { asked: [], question: null };
  const timed = async (path, body, accept) => {
    heard.asked.push([path, body]);
    const reply = await replies.shift();
    if (reply instanceof Error) throw reply;
    if (!accept(reply)) throw new NoAnswer("an answer to something else");
    return { body: reply };
  };
  const walkIn = new WalkIn({
    sender: { timed }, panels: new Panels(), page: "aaaaaaaa", pass: { get: () => ({ role }), hourOf: (seconds) => `09:${seconds}` },
    lead: { decide: (question) => (heard.question = question) },
  });
  const open = () => ["controls", "ask-lead", "walk-ins", "walk-in"].filter((id) => !byId(id).hidden);
  const rows = () => byId("walk-in-rows").children.map(({ textContent }) => textContent);
  const typed = () => Object.keys(TYPED).map((id) => byId(id).value);
  const types = () => Object.entries(TYPED).forEach(([id, text]) => (byId(id).value = text));
  const goesOn = () => byId("walk-in").happens("submit");
  const step = () => ["walk-in-who", "walk-in-why"].filter((id) => !byId(id).hidden);
  return { byId, heard, walkIn, open, rows, typed, types, goesOn, step };
}

async function asking(...replies) {
  const lee = await phone("door_lead", { walk_ins: [] }, ...replies);
  await lee.walkIn.open();
  await lee.byId("walk-in-new").click();
  assert.deepEqual(lee.open(), ["walk-ins"], "nothing opens before the PIN");
  lee.heard.question.onPin();
  lee.types();
  await lee.goesOn();
  return lee;
}

test("a steward is sent to the lead, and nothing is asked", async () => {
  const sid = await phone("steward");
  await sid.walkIn.open();
  assert.deepEqual([sid.open(), sid.heard.asked], [["ask-lead"], []]);
  assert.match(textOf("ask-lead"), /Only the lead can ask for a place/);
});

test("DR-37 a lead sees hours, what was decided and the reference, and nobody's name", async () => {
  const walkIns = [
    { number: 9, asked: 12, stage: "approved", reference: "HK7-4QD" }, { number: 8, asked: 12, stage: "waiting" },
    { number: 3, asked: 5, stage: "declined" },
  ];
  const lee = await phone("door_lead", { walk_ins: walkIns });
  await lee.walkIn.open();
  assert.deepEqual(lee.rows(), [
    "Walk-in 9, 09:12: let in. Reference HK7-4QD", "Walk-in 8, 09:12: waits for an organiser",
    "Walk-in 3, 09:5: not let in: call an organiser",
  ]);
  assert.equal(textOf("walk-ins-says"), "");
});

test("while it is open it is asked again, and not once it is closed", async () => {
  const lee = await phone("door_lead", { walk_ins: [] }, { walk_ins: [{ number: 8, asked: 12, stage: "waiting" }] });
  await lee.walkIn.open();
  assert.equal(textOf("walk-ins-says"), "No place was asked for on this phone.");
  await lee.walkIn.look();
  assert.deepEqual(lee.rows(), ["Walk-in 8, 09:12: waits for an organiser"]);
  lee.walkIn.close();
  await lee.walkIn.look();
  assert.equal(lee.heard.asked.length, 2);
});

test("a place is asked for with the PIN, and nothing that was typed stays", async () => {
  const lee = await asking({ walk_in: "abc" }, { walk_ins: [{ number: 8, asked: 12, stage: "waiting" }] });
  await lee.goesOn();
  assert.deepEqual(lee.heard.asked[1], ["walk-ins", {
    full_name: "Wren Walker", organisation: "Weekly", email: "wren@weekly.example.org", reason: "press", page: "aaaaaaaa",
  }]);
  assert.deepEqual([lee.open(), lee.typed(), lee.rows()], [["walk-ins"], ["", "", "", ""], ["Walk-in 8, 09:12: waits for an organiser"]]);
});

for (const [says, reply, words] of [
  ["something is missing", { error: "malformed", sentence: "Enter their full name" }, "Enter their full name"],
  ["too many were asked for", { error: "slow", sentence: "Telephone an organiser." }, "Telephone an organiser."],
  ["there is no network", new NoAnswer("down"), NO_ANSWER],
  ["a portal answers with JSON of its own", { error: "login" }, NO_ANSWER],
]) {
  test(`where ${says}, what was typed stays, to be mended`, async () => {
    const lee = await asking(reply);
    await lee.goesOn();
    assert.deepEqual([textOf("walk-in-says"), lee.open(), lee.typed()], [words, ["walk-in"], Object.values(TYPED)]);
  });
}

for (const [says, happens] of [
  ["it is closed", (lee) => lee.byId("walk-in").querySelector(".close").click()],
  ["a minute has passed without a touch", async (lee) => {
    await lee.byId("walk-in").happens("input");
    mock.timers.tick(60_000);
  }],
  ["the phone leaves the door", (lee) => lee.walkIn.leave()],
]) {
  test(`nothing is left of it once ${says}`, async () => {
    const lee = await asking();
    await happens(lee);
    assert.deepEqual([lee.typed(), textOf("walk-in-rows")], [["", "", "", ""], ""]);
  });
}

test("a step has no more than a thumb reaches: who they are, then their email and why; and there is a way back", async () => {
  const lee = await asking({ walk_in: "abc" }, { walk_ins: [] });
  assert.deepEqual([lee.step(), document.activeElement.id, textOf("walk-in-go")], [["walk-in-why"], "walk-in-email", "Ask the organisers"]);
  await lee.byId("walk-in-back").click();
  assert.deepEqual([lee.step(), document.activeElement.id, textOf("walk-in-go")], [["walk-in-who"], "walk-in-name", "Continue"]);
  await lee.goesOn();
  await lee.goesOn();
  assert.deepEqual([lee.heard.asked.length, lee.open()], [3, ["walk-ins"]]);
  lee.heard.question.onPin();
  assert.deepEqual(lee.step(), ["walk-in-who"], "the next one begins anew");
});

for (const [id, sentence] of [["walk-in-name", "Enter their full name"], ["walk-in-organisation", "Enter their organisation"]]) {
  test(`without ${id} nobody goes on`, async () => {
    const lee = await asking();
    await lee.byId("walk-in-back").click();
    lee.byId(id).value = " ";
    await lee.goesOn();
    assert.deepEqual([lee.step(), textOf("walk-in-says"), document.activeElement.id], [["walk-in-who"], sentence, id]);
    lee.byId(id).value = "Wren";
    await lee.goesOn();
    assert.deepEqual([lee.step(), textOf("walk-in-says"), lee.heard.asked.length], [["walk-in-why"], "", 1]);
  });
}

for (const [field, step, id] of [
  ["full_name", "walk-in-who", "walk-in-name"],
  ["organisation", "walk-in-who", "walk-in-organisation"],
  ["email", "walk-in-why", "walk-in-email"],
]) {
  test(`what the server does not take of ${field} is shown where it was typed`, async () => {
    const lee = await asking({ error: "malformed", sentence: "It is too long", wrong: [{ field, sentence: "It is too long" }] });
    await lee.goesOn();
    assert.deepEqual([lee.step(), textOf("walk-in-says"), document.activeElement.id], [[step], "It is too long", id]);
    assert.deepEqual(lee.typed(), Object.values(TYPED));
  });
}

test("a phone that was signed out says nothing more", async () => {
  const lee = await asking(new SignedOut("device_revoked"));
  await lee.goesOn();
  assert.equal(textOf("walk-in-says"), "Asking the organisers");
});
