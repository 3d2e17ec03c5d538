"""Scans of an ended pass wait for an organiser, and count, or not, once one has decided."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from events.ground.refusal import Refused
from registrations.checkin import checkin, headcount, quarantine, received_scan
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Scan, ScanKind
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones import pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole, WrittenOff
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_of, undo_of, who_is_in
from tests.browser import browsing, words
from tests.people import THE_DAY, someone
from tests.registrations.checkin.revoking import LATER, accepted, let_in, revoked


@pytest.fixture(autouse=True)
def half_past_nine() -> None:
    clock.move_to(LATER)


async def test_dr23_scans_of_a_revoked_phone_count_once_they_are_accepted(
    database: Database, event: Event, sid: Device, omar: Staff
) -> None:
    gone, tickets = await revoked(sid), [await a_ticket(someone(), event) for _ in range(5)]
    sent = [await let_in(ticket, gone, 20 - n) for n, ticket in enumerate(tickets)]
    await checkin.settle([undo_of(sent[4], age=60.0 * 16 - 30)], gone, LATER)
    assert await who_is_in() == []
    async with browsing(database, omar) as desk:
        page = await desk.get(f"/desk/{event.slug}/conflicts")
        assert "Main door 1 Main door 6, of 5 tickets 09:10 to 09:14 Accept" in words(page.text)
        [newest] = set(re.findall(r'name="newest" value="([0-9]+)"', page.text))
        path = f"/desk/{event.slug}/phones/{sid.id}/scans"
        await desk.post(f"{path}/accept", data={"newest": newest})
        assert (await desk.post(f"{path}/discard", data={"newest": newest})).status_code == 409
        assert "kept apart" not in words((await desk.get(f"/desk/{event.slug}/conflicts")).text)
    assert await who_is_in() == [
        (ticket.id, quarantine.accepted_id(s.id)) for ticket, s in zip(tickets[:4], sent, strict=False)
    ]
    assert await Scan.filter(verdict="device_revoked").count() == 6, "no row has changed"
    counts = await headcount.counts(event.id, LATER, clock.real())
    assert (counts.people, counts.quarantined) == (4, 0)
    [entry] = await AuditEntry.filter(action=Action.SCANS_ACCEPTED)
    assert (entry.actor, entry.details) == (f"staff:{omar.id}", {"scans": 6})


async def test_dr23_an_undo_that_a_revoked_phone_still_held_counts_against_an_entry_from_before(
    event: Event, sid: Device, omar: Staff
) -> None:
    ticket = await a_ticket(someone(), event)
    entry = await scan_of(ticket, age=60.0)
    await checkin.settle([entry], sid, LATER)
    assert await who_is_in() == [(ticket.id, entry.id)]
    gone = await revoked(sid)
    await checkin.settle([undo_of(entry, age=30.0)], gone, LATER)
    await accepted(event, omar, LATER + timedelta(minutes=5))
    assert await who_is_in() == []


async def test_dr23_and_against_one_that_was_accepted_before_it_came(event: Event, sid: Device, omar: Staff) -> None:
    ticket, gone = await a_ticket(someone(), event), await revoked(sid)
    entry = await let_in(ticket, gone, 2)
    for minutes, late in enumerate([None, undo_of(entry, age=170.0)]):
        at = LATER + timedelta(minutes=minutes)
        if late is not None:
            await checkin.settle([late], gone, at)
        await accepted(event, omar, at)
        assert await who_is_in() == ([] if late else [(ticket.id, quarantine.accepted_id(entry.id))])


async def test_dr23_what_comes_after_a_decision_waits_for_the_next_whatever_the_clock_says(
    event: Event, sid: Device, omar: Staff
) -> None:
    gone = await revoked(sid)
    for minutes in (0, -5):
        ticket = await a_ticket(someone(), event)
        scan = (await scan_of(ticket, age=60.0))._replace(offline=True, shown="ok")
        await checkin.settle([scan], gone, LATER + timedelta(minutes=minutes))
        [waits] = await quarantine.waiting(event.id)
        assert (waits.scans, waits.tickets) == (1, 1)
        await quarantine.accept(event, sid.id, waits.newest, omar, LATER + timedelta(minutes=1), clock.real())
        assert await quarantine.waiting(event.id) == []
    assert len(await who_is_in()) == 2


async def test_dr23_whom_a_revoked_phone_let_in_without_any_ticket_is_a_loud_conflict_once_accepted(
    event: Event, sid: Device, omar: Staff
) -> None:
    gone = await revoked(sid)
    stranger = a_scan(b"x" * 16)
    turned_away = a_scan(b"y" * 16)._replace(offline=True, shown="not_on_phone", tap="no")
    await checkin.settle([stranger._replace(offline=True, shown="not_on_phone", tap="lead"), turned_away], gone, LATER)
    await accepted(event, omar)
    assert [(conflict.kind, conflict.first_scan, conflict.loud) for conflict in await Conflict.all()] == [
        (ConflictKind.NO_TICKET, stranger.id, True)
    ]


async def test_dr23_to_take_back_or_to_leave_by_the_leads_override_is_nobody_let_in_without_a_ticket(
    event: Event, sid: Device, omar: Staff
) -> None:
    ticket = await a_ticket(someone(), event)
    entry = await scan_of(ticket, age=60.0)
    await checkin.settle([entry], sid, LATER)
    gone = await revoked(sid)
    tapped: dict[str, Any] = {"offline": True, "tap": "lead"}
    undo = undo_of(entry, age=30.0)._replace(**tapped, shown="undone", code="wrong_person")
    out = a_scan(b"x" * 16)._replace(**tapped, kind=ScanKind.OUT, shown="not_on_phone")
    await checkin.settle([undo, out], gone, LATER)
    await accepted(event, omar)
    assert (await who_is_in(), await Conflict.all()) == ([], [])


async def test_dr23_an_entry_that_was_accepted_is_not_counted_again_when_the_phone_says_that_it_stood_alone(
    event: Event, sid: Device, omar: Staff
) -> None:
    scan, gone = await scan_of(await a_ticket(someone(), event), age=60.0), await revoked(sid)
    for again in (scan, scan._replace(offline=True, shown="ok")):
        await checkin.settle([again], gone, LATER)
        await accepted(event, omar)
    assert [admission[1] for admission in await who_is_in()] == [quarantine.accepted_id(scan.id)]
    assert await Conflict.all().count() == 0


@pytest.mark.parametrize("when", ["before", "after"])
async def test_dr23_whom_a_revoked_phone_had_let_in_when_our_no_was_lost_is_kept_apart_too(
    event: Event, sid: Device, omar: Staff, when: str
) -> None:
    """It was asked online, and answered in vain; then the phone let them in by its list, and hands that over."""
    ticket = await a_ticket(someone(), event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, THE_DAY)
    asked = await scan_of(ticket)
    gone = await revoked(sid)
    await checkin.settle([asked], sid if when == "before" else gone, LATER)
    alone = asked._replace(age=60.0, offline=True, shown="ok")
    undo = undo_of(asked)
    for _ in range(2):
        await checkin.settle([alone], gone, LATER + timedelta(minutes=1))
    await accepted(event, omar, LATER + timedelta(minutes=2))
    let = quarantine.accepted_id(received_scan.passed_anyway_id(asked.id))
    assert await who_is_in() == [(ticket.id, let)]
    assert [(conflict.kind, conflict.first_scan) for conflict in await Conflict.all()] == [
        (ConflictKind.NOT_VALID, let)
    ]
    await checkin.settle([undo._replace(age=150.0)], gone, LATER + timedelta(minutes=3))
    await accepted(event, omar, LATER + timedelta(minutes=4))
    assert await who_is_in() == []


async def test_dr23_what_is_discarded_lets_nobody_in_and_what_comes_later_is_asked_anew(
    event: Event, sid: Device, omar: Staff
) -> None:
    gone = await revoked(sid)
    await let_in(await a_ticket(someone(), event), gone, 20)
    [first] = await quarantine.waiting(event.id)
    late = (await scan_of(await a_ticket(someone(), event), age=60.0))._replace(offline=True, shown="ok")
    await checkin.settle([late], gone, LATER + timedelta(minutes=1))
    with pytest.raises(Refused):
        await quarantine.discard(event, sid.id, first.newest, omar, LATER)
    [both] = await quarantine.waiting(event.id)
    assert both.scans == 2
    await quarantine.discard(event, sid.id, both.newest, omar, LATER)
    assert await quarantine.waiting(event.id) == []
    later = (await scan_of(await a_ticket(someone(), event), age=60.0))._replace(offline=True, shown="ok")
    await checkin.settle([later], gone, LATER + timedelta(minutes=2))
    assert [device.scans for device in await quarantine.waiting(event.id)] == [1]
    assert await who_is_in() == []


async def test_dr23_whom_the_steward_of_a_revoked_phone_turned_away_when_our_answer_was_lost_is_not_let_in(
    event: Event, sid: Device, omar: Staff
) -> None:
    ticket, gone = await a_ticket(someone(), event), await revoked(sid)
    online = await scan_of(ticket)
    await checkin.settle([online], gone, LATER)
    for _ in range(2):
        await checkin.settle([online._replace(offline=True, shown="check_id", tap="no", age=60.0)], gone, LATER)
    assert await Scan.all().count() == 2
    assert await accepted(event, omar) == 0
    assert await who_is_in() == []


async def test_dr23_it_counts_as_of_when_it_happened_though_the_phone_had_nothing_left_since(
    event: Event, sid: Device, omar: Staff
) -> None:
    ticket, gone = await a_ticket(someone(), event), await revoked(sid)
    entry = await let_in(ticket, gone, 20)
    await DoorPass.filter(id=sid.id).update(emptied_at=clock.real())
    await accepted(event, omar)
    counted = await Scan.get(client_id=quarantine.accepted_id(entry.id))
    assert (counted.happened_at, counted.held) == (LATER - timedelta(minutes=20), False)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite runs one transaction at a time
async def test_whoever_accepts_scans_and_whoever_ends_their_leads_pass_do_not_wait_for_each_other(
    event: Event, door: Door, omar: Staff, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the door is closed: a lead's phone is past its time, and has sent what it held. Whoever ends the pass of
    a lead holds the event first, whoever settles scans comes to it last."""
    lee, reached, lock = await a_phone_at(door, "Lee", PassRole.DOOR_LEAD), asyncio.Event(), quarantine._lock
    await DoorPass.filter(id=lee.id).update(expires_at=clock.real())
    await let_in(await a_ticket(someone(), event), lee._replace(live=False), 5)

    async def ends() -> None:
        await reached.wait()
        await pairing.write_off(await DoorPass.get(id=lee.id), WrittenOff.LEFT, lena, LATER, clock.real())

    ending = asyncio.create_task(ends())

    async def slow(scans: list[Scan]) -> None:
        await lock(scans)
        reached.set()
        while not ending.done() and not await query("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    monkeypatch.setattr(quarantine, "_lock", slow)
    assert await accepted(event, omar) == 1
    await ending
    assert (await DoorPass.get(id=lee.id)).revoked_at is not None
    assert await quarantine.waiting(event.id) == []


async def test_of_two_who_accept_the_same_scans_one_does(event: Event, sid: Device, omar: Staff, lena: Staff) -> None:
    await let_in(await a_ticket(someone(), event), await revoked(sid), 5)
    [waits] = await quarantine.waiting(event.id)
    deciding = [quarantine.accept(event, sid.id, waits.newest, by, LATER, clock.real()) for by in (omar, lena)]
    assert sorted(map(str, await asyncio.gather(*deciding, return_exceptions=True))) == [
        "1",
        quarantine.DECIDED_ALREADY,
    ]
    assert (len(await who_is_in()), await Scan.filter(verdict="ok").count()) == (1, 1)
