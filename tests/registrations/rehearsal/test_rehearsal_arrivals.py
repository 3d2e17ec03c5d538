"""At five past nine the rehearsal's board shows people: invented ones, each once, and nobody else's ticket."""

from datetime import timedelta

import pytest

from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import checkin, headcount, whereabouts
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Admission, Scan
from registrations.deciding import vetting
from registrations.desk.on_the_day.arrivals_chart import chart
from registrations.people.registration import Registration, State
from registrations.phones.door import Door, DoorPass
from registrations.rehearsal import rehearsal_arrivals
from registrations.rehearsal.rehearsal_pages import MOMENTS, START, moment_of
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_of
from tests.people import Person, confirmed

FIVE_PAST = moment_of("2019-04-15T09:05")


@pytest.fixture
async def event(rehearsed: Database) -> Event:
    """On SQLite alone: the door's own tests run on both."""
    return await Event.get()


async def people_in(event: Event) -> tuple[int, int]:
    counts = await headcount.counts(event.id, FIVE_PAST, clock.real())
    return counts.people, counts.lately


async def test_twenty_have_come_in_by_five_past_nine_and_none_twice(event: Event) -> None:
    before = FIVE_PAST - timedelta(minutes=15)
    assert await rehearsal_arrivals.arrive(event, before, clock.real()) == 0
    assert await people_in(event) == (0, 0)
    assert await rehearsal_arrivals.arrive(event, FIVE_PAST, clock.real()) == 21
    assert await people_in(event) == (21, 20)  # the first came as the doors opened, five minutes ago
    assert await rehearsal_arrivals.arrive(event, FIVE_PAST, clock.real()) == 0
    assert await people_in(event) == (21, 20)


async def test_nobody_comes_by_themselves_once_the_door_is_being_closed(event: Event) -> None:
    assert await rehearsal_arrivals.arrive(event, FIVE_PAST, clock.real()) == 21
    await Event.filter(id=event.id).update(doors_closing_at=FIVE_PAST)
    closing = await Event.get(id=event.id)
    assert await rehearsal_arrivals.arrive(closing, FIVE_PAST + timedelta(hours=3), clock.real()) == 0
    assert await DoorPass.filter(event=closing).count() == 1, "no phone that is to be written off"


async def test_one_person_plays_the_morning_by_moving_the_clock(event: Event) -> None:
    """Each moment of the banner shows more of it, on the board and in the people list; moved again, nothing more."""
    shown = []
    for name, _ in MOMENTS:
        at = moment_of(name)
        await rehearsal_arrivals.arrive(event, at, clock.real())
        assert await rehearsal_arrivals.arrive(event, at, clock.real()) == 0
        there = await whereabouts.everybody(event)
        drawn = await chart(event, at)
        shown.append((*map(len, there.values()), len(drawn.bars) if drawn else 0))
    assert shown == [
        (0, 123, 0, 0), (0, 123, 0, 0), (0, 123, 0, 0), (21, 102, 0, 2), (67, 56, 0, 4), (93, 22, 8, 10),
        (89, 22, 12, 10),
    ]  # fmt: skip


async def test_somebody_whom_a_visitor_has_scanned_neither_comes_nor_goes_by_itself(event: Event) -> None:
    tickets = await Ticket.filter(event=event, revoked_at=None).order_by("id")
    door = await Door.filter(event=event).order_by("id").first()
    assert door is not None
    visitor = await a_phone_at(door, "Rehearsal phone")
    mine = tickets[1]
    await checkin.settle([await scan_of(mine)], visitor, FIVE_PAST)
    await rehearsal_arrivals.arrive(event, FIVE_PAST + timedelta(hours=20), clock.real())
    assert await Scan.filter(ticket_id=mine.id).count() == 1
    [admission] = await Admission.filter(ticket_id=mine.id)
    assert admission.left_at is None


async def test_one_guest_is_let_in_twice_by_a_phone_without_a_network_so_that_there_is_a_conflict(event: Event) -> None:
    await rehearsal_arrivals.arrive(event, FIVE_PAST, clock.real())
    assert await Conflict.all().count() == 0
    for minutes in (15, 20, 60):
        await rehearsal_arrivals.arrive(event, FIVE_PAST + timedelta(minutes=minutes), clock.real())
        [conflict] = await Conflict.all()
        assert (conflict.kind, conflict.settled_at) == (ConflictKind.TWICE, None)
    assert await Admission.filter(ticket_id=conflict.ticket_id).count() == 1


async def test_the_desk_tells_them_from_other_arrivals(event: Event) -> None:
    await rehearsal_arrivals.arrive(event, FIVE_PAST, clock.real())
    phone = await DoorPass.get()
    assert (phone.name, phone.revoked_at is not None) == ("Invented arrivals", True)


async def test_a_ticket_that_somebody_got_in_the_rehearsal_is_left_to_them(event: Event, ada: Person) -> None:
    lead = await Staff.filter(roles__name=RoleName.LEAD).order_by("id").first()
    mine = await confirmed(ada, event)
    invented = await Registration.filter(state=State.CONFIRMED).exclude(id=mine.id).order_by("id").first()
    assert lead is not None
    assert invented is not None
    tickets = [await vetting.approve(asked, lead, moment_of(START)) for asked in (mine, invented)]
    await rehearsal_arrivals.arrive(event, FIVE_PAST + timedelta(hours=20), clock.real())
    arrived = set(await Ticket.filter(admissions__id__gt=0).values_list("id", flat=True))
    assert len(arrived) == 101
    assert arrived.isdisjoint(ticket.id for ticket in tickets)
