"""Leads with their PINs, and what a phone is told."""

from datetime import timedelta
from typing import Any

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import clock
from registrations.checkin import lead_override
from registrations.phones import finding, pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole
from registrations.phones.pairing import Made
from registrations.phones.scan_answer import Answer
from tests.people import THE_DAY

NINE, MINUTE = THE_DAY, timedelta(minutes=1)


async def a_lead(door: Door, by: Staff, name: str = "Lee's phone") -> Made:
    """Paired, and so at the door."""
    made = await pairing.make_pass(door, name, PassRole.DOOR_LEAD, by, clock.now(), clock.real())
    await pairing.pair(made.secret, "192.0.2.1", clock.now(), clock.real())
    return made


async def typed(pin: str, device: Device, after: timedelta = timedelta(0)) -> Answer:
    return await lead_override.give(pin, device, clock.now(), clock.real() + after)


async def again(device: Device, after: timedelta = timedelta(0)) -> Device:
    """As the server knows it at its next request."""
    return await finding.device_of(await DoorPass.get(id=device.id), clock.real() + after)


async def on_record(*actions: Action) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (entry.action, entry.actor, entry.details)
        for entry in await AuditEntry.filter(action__in=actions).order_by("id")
    ]
