import assert from "node:assert/strict";
import { test } from "node:test";
import { totals } from "../../../../registrations/door/scanner/roll-rows.mjs";
import { phone } from "./roll-phone.mjs";

test("a practice has people to tick, and a marshal who disagrees; nothing of it is kept or sent", async () => {
  const { practice, ticks, tickStore, store } = await phone();
  assert.deepEqual([practice.isOn(), practice.rows()], [false, []]);
  practice.begin();
  const rows = practice.rows();
  assert.deepEqual(rows.map(({ surname }) => surname), rows.map(({ surname }) => surname).toSorted());
  await practice.mark(rows[0].row, "safe");
  const counts = totals(rows, (row) => practice.of(row));
  assert.deepEqual([counts.all, counts.safe, counts.not_yet, counts.disagree], [24, 2, 20, 0]);
  await practice.mark(rows[2].row, "not_seen");
  const { mark, disputes } = practice.of(rows[2].row);
  assert.deepEqual([mark, disputes.map(({ device }) => device)], ["not_seen", ["Another marshal"]]);
  assert.deepEqual([await ticks.count(), tickStore.rows.size, await store.remembered()], [0, 0, {}]);
  practice.end();
  assert.deepEqual([practice.isOn(), practice.of(rows[0].row)], [false, null]);
});
