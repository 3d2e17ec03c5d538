"""Taking back an entry: one's own last within a minute, everything else with the lead's override."""

from datetime import timedelta

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from registrations.checkin import checkin
from registrations.phones.door import Device, Door, PassRole
from tests.at_the_door import (
    a_phone_at,
    a_scan,
    a_ticket,
    rows_of,
    scan_of,
    undo_of,
    who_is_in,
    with_the_override_of,
)
from tests.people import THE_DAY, Person, a_door, an_event
from tests.registrations.checkin.settling import LATER, says


async def test_dr30_sid_takes_back_his_own_last_entry_within_a_minute(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    scan = await scan_of(ticket)
    await says(scan, sid)
    undo, again = undo_of(scan), undo_of(scan)
    at = THE_DAY + timedelta(seconds=59)
    assert await says(undo, sid, at) == {"id": undo.id, "verdict": "undone"}
    assert await says(undo, sid, LATER) == {"id": undo.id, "verdict": "undone"}
    assert await says(again, sid, at) == {"id": again.id, "verdict": "nothing_to_undo"}
    assert await who_is_in() == []
    assert await rows_of("kind", "verdict", "undoes") == [
        ["in", "ok", None], ["undo", "undone", scan.id], ["undo", "nothing_to_undo", scan.id],
    ]  # fmt: skip
    [entry] = await AuditEntry.filter(action=Action.SCANS_UNDONE)
    assert (entry.actor, entry.subject, entry.details) == (
        f"pass:{sid.id}",
        f"ticket:{ticket.id}",
        {"door": sid.door_id},
    )
    assert (await says(await scan_of(ticket), sid, at))["verdict"] == "ok"


async def test_dr30_later_or_of_an_earlier_entry_it_needs_the_lead(
    event: Event, sid: Device, lee: Device, ada: Person, bo: Person
) -> None:
    first, second = await scan_of(await a_ticket(ada, event)), await scan_of(await a_ticket(bo, event))
    await checkin.settle([first, second], sid, THE_DAY)
    assert (await says(undo_of(first), sid))["verdict"] == "undo_needs_lead"
    assert (await says(undo_of(second), sid, THE_DAY + timedelta(seconds=61)))["verdict"] == "undo_needs_lead"
    assert (await says(undo_of(second), lee, LATER))["verdict"] == "nothing_to_undo", "a lead says why"
    assert (await says(undo_of(second)._replace(code="did_not_enter"), lee, LATER))["verdict"] == "undone"
    assert [scan for _, scan in await who_is_in()] == [first.id]


async def test_dr30_nobody_undoes_what_another_phone_let_in_or_what_never_was(
    event: Event, door: Door, sid: Device, ada: Person
) -> None:
    scan = await scan_of(await a_ticket(ada, event))
    await says(scan, sid)
    other = await a_phone_at(door, "Main door 2")
    elsewhere = with_the_override_of(await a_phone_at(await a_door(await an_event()), "Lead", PassRole.DOOR_LEAD))
    tries = [
        (undo_of(scan), other),
        (undo_of(scan)._replace(code="test"), elsewhere),
        (undo_of(a_scan(b"x" * 16)), sid),
    ]
    assert [(await says(undo, device))["verdict"] for undo, device in tries] == ["nothing_to_undo"] * 3
    assert [client_id for _, client_id in await who_is_in()] == [scan.id]


async def test_a_queue_may_hold_an_entry_its_undo_and_the_entry_again(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    first, again = await scan_of(ticket, age=90), await scan_of(ticket, age=30)
    answers = await checkin.settle([first, undo_of(first, age=60), again], sid, LATER)
    assert [answer["verdict"] for answer in answers] == ["ok", "undone", "ok"]
    assert await who_is_in() == [(ticket.id, again.id)]
