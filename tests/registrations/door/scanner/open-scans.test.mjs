import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenScans } from "../../../../registrations/door/scanner/open-scans.mjs";

const row = (id, fields = {}) => ({ id, kind: "in", proof: "ada", offline: false, shown: "", tap: "", ...fields });

/** The open scans of a phone, with these rows from before. */
function open(...rows) {
  const scans = new OpenScans();
  scans.start(rows);
  return scans;
}

test("a scan is open until its final answer", () => {
  const scans = open(row("a"));
  scans.add(row("b"));
  scans.settle("a");
  assert.deepEqual([scans.get("a"), scans.get("b").id], [undefined, "b"]);
});

test("another pass starts with its own", () => {
  const scans = open(row("a"));
  scans.start([row("b")]);
  assert.deepEqual([scans.get("a"), scans.get("b").id], [undefined, "b"]);
});

test("what is being stored, and what a steward is deciding on, is held back, and nothing else", () => {
  const scans = open();
  scans.storing("a");
  scans.deciding("b");
  assert.deepEqual(["a", "b", "c"].map((id) => scans.isHeld(id)), [true, true, false]);
  scans.storing("");
  scans.deciding("");
  assert.deepEqual(["a", "b"].map((id) => scans.isHeld(id)), [false, false]);
});

for (const [says, fields, kind, isSame] of [
  ["nobody could tell yet", {}, "in", true],
  ["the phone could not tell", { offline: true, shown: "offline" }, "in", true],
  ["the phone has told", { offline: true, shown: "check_id" }, "in", false],
  ["another direction", {}, "out", false],
  ["another ticket", { proof: "bo" }, "in", false],
]) {
  test(`tried again, ${says}: ${isSame ? "the same scan" : "another one"}`, () => {
    assert.equal(open(row("a", fields)).again("ada", kind)?.id, isSame ? "a" : undefined);
  });
}

test("of the same ticket all goes before it, of another or of no ticket nothing", () => {
  const scans = open(row("a"), row("b", { proof: "bo" }), row("c", { kind: "undo" }), row("d", { proof: null }));
  assert.deepEqual(scans.before(row("c")).map(({ id }) => id), ["a"]);
  assert.deepEqual(scans.before(row("e", { proof: null })), []);
});

for (const [says, kept, sent, verdict, hasMore] of [
  ["let in by the phone since", { offline: true, shown: "ok" }, { offline: false }, "already_in", true],
  ["let in by the phone, and the server says the same", { offline: true, shown: "ok" }, { offline: false }, "ok", false],
  ["that was sent as it stands", { offline: true, shown: "ok" }, { offline: true }, "already_in", false],
  ["that let nobody in", { offline: true, shown: "check_id", tap: "no" }, { offline: false }, "already_in", false],
  ["of which the phone has said nothing", {}, { offline: false }, "already_in", false],
]) {
  test(`of a scan ${says} the server ${hasMore ? "has more to hear" : "knows all"}`, () => {
    assert.equal(open(row("a", kept)).hasMore({ id: "a", verdict }, sent), hasMore);
  });
}

test("of a scan that has left the phone the server knows all", () => {
  assert.equal(open().hasMore({ id: "a", verdict: "already_in" }, { offline: false }), false);
});
