"""Where guests are, kept in memory: as true as the admissions, after each act that changes them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from registrations.checkin import checkin, headcount, whereabouts
from registrations.checkin.scan import Admission, ScanKind, Sent
from registrations.checkin.whereabouts import Presence
from registrations.deciding import vetting
from registrations.paper import lines
from registrations.paper.sheet import SheetKind
from registrations.people.registration import Registration
from registrations.phones.door import Device, Door
from registrations.tickets.ticket import Ticket, proof_of
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_id, scan_of, undo_of
from tests.people import THE_DAY, Person, a_door, a_room, an_event, someone

FIVE, TEN = THE_DAY + timedelta(minutes=5), THE_DAY + timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("the_day")


async def exit_of(ticket: Ticket) -> Sent:
    event = await Event.get(id=ticket.event_id)
    return Sent(scan_id(), ScanKind.OUT, proof=proof_of(event, ticket.n))


async def scanned(ticket: Ticket, by: Device, at: datetime) -> Sent:
    scan = await scan_of(ticket)
    await checkin.settle([scan], by, at)
    return scan


async def left(ticket: Ticket, by: Device, at: datetime) -> None:
    await checkin.settle([await exit_of(ticket)], by, at)


async def there(event: Event) -> dict[str, list[int]]:
    """The requests in each list, as a process sees it that has looked before."""
    found = await whereabouts.everybody(event)
    return {presence.value: sorted(person.id for person in people) for presence, people in found.items()}


def of(*lists: Sequence[Ticket]) -> dict[str, list[int]]:
    ids = [sorted(ticket.registration_id for ticket in tickets) for tickets in lists]
    return dict(zip(("in", "not-yet", "left"), ids, strict=True))


async def test_each_act_at_the_door_is_seen_at_the_next_look(event: Event, sid: Device) -> None:
    ada, bo, cleo = [await a_ticket(someone(), event) for _ in range(3)]
    assert await there(event) == of([], [ada, bo, cleo], [])
    await scanned(ada, sid, THE_DAY)
    assert await there(event) == of([ada], [bo, cleo], [])
    await scanned(bo, sid, FIVE)
    await left(ada, sid, TEN)
    assert await there(event) == of([bo], [cleo], [ada])
    await scanned(ada, sid, TEN + timedelta(minutes=1))
    assert await there(event) == of([ada, bo], [cleo], [])
    late = TEN + timedelta(minutes=2)
    again = await scanned(cleo, sid, late)
    assert (await there(event))["in"] == of([ada, bo, cleo], [], [])["in"]
    await checkin.settle([undo_of(again)], sid, late)
    assert await there(event) == of([ada, bo], [cleo], [])


async def test_what_is_kept_is_what_a_process_reads_that_has_just_begun(event: Event, sid: Device) -> None:
    tickets = [await a_ticket(someone(), event) for _ in range(6)]
    for n, ticket in enumerate(tickets[:4]):
        await there(event)
        await scanned(ticket, sid, THE_DAY + timedelta(minutes=4 * n))
    await left(tickets[0], sid, TEN)
    seen = await there(event), (await whereabouts.of(event)).slots
    whereabouts._kept.clear()
    assert (await there(event), (await whereabouts.of(event)).slots) == seen
    assert seen[0] == of(tickets[1:4], tickets[4:], tickets[:1])


async def test_arrivals_are_counted_by_when_somebody_first_came(event: Event, sid: Device, door: Door) -> None:
    wendy = await a_phone_at(await a_door(event, "Workshop A"), "Workshop 1")
    ada, bo, cleo = [await a_ticket(someone(), event) for _ in range(3)]
    await scanned(ada, sid, THE_DAY + timedelta(minutes=4))
    await scanned(bo, sid, THE_DAY + timedelta(minutes=4))
    await scanned(ada, wendy, TEN)
    gone = await scanned(cleo, sid, FIVE)
    await checkin.settle([undo_of(gone)], sid, FIVE)
    slots = (await whereabouts.of(event)).slots
    assert {slot * whereabouts.SLOT - int(THE_DAY.timestamp()): many for slot, many in slots.items() if many} == {0: 2}


async def test_somebody_is_in_by_whichever_ticket(event: Event, sid: Device, ada: Person, lena: Staff) -> None:
    """A newer ticket does not make them somebody who is not here yet."""
    first = await a_ticket(ada, event)
    await scanned(first, sid, THE_DAY)
    person = await Registration.get(id=first.registration_id)
    await there(event)
    await vetting.withdraw(person, lena, FIVE)
    newer = await vetting.approve(await Registration.get(id=person.id), lena, FIVE)
    assert newer.id != first.id
    assert await there(event) == of([newer], [], [])
    assert (await whereabouts.stays([person.id]))[person.id].at == THE_DAY


async def test_whoever_came_in_by_two_tickets_is_where_the_later_one_says(
    event: Event, sid: Device, ada: Person, lena: Staff
) -> None:
    """As they are counted on the board, and called on the roll."""
    first = await a_ticket(ada, event)
    await scanned(first, sid, THE_DAY)
    await vetting.withdraw(await Registration.get(id=first.registration_id), lena, FIVE)
    newer = await vetting.approve(await Registration.get(id=first.registration_id), lena, FIVE)
    await scanned(newer, sid, TEN)
    for way_out, place, called in ((False, of([newer], [], []), 1), (True, of([], [], [newer]), 0)):
        if way_out:
            await left(newer, sid, TEN + timedelta(minutes=1))
        assert await there(event) == place
        counts = await headcount.counts(event.id, TEN, clock.real())
        assert (counts.people, counts.inside) == (1, called)
        stay = (await whereabouts.stays([newer.registration_id]))[newer.registration_id]
        assert (stay.presence is Presence.IN) == bool(called)
        assert len(await lines.of_sheet(event, SheetKind.ROLL_CALL)) == called
    assert [many for many in (await whereabouts.of(event)).slots.values() if many] == [1]


async def test_whose_approval_is_withdrawn_while_inside_is_still_in(
    event: Event, sid: Device, ada: Person, lena: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await scanned(ticket, sid, THE_DAY)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), lena, FIVE)
    assert await there(event) == of([ticket], [], [])


async def test_another_events_scans_change_nothing_here(event: Event, sid: Device) -> None:
    mine = await a_ticket(someone(), event)
    elsewhere = await an_event()
    theirs, phone = await a_ticket(someone(), elsewhere), await a_phone_at(await a_door(elsewhere), "Elsewhere")
    await scanned(theirs, phone, THE_DAY)
    assert await there(event) == of([], [mine], [])
    assert await there(elsewhere) == of([theirs], [], [])


async def test_many_who_look_while_scans_come_see_all_of_them_at_last(event: Event, sid: Device) -> None:
    tickets = [await a_ticket(someone(), event) for _ in range(12)]
    await there(event)
    await asyncio.gather(*(scanned(ticket, sid, FIVE) for ticket in tickets), *(there(event) for _ in range(12)))
    assert await there(event) == of(tickets, [], [])


async def test_nothing_is_read_twice(event: Event, sid: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look after one scan reads one ticket, however many have come."""
    tickets = [await a_ticket(someone(), event) for _ in range(5)]
    for ticket in tickets[:4]:
        await scanned(ticket, sid, FIVE)
    await whereabouts.of(event)
    put, put_as_ever = list[int](), whereabouts.Whereabouts.put

    def noting(self: whereabouts.Whereabouts, id_: int, now: whereabouts.At | None) -> None:
        put.append(id_)
        put_as_ever(self, id_, now)

    monkeypatch.setattr(whereabouts.Whereabouts, "put", noting)
    await whereabouts.of(event)
    assert put == []
    await scanned(tickets[4], sid, TEN)
    await whereabouts.of(event)
    assert put == [tickets[4].registration_id]


