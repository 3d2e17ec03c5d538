"""How many people wait for a lead: whom a steward sent aside, and nothing was decided since."""

from datetime import datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.checkin import checkin, with_lead
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_of
from tests.people import THE_DAY, a_door, an_event, someone

pytestmark = pytest.mark.usefixtures("the_day")


async def withdrawn(event: Event, by: Staff) -> Ticket:
    ticket = await a_ticket(someone(), event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), by, THE_DAY)
    return ticket


def at(minutes: float) -> datetime:
    return THE_DAY + timedelta(minutes=minutes)


async def test_each_person_who_was_sent_aside_counts_once_until_they_are_in(
    event: Event, sid: Device, kim: Device, lee: Device, lena: Staff
) -> None:
    ticket, other, good = await withdrawn(event, lena), await withdrawn(event, lena), await a_ticket(someone(), event)
    for scanned in (ticket, ticket, other, good):
        await checkin.settle([await scan_of(scanned)], sid, at(0))
    await checkin.settle([a_scan(b"x" * 16)], kim, at(0))
    assert await with_lead.waiting(event.id, at(1)) == 2
    await checkin.settle([await scan_of(good)], kim, at(1))
    assert await with_lead.waiting(event.id, at(2)) == 3, "already in is for the lead too"
    again = (await scan_of(good))._replace(code="left_without_scan", tap="lead")
    await checkin.settle([again], lee, at(2))
    assert await with_lead.waiting(event.id, at(3)) == 2


async def test_who_was_turned_away_or_was_sent_there_long_ago_waits_no_more(
    event: Event, sid: Device, lena: Staff
) -> None:
    ticket, long_ago = await withdrawn(event, lena), await withdrawn(event, lena)
    await checkin.settle([await scan_of(long_ago)], sid, at(0))
    await checkin.settle([await scan_of(ticket)], sid, at(4))
    assert [await with_lead.waiting(event.id, at(minutes)) for minutes in (4.5, 5.5, 10)] == [2, 1, 0]


async def test_another_events_people_wait_at_their_own_doors(event: Event, sid: Device, lena: Staff) -> None:
    elsewhere = await an_event()
    phone = await a_phone_at(await a_door(elsewhere), "Elsewhere")
    await checkin.settle([await scan_of(await withdrawn(elsewhere, lena))], phone, at(0))
    assert [await with_lead.waiting(of.id, at(1)) for of in (event, elsewhere)] == [0, 1]
