"""Makers for tests of the door: tickets, phones, and the scans that phones send."""

import secrets
from datetime import timedelta
from typing import Any

from events.event import Event
from events.ground import clock
from registrations.checkin.scan import Admission, Scan, ScanKind, Sent
from registrations.people.registration import State
from registrations.phones import finding
from registrations.phones.door import Device, Door, DoorPass, PassRole
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket, proof_of
from tests.people import MONDAY, Person, a_phone, confirmed


async def a_ticket(person: Person, event: Event) -> Ticket:
    """Approved, with a place and a ticket."""
    registration = await confirmed(person, event)
    assert await registration.become(State.APPROVED)
    return await ticketing.issue(registration, MONDAY)


async def a_phone_at(door: Door, name: str = "Main door 1", role: PassRole = PassRole.STEWARD) -> Device:
    """Paired two hours ago."""
    door_pass = await a_phone(door, name, role)
    await DoorPass.filter(id=door_pass.id).update(paired_at=clock.real() - timedelta(hours=2))
    return await finding.device_of(door_pass, clock.real())


def with_the_override_of(lead: Device, device: Device | None = None) -> Device:
    """The lead has typed the PIN on this phone, or on their own."""
    return (device or lead)._replace(lead=lead.id)


def scan_id() -> str:
    return secrets.token_hex(16)


def a_scan(proof: bytes, *, age: float = 0.0) -> Sent:
    """A code held to the camera; age in seconds."""
    return Sent(scan_id(), ScanKind.IN, proof=proof, age=age)


async def scan_of(ticket: Ticket, *, age: float = 0.0) -> Sent:
    return a_scan(proof_of(await Event.get(id=ticket.event_id), ticket.n), age=age)


def undo_of(scan: Sent, *, age: float = 0.0) -> Sent:
    return Sent(scan_id(), ScanKind.UNDO, age=age, undoes=scan.id)


async def rows_of(*fields: str) -> list[Any]:
    """These fields of each scan that was kept, oldest first."""
    return [list(row) if len(fields) > 1 else row for row in await Scan.all().order_by("id").values_list(
        *fields, flat=len(fields) == 1)]  # fmt: skip


async def who_is_in() -> list[tuple[int, str]]:
    """(ticket, id of the scan that let it in)."""
    return [(admission.ticket_id, admission.client_id) for admission in await Admission.all().order_by("id")]