async def test_whole_parts_are_read_to_the_end(event: Event, sid: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whereabouts, "A_PART", 2)
    monkeypatch.setattr(whereabouts, "CHANGED", whereabouts.CHANGED.replace("LIMIT 1000", "LIMIT 2"))
    tickets = [await a_ticket(someone(), event) for _ in range(6)]
    await query("UPDATE ticket SET list_version = 7 WHERE event_id = ?", [event.id])  # as many approved at once
    for ticket in tickets[:3]:
        await scanned(ticket, sid, FIVE)
    assert await there(event) == of(tickets[:3], tickets[3:], [])


async def test_an_event_that_is_put_off_begins_anew(event: Event, sid: Device) -> None:
    ticket = await a_ticket(someone(), event)
    await scanned(ticket, sid, FIVE)
    assert await there(event) == of([ticket], [], [])
    await Admission.all().delete()  # as once the scans of the first day are deleted
    event.day += timedelta(days=30)
    assert await there(event) == of([], [ticket], [])


async def test_where_they_are_is_known_from_the_first_door_until_the_scans_are_gone(event: Event, door: Door) -> None:
    early = THE_DAY - timedelta(minutes=30)
    assert event.doors_open_at == THE_DAY
    known = [await whereabouts.are_known(event, at) for at in (early, THE_DAY, THE_DAY + timedelta(days=3))]
    assert known == [False, True, True]
    door.opens_at = early
    await door.save()
    assert await whereabouts.are_known(event, early)
    counted = (event.id, event.day, door.id)
    await query("INSERT INTO attendance (event_id, day, door_id, kind, people) VALUES (?, ?, ?, '', 1)", counted)
    assert await whereabouts.are_known(event, THE_DAY)
    await query("INSERT INTO attendance (event_id, day, kind, people) VALUES (?, ?, '', 1)", counted[:2])
    assert not await whereabouts.are_known(event, THE_DAY)


