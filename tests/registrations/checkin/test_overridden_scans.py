"""What a lead's override lets a scan do, and what the audit log says of it."""

from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from registrations.checkin import checkin, conflicts
from registrations.checkin.scan import Sent, read_sent
from registrations.phones.door import Device, Door
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_id, scan_of, undo_of, who_is_in
from tests.people import THE_DAY, Person
from tests.registrations.checkin.overriding import MINUTE, NINE, a_lead, again, on_record, typed

pytestmark = pytest.mark.usefixtures("the_day")


async def verdict_of(scan: Sent, by: Device, at: Any = THE_DAY) -> str:
    [answer] = await checkin.settle([scan], by, at)
    return str(answer["verdict"])


async def test_dr26_a_stewards_reason_counts_nothing_and_at_no_later_time(
    event: Event, door: Door, sid: Device, ada: Person
) -> None:
    """Once it is stored, a later look at the row takes it for a lead's."""
    ticket, other = await a_ticket(ada, event), await a_phone_at(door, "Main door 2")
    first, tried = await scan_of(ticket), (await scan_of(ticket))._replace(code="left_without_scan")
    assert [await verdict_of(first, sid), await verdict_of(tried, sid, NINE + MINUTE)] == ["ok", "already_in"]
    let_in = (await scan_of(ticket, age=60.0))._replace(offline=True, shown="ok", code="left_without_scan")
    assert await verdict_of(let_in, other, NINE + 3 * MINUTE) == "already_in"
    assert await rows_of("code", "passed") == [["", True], ["", False], ["", True]]
    assert await on_record(Action.REASON_REFUSED, Action.LEAD_DECIDED) == [
        ("was refused a lead's reason", f"pass:{sid.id}", {"door": door.id, "code": "left_without_scan"}),
        ("was refused a lead's reason", f"pass:{other.id}", {"door": door.id, "code": "left_without_scan"}),
    ]
    again_out = await scan_of(ticket, age=30.0)
    await verdict_of(again_out._replace(offline=True, shown="ok"), sid, NINE + 4 * MINUTE)
    assert len(await conflicts.still_open(event.id)) == 2, "each entry beside the first is shown"


async def test_a_scan_by_the_leads_override_lets_in_again_and_the_record_says_whose_it_was(
    event: Event, door: Door, sid: Device, ada: Person, omar: Staff
) -> None:
    lee, ticket = await a_lead(door, omar), await a_ticket(ada, event)
    await verdict_of(await scan_of(ticket), sid)
    await typed(lee.pin, sid)
    anew = (await scan_of(ticket))._replace(code="left_without_scan", tap="lead")
    assert await verdict_of(anew, await again(sid), NINE + MINUTE) == "ok"
    assert await on_record(Action.LEAD_DECIDED, Action.REASON_REFUSED) == [
        ("let somebody in by the lead's override", f"pass:{sid.id}",
         {"door": door.id, "code": "left_without_scan", "lead": lee.door_pass.id, "scan": anew.id}),
    ]  # fmt: skip


async def test_offline_a_tap_is_the_leads_override_and_the_record_names_no_lead(
    event: Event, door: Door, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    await verdict_of(await scan_of(ticket), sid)
    tapped = (await scan_of(ticket, age=60.0))._replace(
        offline=True, shown="already_in", tap="lead", code="left_without_scan"
    )
    assert await verdict_of(tapped, sid, NINE + 5 * MINUTE) == "ok"
    assert await rows_of("tap", "code", "passed") == [["", "", True], ["lead", "left_without_scan", True]]
    [(_, _, details)] = await on_record(Action.LEAD_DECIDED)
    assert (details["lead"], details["code"]) == ("a tap", "left_without_scan")


async def test_dr30_a_steward_undoes_late_by_the_leads_override_with_a_reason(
    event: Event, door: Door, sid: Device, ada: Person, omar: Staff
) -> None:
    lee, scan = await a_lead(door, omar), await scan_of(await a_ticket(ada, event))
    await verdict_of(scan, sid)
    late = NINE + 10 * MINUTE
    assert await verdict_of(undo_of(scan)._replace(code="wrong_person"), sid, late) == "undo_needs_lead"
    await typed(lee.pin, sid)
    by = await again(sid)
    assert await verdict_of(undo_of(scan), by, late) == "undo_needs_lead", "a lead says why"
    assert await verdict_of(undo_of(scan)._replace(code="wrong_person"), by, late) == "undone"
    assert await who_is_in() == []
    assert await on_record(Action.SCANS_UNDONE) == [
        ("undid a scan", f"pass:{sid.id}", {"door": door.id, "code": "wrong_person", "lead": lee.door_pass.id}),
    ]


async def test_dr30_offline_the_tap_undoes_late(event: Event, sid: Device, ada: Person) -> None:
    scan = await scan_of(await a_ticket(ada, event))
    await verdict_of(scan, sid)
    tapped = undo_of(scan, age=60.0)._replace(offline=True, shown="undone", tap="lead", code="test")
    assert await verdict_of(tapped, sid, NINE + 10 * MINUTE) == "undone"


async def test_dr30_an_undo_that_was_refused_stays_refused_however_the_phone_sends_it_again(
    event: Event, sid: Device, ada: Person
) -> None:
    """The lead's override had lapsed, and that answer was lost: no tap has taken its place."""
    scan = await scan_of(await a_ticket(ada, event))
    await verdict_of(scan, sid)
    undo = undo_of(scan)._replace(tap="lead", code="wrong_person")
    again = undo._replace(age=5.0, offline=True, shown="undone")
    assert [await verdict_of(row, sid, NINE + 10 * MINUTE) for row in (undo, again, again)] == ["undo_needs_lead"] * 3
    assert [admission[1] for admission in await who_is_in()] == [scan.id]
    assert await rows_of("kind", "verdict") == [["in", "ok"], ["undo", "undo_needs_lead"]]


def test_a_reason_that_nobody_knows_is_none() -> None:
    assert [read_sent({"id": scan_id(), "kind": "invalid", "code": code}).code for code in ("early", "because", 7)] == [
        "early", "", "",
    ]  # fmt: skip
