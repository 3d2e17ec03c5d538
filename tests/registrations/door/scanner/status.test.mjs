import assert from "node:assert/strict";
import { test } from "node:test";
import { ONLINE, SLOW, offlineFor, openPage, textOf } from "./page.mjs";

openPage();
const { byId, Screen, showView } = await import("../../../../registrations/door/scanner/screen.mjs");
const { Status } = await import("../../../../registrations/door/scanner/status.mjs");

/** What a phone says of itself, whose pass ends at 18:00 and whose list is of 09:31. */
function phone(differs = {}) {
  const now = { list: { count: 200, at: 931, version: 7 }, isOn: true, isIdle: true, durable: true, level: 0.9, secondsLeft: 9000, ...differs };
  const status = new Status({
    pass: {
      get: () => ({}), now: () => 0, clockOff: () => 0, secondsLeft: () => now.secondsLeft,
      hourOf: (seconds) => (seconds === 931 ? "09:31" : "18:00"),
    },
    guestList: { facts: () => now.list },
    screen: new Screen(),
    feel: { hasBuzz: () => true },
    store: { isDurable: () => now.durable, areInOtherTab: () => now.inOtherTab === true },
    scanning: { isOn: () => now.isOn, isIdle: () => now.isIdle },
    places: { now: () => now.places ?? null },
    battery: { level: () => now.level, isCharging: () => now.isCharging === true },
  });
  return { status, now };
}
const warning = () => (byId("bar-warning").hidden ? "" : textOf("bar-warning"));

test("the bar says the state of the connection, what waits and how old the list is", () => {
  const { status } = phone();
  status.connection(offlineFor(4), 3);
  assert.deepEqual([textOf("bar-line"), textOf("bar-facts"), warning()], ["Offline 4 min", "3 to send · guest list 09:31", ""]);
  assert.deepEqual([status.unsent(), status.isOffline()], [3, true]);
});

test("where the phone cannot tell what waits, the bar says that and not a number", () => {
  const { status } = phone();
  status.connection(ONLINE, null);
  assert.equal(textOf("bar-facts"), "cannot tell what is to send · guest list 09:31");
  assert.match(warning(), /storage is full or broken: keep this page open, do not sign out/);
  assert.equal(status.unsent(), null);
  const another = phone({ inOtherTab: true });
  another.status.connection(ONLINE, null);
  assert.equal(warning(), "Another tab of this phone has scans to send: open it, do not sign out");
});

for (const [says, differs, connection, why] of [
  ["between two guests, online, with nothing to send", {}, [ONLINE, 0], ""],
  ["while scans wait", {}, [ONLINE, 2], "2 not sent yet: the new version waits until they are."],
  ["while nobody can tell what waits", {}, [ONLINE, null], "This phone cannot tell what is still to send: the new version waits."],
  ["without a network", {}, [offlineFor(1), 0], "No network: the new version waits until it is back."],
  ["with a guest at the door", { isIdle: false }, [ONLINE, 0], "First finish with this guest."],
  ["where nobody scans", { isOn: false, isIdle: false }, [ONLINE, 0], ""],
]) {
  test(`a newer page is ${why ? "not " : ""}loaded ${says}`, () => {
    const { status } = phone(differs);
    status.newer();
    status.connection(...connection);
    assert.equal(status.mayReload(), why);
    assert.equal(byId("update").hidden, why !== "");
    assert.equal(warning().includes("New version"), why === "");
  });
}

test("a look for a newer page is due only between two guests, online, with nothing to send", () => {
  for (const [differs, connection, isIdle] of [
    [{}, [ONLINE, 0], true],
    [{ isOn: false }, [ONLINE, 0], false],
    [{ isIdle: false }, [ONLINE, 0], false],
    [{}, [SLOW, 0], false],
    [{}, [ONLINE, 1], false],
    [{}, [ONLINE, null], false],
  ]) {
    const { status } = phone(differs);
    status.connection(...connection);
    assert.equal(status.isIdle(), isIdle, JSON.stringify([differs, connection]));
  }
});

test("a steward may start once there is a list; without one a lead has to agree", () => {
  showView("start");
  const { status, now } = phone({ list: null });
  status.list();
  assert.deepEqual([byId("begin").disabled, byId("begin-online").hidden], [true, false]);
  assert.match(textOf("checks"), /Guest listnot loaded yet/);
  now.list = { count: 200, at: 931 };
  status.list();
  assert.deepEqual([byId("begin").disabled, byId("begin-online").hidden], [false, true]);
  assert.match(textOf("checks"), /Pagenot kept yet.*Guest listready: 200 rows, 09:31/);
  status.kept(false);
  assert.match(textOf("checks"), /Pageleave it open/);
  status.kept(true);
  assert.match(textOf("checks"), /Pageopens without a network too/);
});

test("a phone that keeps nothing, or was started without a list, says so", () => {
  const { status, now } = phone({ durable: false });
  status.bar();
  assert.match(warning(), /Online only/);
  Object.assign(now, { durable: true, list: null });
  status.bar();
  assert.equal(warning(), "");
  status.starts(true);
  status.bar();
  assert.match(warning(), /Online only/);
});

test("a low battery is told of, unless it is being charged", () => {
  const { status, now } = phone({ level: 0.08 });
  status.bar();
  assert.match(warning(), /Battery at 8 %/);
  now.isCharging = true;
  status.bar();
  assert.equal(warning(), "");
});

test("DR-31 the whole frame says out, and how to turn back", () => {
  const { status } = phone();
  status.turned("out", false);
  assert.deepEqual([byId("door").classList.contains("out"), textOf("bar-way"), textOf("turn")], [true, "Out", "Count in"]);
  status.turned("in", true);
  assert.deepEqual([byId("door").classList.contains("out"), textOf("bar-way"), textOf("turn")], [false, "In", "Count out"]);
  assert.match(textOf("hint"), /Nobody left for 10 minutes/);
});

test("DR-33 from nine in ten on the bar says how many places are left, and without a network about how many", () => {
  const { status, now } = phone({ places: { inside: 26, limit: 30 } });
  status.connection(ONLINE, 0);
  assert.equal(warning(), "");
  now.places.inside = 27;
  status.bar();
  assert.equal(warning(), "3 left");
  status.connection(offlineFor(4), 0);
  assert.equal(warning(), "About 3 left");
});