async def test_without_a_door_or_its_hours_nobody_is_late(event: Event) -> None:
    assert not await whereabouts.are_known(event, TEN)
    await a_door(event)
    assert await whereabouts.are_known(event, TEN)
    await Event.filter(id=event.id).update(doors_open_at=None)
    assert not await whereabouts.are_known(await Event.get(id=event.id), TEN)


async def test_a_stay_is_at_the_entrance_whatever_rooms_somebody_has_left(event: Event, sid: Device) -> None:
    wendy = await a_phone_at(await a_room(event), "Workshop 1")
    ada, bo = await a_ticket(someone(), event), await a_ticket(someone(), event)
    for ticket in (ada, bo):
        await scanned(ticket, sid, THE_DAY)
        await scanned(ticket, wendy, FIVE)
        await left(ticket, wendy, TEN - timedelta(minutes=2))
    await left(bo, sid, TEN - timedelta(minutes=1))
    assert await there(event) == of([ada], [], [bo])
    stays = await whereabouts.stays([ada.registration_id, bo.registration_id, 0])
    assert stays == {
        ada.registration_id: (Presence.IN, THE_DAY, "Main door"),
        bo.registration_id: (Presence.LEFT, TEN - timedelta(minutes=1), "Main door"),
    }


async def test_organisations_are_counted_as_people_wrote_them_capitals_apart(event: Event, sid: Device) -> None:
    wrote = ("Wardens", "WARDENS", "Aviary", "Wardens")
    tickets = [await a_ticket(replace(someone(), organisation=name), event) for name in wrote]
    await scanned(tickets[0], sid, THE_DAY)
    await scanned(tickets[1], sid, THE_DAY)
    await left(tickets[1], sid, FIVE)
    found = whereabouts.by_organisation(await whereabouts.everybody(event))
    assert [(team.name, dict(team.people)) for team in found] == [
        ("aviary", {Presence.NOT_YET: 1}),
        ("wardens", {Presence.IN: 1, Presence.NOT_YET: 1, Presence.LEFT: 1}),
    ]


async def test_an_unknown_code_is_nobody(event: Event, sid: Device) -> None:
    await checkin.settle([a_scan(b"x" * 16)], sid, THE_DAY)
    assert await there(event) == of([], [], [])
