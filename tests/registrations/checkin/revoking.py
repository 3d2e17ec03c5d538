"""Phones that let people in and are revoked, and an organiser who accepts what they still held."""

from datetime import datetime, timedelta
from typing import Any

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.checkin import checkin, quarantine
from registrations.checkin.scan import Sent
from registrations.phones import finding
from registrations.phones.door import Device, DoorPass
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.people import THE_DAY

LATER = THE_DAY + timedelta(minutes=30)


async def let_in(ticket: Ticket, by: Device, minutes: int, **more: Any) -> Sent:
    """Alone, so many minutes ago."""
    alone: dict[str, Any] = {"offline": True, "shown": "ok"} | more
    scan = (await scan_of(ticket, age=60.0 * minutes))._replace(**alone)
    await checkin.settle([scan], by, LATER)
    return scan


async def revoked(device: Device) -> Device:
    await DoorPass.filter(id=device.id).update(revoked_at=clock.real())
    return await finding.device_of(await DoorPass.get(id=device.id), clock.real())


async def accepted(event: Event, by: Staff, at: datetime = LATER) -> int:
    """All that waits of the one phone of which something waits."""
    [waits] = await quarantine.waiting(event.id)
    return await quarantine.accept(event, waits.id, waits.newest, by, at, clock.real())
