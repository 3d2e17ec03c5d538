import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, settled, textOf } from "./page.mjs";

const { Memory } = await import("../../../../registrations/door/scanner/store.mjs");
const { NoAnswer, SignedOut } = await import("../../../../registrations/door/scanner/server.mjs");
const PASS = { id: 1, name: "Main door 1", role: "steward", pass_mark: "1.mark", door: { name: "Main door" }, event: { title: "Launch", day: "15 April", salt: "AAAA" } };

/** A page that is loaded; `reply` is what the server says of its pass, `kept` what an earlier run of it had. */
async function phone({ reply = PASS, kept = null, hash = "", isLeaving = false, isDurable = true } = {}) {
  const page = openPage();
  page.location.hash = hash;
  const { Session } = await import("../../../../registrations/door/scanner/session.mjs");
  const heard = { said: [], begun: null, opened: null, isOn: false, isOver: false, isClosing: false, secondsLeft: 100, reply };
  const say = (name) => async (...given) => void heard.said.push([name, ...given].join(" "));
  const store = Object.assign(new Memory(), { isDurable: () => isDurable });
  if (kept) await store.keep({ pass: kept });
  let held = null;
  const pass = {
    get: () => held, take: async (given) => void ((held = given), await store.keep({ pass: given })),
    recall: async () => (held = (await store.recall("pass")) ?? null), secondsLeft: () => heard.secondsLeft, heard: say("time"),
  };
  const ask = async (path, _body, timeout) => {
    heard.said.push(`asks ${path} ${timeout ?? ""}`.trim());
    if (heard.reply instanceof Error) throw heard.reply;
    return { body: heard.reply && { pass: heard.reply } };
  };
  const session = new Session({
    ask, page: "aaaaaaaa", store, pass,
    guestList: { load: say("loads the list"), look: say("looks at the list"), asked: () => null, follow: async (version) => heard.follows(version) },
    acts: { forgetAll: say("no acts"), open: async (waiting) => (heard.opened = [...waiting]) },
    initials: { takeFirst: say("initials") }, help: { forget: say("no call"), send: say("calls") },
    direction: { look: say("looks at the direction") },
    scanning: { isOn: () => heard.isOn, begin: (salt, rows) => ((heard.isOn = true), (heard.begun = [salt.length, rows.map(({ id }) => id)])) },
    sender: { report: say("reports"), hurry: say("sends"), beat: say("beats"), idle: say("idles"), timed: (path) => ask(path) },
    drain: { forget: say("no draining") },
    screen: { hideNames: say("hides names"), news() {}, speaksTo() {} }, feel: { wake: say("sound") },
    status: { list: say("says the list"), bar: say("says the bar"), starts: (only) => heard.said.push(`online only ${only}`) },
    viewfinder: { start: say("camera on") },
    closing: { isOn: () => heard.isClosing, begin: say("closes"), goOn: say("goes on closing"), stop: say("closes no more") },
    signOut: {
      isOver: () => heard.isOver, goesOn: async () => isLeaving, stop: say("stops"), signedOut: say("signed out"), toPairing: say("asks for a code"),
    },
  });
  heard.follows = say("follows");
  return { ...page, heard, session, store, pass };
}

test("a phone that the server knows says whose door it is, and waits for a tap", async () => {
  const { byId, heard, session } = await phone();
  await session.begins();
  assert.equal(heard.said[1], "asks pass?page=aaaaaaaa");
  assert.deepEqual([textOf("start-name"), textOf("start-event")], ["Main door 1", "Paired with Main door. Launch, 15 April."]);
  assert.deepEqual([byId("start").hidden, heard.isOn], [false, false]);
  assert.ok(heard.said.indexOf("stops") < heard.said.indexOf("says the list"), "nothing of another pass is left");
});

test("a marshal's phone goes to the roll call at once, with or without a network, and asks for no scan", async () => {
  const marshals = { ...PASS, role: "marshal" };
  for (const reply of [marshals, new NoAnswer("down")]) {
    const { byId, heard, session, location } = await phone({ reply, kept: marshals });
    location.replace = (path) => heard.said.push(path);
    await session.begins();
    await session.beat();
    assert.deepEqual([heard.said.at(-1), byId("start").hidden], ["/door/roll", true]);
    assert.deepEqual(heard.said.filter((said) => /beats|idles|sends|reports/.test(said)), []);
  }
});

test("a code in the address, or a phone on its way out, asks nothing of the server", async () => {
  const coded = await phone({ hash: "#code" });
  await coded.session.begins();
  assert.deepEqual(coded.heard.said, ["asks for a code"]);
  const leaving = await phone({ isLeaving: true });
  await leaving.session.begins();
  assert.deepEqual(leaving.heard.said, []);
});

test("without an answer a phone starts by the pass it has, after three seconds, as long as that lasts", async () => {
  const { byId, heard, session } = await phone({ reply: new NoAnswer("down"), kept: PASS });
  await session.begins();
  assert.ok(heard.said.includes("asks pass?page=aaaaaaaa 3000"));
  assert.equal(byId("start").hidden, false);
  const late = await phone({ reply: new NoAnswer("down"), kept: PASS });
  late.heard.secondsLeft = 0;
  await late.session.begins();
  assert.deepEqual([late.byId("start").hidden, late.byId("ask-again").hidden], [true, false]);
  assert.match(textOf("waiting-says"), /No answer from the server/);
});

test("a proxy's answer without a pass is no pass, and the one that is kept stays", async () => {
  const { byId, session, store } = await phone({ reply: null, kept: PASS });
  await session.begins();
  assert.deepEqual([byId("start").hidden, (await store.recall("pass")).id], [false, 1]);
});

