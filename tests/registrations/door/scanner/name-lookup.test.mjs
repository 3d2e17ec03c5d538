import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { offlineFor, ONLINE, openPage, textOf } from "./page.mjs";

const { NoAnswer, SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");
const NO_ANSWER = "No answer. Try again, or take them aside.";
const ROWS = [
  { row: "mark 1", name: "Ada Example", organisation: "Wardens" },
  { row: "mark 2", name: "Ann Example", organisation: "" },
];
const FOUND = { proof: "the proof", name: "Ada Example" };
mock.timers.enable({ apis: ["setTimeout"] });

/** A phone at which names are looked up; each of `replies` is a body, or an error. */
async function phone(...replies) {
  const { byId, document } = openPage();
  const { Panels, Screen } = await import("../../../../registrations/door/scanner/screen.mjs");
  const { NameLookup } = await import("../../../../registrations/door/scanner/name-lookup.mjs");
  const heard = { asked: [], showed: [], shown: null, isOn: true, question: null, pass: { role: "steward", looks_up: true } };
  const timed = async (path, body, accept) => {
    heard.asked.push([path, body]);
    const reply = await replies.shift();
    if (reply instanceof Error) throw reply;
    if (!accept(reply)) throw new NoAnswer("an answer to something else");
    return { body: reply };
  };
  const screen = new Screen();
  const names = new NameLookup({
    sender: { timed }, panels: new Panels(), screen, initials: { get: () => "SID" }, pass: { get: () => heard.pass },
    scanning: { onScreen: () => heard.shown, isOn: () => heard.isOn }, reference: { show: (answer) => heard.showed.push(answer) },
    lead: { decide: (question) => (heard.question = question) },
  });
  const finds = async (surname, first) => {
    byId("surname").value = surname;
    byId("first-name").value = first;
    await byId("naming").happens("submit");
  };
  const rows = () => byId("name-rows").querySelectorAll("button");
  const open = () => ["controls", "naming", "named"].filter((id) => !byId(id).hidden);
  const typed = () => [byId("surname").value, byId("first-name").value];
  names.open();
  return { byId, document, heard, names, screen, finds, rows, open, typed };
}

test("DR-27 it opens empty, asks nothing of the server, and shows no row", async () => {
  const sid = await phone();
  sid.byId("surname").value = "left over";
  await sid.byId("by-name").click();
  assert.deepEqual([sid.heard.asked, sid.rows(), sid.typed(), sid.open()], [[], [], ["", ""], ["naming"]]);
});

test("the button is there only while the pass says so", async () => {
  const sid = await phone();
  for (const [pass, isHidden] of [[{ looks_up: true }, false], [{ looks_up: false }, true], [{}, true], [null, true]]) {
    sid.heard.pass = pass;
    sid.names.look();
    assert.equal(sid.byId("by-name").hidden, isHidden);
  }
});

test("a steward is asked for one letter of the first name, and a lead may leave it out", async () => {
  const sid = await phone();
  assert.equal(textOf("first-label"), "First name, or its initial");
  sid.heard.pass = { role: "door_lead", looks_up: true };
  sid.names.open();
  assert.equal(textOf("first-label"), "First name (optional)");
});

test("whoever is found is named with organisation, and the one who is chosen is shown", async () => {
  const sid = await phone({ rows: ROWS }, { found: FOUND });
  await sid.finds("Exa", "A");
  assert.deepEqual(sid.heard.asked, [["names", { surname: "Exa", first: "A", initials: "SID" }]]);
  assert.deepEqual(sid.rows().map(({ textContent }) => textContent), ["Ada ExampleWardens", "Ann Example"]);
  assert.deepEqual([sid.open(), sid.document.activeElement], [["named"], sid.rows()[0]]);
  await sid.rows()[1].click();
  assert.deepEqual(sid.heard.asked[1], ["names/choose", { row: "mark 2", initials: "SID" }]);
  assert.deepEqual(sid.heard.showed, [{ found: FOUND }]);
  assert.deepEqual([sid.open(), sid.rows(), sid.typed()], [["controls"], [], ["", ""]]);
});

test("whoever has no place any more is the lead's to decide, and named by nobody", async () => {
  const sid = await phone({ rows: ROWS }, { ask_lead: { reference: "HK7-4QD" } });
  await sid.finds("Exa", "A");
  await sid.rows()[0].click();
  assert.deepEqual([sid.heard.showed, sid.rows()], [[{ ask_lead: { reference: "HK7-4QD" } }], []]);
});

for (const [says, reply, words] of [
  ["too many are found", { rows: [], sentence: "Type more" }, "Type more"],
  ["too little was typed", { sentence: "Type at least 3 letters of the surname." }, "Type at least 3 letters of the surname."],
  ["there is no network", new NoAnswer("down"), NO_ANSWER],
  ["a portal answers with nothing", null, NO_ANSWER],
  ["a portal answers with JSON of its own", { error: "login" }, NO_ANSWER],
]) {
  test(`where ${says}, what was typed stays`, async () => {
    const sid = await phone(reply);
    await sid.finds("Exa", "A");
    assert.deepEqual([textOf("naming-says"), sid.open(), sid.typed()], [words, ["naming"], ["Exa", "A"]]);
  });
}

test("DR-27 after ten, a lead's PIN lets it go on, and nothing else", async () => {
  const sid = await phone({ error: "slow", seconds: 300, lead: true });
  await sid.finds("Exa", "A");
  assert.equal(sid.byId("name-unlock").hidden, false);
  await sid.byId("name-unlock").click();
  assert.equal(sid.byId("name-unlock").hidden, false);
  sid.heard.question.onPin();
  assert.deepEqual([sid.byId("name-unlock").hidden, textOf("naming-says"), sid.open()], [true, "", ["naming"]]);
});

for (const [says, happens] of [
  ["the panel was left", (sid) => sid.names.close()],
  ["another question was asked", (sid) => sid.names.open()],
  ["somebody else was scanned", (sid) => (sid.heard.shown = { id: "another" })],
  ["the phone scans no more", (sid) => (sid.heard.isOn = false)],
]) {
  test(`found after ${says}, nobody is named`, async () => {
    let answer;
    const sid = await phone(new Promise((done) => (answer = done)));
    const finding = sid.finds("Exa", "A");
    await new Promise(setImmediate);
    happens(sid);
    answer({ rows: ROWS });
    await finding;
    assert.deepEqual([sid.rows(), sid.open().includes("named")], [[], false]);
  });
}

test("ten seconds without a touch take names and letters off the page; a touch keeps them", async () => {
  const sid = await phone({ rows: ROWS });
  await sid.finds("Exa", "A");
  mock.timers.tick(9_999);
  assert.equal(sid.rows().length, 2);
  mock.timers.tick(1);
  assert.deepEqual([sid.rows(), sid.typed()], [[], ["", ""]]);
  assert.equal(textOf("named-says"), "Names hidden. Type again to see them.");
});

for (const [says, happens] of [
  ["the screen is covered, or the page hidden", (sid) => sid.screen.hideNames()],
  ["the phone leaves the door", (sid) => sid.screen.rest()],
  ["the panel is closed", (sid) => sid.byId("named").querySelector(".close").click()],
  ["they type again", (sid) => sid.byId("type-again").click()],
]) {
  test(`no name is left once ${says}`, async () => {
    const sid = await phone({ rows: ROWS });
    await sid.finds("Exa", "A");
    await happens(sid);
    assert.deepEqual([sid.rows(), sid.typed()], [[], ["", ""]]);
  });
}

test("a phone that was signed out says nothing more", async () => {
  const sid = await phone(new SignedOut("device_revoked"));
  await sid.finds("Exa", "A");
  assert.deepEqual([textOf("naming-says"), sid.rows()], ["Looking", []]);
});

test("a phone that is offline says so before a name is typed; online, what to press takes its place", async () => {
  const sid = await phone(new NoAnswer("down"));
  sid.names.connection(offlineFor(3));
  const offline = "Offline: this needs the network. Take them aside, or scan the ticket.";
  assert.deepEqual([textOf("naming-network"), sid.byId("naming-network").hidden], [offline, false]);
  await sid.finds("Example", "A");
  assert.equal(textOf("naming-says"), NO_ANSWER);
  sid.names.connection(ONLINE);
  assert.deepEqual([textOf("naming-network"), sid.byId("naming-network").hidden, textOf("naming-says")], ["", true, "Online again: press Find."]);
});
