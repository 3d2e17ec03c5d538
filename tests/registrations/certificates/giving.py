"""An event whose certificates are written and released, and guests who came, as tests make them."""

from datetime import date, datetime
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.audit import Actor
from events.event import Event
from events.ground import clock
from events.ground.tokens import Purpose
from registrations.certificates import checking, issuing, releasing, taking, writing
from registrations.certificates.certificate import Certificate, Hours, Shows, Words, certificate_of, terms_of
from registrations.checkin import checkin
from registrations.checkin.scan import ScanKind
from registrations.people.registration import Registration
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_of
from tests.people import Person, someone
from tests.professional import path_to, with_ticket

WORDS = Words("Recognise the signs of stalking\nRefer somebody to an advocate")
HOURS = Hours(9 * 60 + 30, 16 * 60, [(12 * 60 + 30, 13 * 60 + 15)])  # 5 hours 45 minutes
DAY = date(2019, 4, 15)
NEXT_DAY = clock.at_venue(DAY, 23, 59).replace(hour=23, minute=30)  # half past midnight at the venue


def o_clock(hours: int, minutes: int = 0) -> datetime:
    return clock.at_venue(DAY, hours, minutes)


NINE = o_clock(9)


async def comes(
    event: Event, by: Device, person: Person | None = None, at: datetime = NINE, left: datetime | None = None
) -> Registration:
    """Somebody with a ticket, scanned in, and out again if it says when."""
    registration, ticket = await with_ticket(person or someone(), event)
    await passes(ticket, by, at)
    if left is not None:
        await passes(ticket, by, left, ScanKind.OUT)
    return registration


async def passes(ticket: Ticket, by: Device, at: datetime, kind: ScanKind = ScanKind.IN) -> None:
    scan = (await scan_of(ticket))._replace(kind=kind)
    [answer] = await checkin.settle([scan], by, at)
    assert answer["verdict"] in ("ok", "out"), answer


async def release(event: Event, by: Actor, at: datetime = NEXT_DAY, words: Words = WORDS) -> None:
    """Written, released, and made for whoever came by then."""
    await writing.write(event, words, HOURS, 0, by, at)
    await releasing.release(event, 1, by, at, clock.real())
    await issuing.turn(at)


async def number_of(person: Registration) -> str:
    certificate = await certificate_of(person.id)
    held = certificate.held if certificate else None
    return held.number if held else pytest.fail("they have no certificate")


async def takes(person: Registration, event: Event, shows: Shows = Shows.FULL_NAME, at: datetime = NEXT_DAY) -> str:
    """The number that they see."""
    await taking.take(person, event, shows, at, clock.real())
    return await number_of(person)


async def whose() -> list[int]:
    """Who has a certificate that is not ended."""
    rows = await Certificate.filter(ended_at=None).order_by("registration_id")
    return [row.registration_id for row in rows]


async def is_given(event: Event, by: Staff, device: Device) -> Registration:
    """Somebody who has taken theirs, of an event whose certificates may be released already."""
    person = await comes(event, device)
    if await terms_of(event.id) is None:
        await writing.write(event, WORDS, HOURS, 0, by, NEXT_DAY)
    terms = await terms_of(event.id)
    await releasing.release(event, terms.version if terms else 0, by, NEXT_DAY, clock.real())
    await issuing.settle(await Event.get(id=event.id), NEXT_DAY)
    await takes(person, event)
    return person


async def of_certificates(world: Any, caller: str, path: str) -> dict[str, str]:
    """For a path with a guest in its braces who has theirs, and for the pages of an event that has released them."""
    person = await is_given(world.event, world.staff["lead"], await a_phone_at(world.door))
    return {"id": str(person.id), "token": path_to(person, Purpose.MANAGE).rpartition("/")[2]}


async def valid(number: str, network: str = "192.0.2.1") -> bool:
    return await checking.is_valid(number, network, clock.real())
