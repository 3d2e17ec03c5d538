"""Invented guests who arrive by themselves as the rehearsal's clock moves, so that the board shows something."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from events.event import Event
from events.ground.database import run_tx
from events.rotation.held_key import with_held_key
from registrations.checkin import checkin
from registrations.checkin.scan import Scan, ScanKind, Sent
from registrations.people.person import address_tag
from registrations.phones import finding, pairing
from registrations.phones.door import ENTRANCES, PHONE, Device, Door, DoorPass, name_columns
from registrations.tickets.ticket import Ticket, proof_of

from .rehearsing import approved_people

NAME = "Invented arrivals"
EVERY = timedelta(seconds=15)
STAYS_AWAY = 6  # one of so many never comes


async def arrive(event: Event, at: datetime, real: datetime) -> int:
    """Lets in, one at a time, guests who should have come by `at`, and returns how many. Skips guests that a phone has
    seen.

    Only people who were approved when the rehearsal was made: a ticket that a visitor got is theirs to try.
    """
    door = await Door.filter(event=event, presence=ENTRANCES).order_by("id").first()
    waiting = [(ticket, moment) for ticket, moment in await _expected(event) if moment <= at]
    if door is None or not waiting:
        return 0
    device = await _device(event, door, real)
    for ticket, moment in waiting:
        scan = Sent(secrets.token_hex(16), ScanKind.IN, proof=proof_of(event, ticket.n))
        await checkin.settle([scan], device, moment)
    await pairing.sign_out(device, at, real)
    return len(waiting)


async def _expected(event: Event) -> list[tuple[Ticket, datetime]]:
    """When each of the guests comes that no phone has seen yet."""
    tags = [address_tag(event, email) for email in approved_people()]
    tickets = await Ticket.filter(event=event, revoked_at=None, registration__address_tag__in=tags).order_by("id")
    seen = {scan.ticket_id for scan in await Scan.filter(ticket_id__in=[ticket.id for ticket in tickets])}
    return [pair for pair in _in_turn(event, tickets) if pair[0].id not in seen]


def _in_turn(event: Event, tickets: list[Ticket]) -> Iterator[tuple[Ticket, datetime]]:
    coming = [ticket for n, ticket in enumerate(tickets) if n % STAYS_AWAY]
    for n, ticket in enumerate(coming):
        if event.doors_open_at is not None:
            yield ticket, event.doors_open_at + EVERY * n


@run_tx
async def _device(event: Event, door: Door, real: datetime) -> Device:
    """A pass of its own, so that the desk tells these arrivals from those of a visitor."""
    columns = name_columns(PHONE, await with_held_key(event), NAME)
    door_pass = await DoorPass.create(
        event_id=door.event_id, door=door, **columns, code_expires_at=real, made_at=real, paired_at=real,
        last_seen_at=real, expires_at=real + timedelta(hours=1), token_hash=secrets.token_hex(32),
    )  # fmt: skip
    return (await finding.device_of(door_pass, real))._replace(live=True)