test("a door that is being closed is closed on each phone that hears of it, whether it scans or has just been opened", async () => {
  const opening = await phone({ reply: { ...PASS, closing: true } });
  await opening.session.begins();
  assert.deepEqual([opening.heard.said.includes("closes"), opening.byId("start").hidden], [true, true]);
  const { heard, session, pass } = await phone();
  await pass.take(PASS);
  await session.heard({ version: 2, closing: true });
  assert.deepEqual(heard.said, ["calls", "time [object Object]", "closes"], "no list is fetched any more");
  heard.isClosing = true;
  await session.beat();
  assert.equal(heard.said.at(-1), "goes on closing");
});

test("a phone whose door is open again before it was done begins anew", async () => {
  const { heard, session, pass, location } = await phone();
  let loads = 0;
  location.reload = () => loads++;
  await pass.take(PASS);
  await session.heard({ version: 2 });
  assert.equal(loads, 0);
  heard.isClosing = true;
  await session.heard({ version: 2 });
  assert.equal(loads, 1);
});

test("the server's last word ends it", async () => {
  const { heard, session } = await phone({ reply: new SignedOut("device_revoked"), kept: PASS });
  await session.begins();
  assert.equal(heard.said.at(-1), "signed out device_revoked");
});

test("what the phone did, and a call for help, are of one pass; draining ends with a new one", async () => {
  const same = await phone({ kept: PASS });
  await same.session.paired(PASS);
  assert.deepEqual(same.heard.said.slice(0, 2), ["no draining", "stops"]);
  const other = await phone({ kept: { ...PASS, id: 9 } });
  await other.session.paired(PASS);
  assert.deepEqual(other.heard.said.slice(0, 4), ["no draining", "no acts", "no call", "stops"]);
});

test("a steward starts: with sound, camera, this pass's unsent scans, and the rest sent", async () => {
  const { byId, heard, session, store } = await phone();
  for (const [id, pass_mark] of [["a", "1.mark"], ["b", "another"], ["c", ""]]) await store.add({ id, pass_mark });
  await session.begins();
  await session.begin();
  assert.deepEqual(heard.begun, [3, ["a", "c"]]);
  assert.deepEqual(heard.opened, ["a", "b", "c"]);
  assert.equal(byId("door").hidden, false);
  const words = ["online only false", "sound", "initials", "camera on", "sends"];
  assert.deepEqual(words.filter((word) => !heard.said.includes(word)), []);
  await session.begin({ isOnlineOnly: true });
  assert.ok(heard.said.includes("online only true"));
});

test("while nobody scans nothing is sent, as nobody could be told of what comes back", async () => {
  const { heard, session } = await phone();
  session.sendRest();
  assert.deepEqual(heard.said, []);
  heard.isOn = true;
  session.sendRest();
  assert.deepEqual(heard.said, ["sends"]);
});

test("every few seconds nothing is kept past its time, and the server is asked, with what waits while somebody scans", async () => {
  const { heard, session, pass } = await phone();
  await session.beat();
  assert.deepEqual(heard.said, [], "without a pass there is nothing to look at");
  await pass.take(PASS);
  await session.beat();
  const looks = ["looks at the list", "looks at the direction", "says the bar"];
  assert.deepEqual(heard.said.splice(0), [...looks, "idles"]);
  heard.isOn = true;
  await session.beat();
  assert.deepEqual(heard.said.splice(0), [...looks, "beats"]);
  document.hidden = true;
  await session.beat();
  assert.deepEqual(heard.said.splice(0), looks, "a page out of sight asks nothing");
  heard.isOver = true;
  await session.beat();
  assert.deepEqual(heard.said, []);
});

test("once a minute the whole pass is looked at; another tab may have paired the phone anew", async () => {
  const { heard, session, pass } = await phone();
  await pass.take(PASS);
  heard.reply = { ...PASS, name: "Renamed" };
  for (let n = 0; n < 11; n++) await session.beat();
  assert.equal(pass.get().name, "Main door 1");
  await session.beat();
  assert.deepEqual([pass.get().name, heard.said.includes("stops")], ["Renamed", false]);
  heard.reply = { ...PASS, id: 2 };
  for (let n = 0; n < 12; n++) await session.beat();
  assert.deepEqual([pass.get().id, heard.said.includes("stops")], [2, true]);
});

test("a page out of sight hides names; one that is back sends and asks", async () => {
  const { heard, session, pass } = await phone();
  await pass.take(PASS);
  heard.isOn = true;
  document.hidden = true;
  await session.turnedOver();
  assert.deepEqual(heard.said.splice(0), ["hides names"]);
  document.hidden = false;
  await session.turnedOver();
  assert.deepEqual([heard.said[0], heard.said.at(-1)], ["sends", "beats"]);
});

test("each answer says the time and the newest list, which is followed where a list is kept", async () => {
  const { heard, session } = await phone();
  await session.heard({ version: 7, now: 1 });
  assert.deepEqual(heard.said, ["calls", "time [object Object]", "follows 7"]);
  await session.heard({ now: 1 });
  assert.equal(heard.said.filter((said) => said.startsWith("follows")).length, 1);
  const memory = await phone({ isDurable: false });
  await memory.session.heard({ version: 7 });
  assert.equal(memory.heard.said.some((said) => said.startsWith("follows")), false);
});

test("a list that does not come is asked for again later; the last word to the question is one", async () => {
  const { heard, session } = await phone();
  heard.follows = () => Promise.reject(new NoAnswer("down"));
  await session.heard({ version: 7 });
  heard.follows = () => Promise.reject(new SignedOut("device_revoked"));
  await session.heard({ version: 7 });
  await settled();
  assert.deepEqual(heard.said.filter((said) => said.startsWith("signed")), ["signed out device_revoked"]);
});
