"""Invented guests who come and go by themselves as the rehearsal's clock moves, so that the desk shows something."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from events.event import Event
from events.ground.database import query, run_tx
from registrations.checkin import checkin
from registrations.checkin.scan import Admission, ScanKind, Sent
from registrations.codes.verdict import ADMITS_MET, Verdict
from registrations.people.person import address_tag
from registrations.phones import finding, pairing
from registrations.phones.door import ENTRANCES, PHONE, Device, Door, DoorPass, name_columns
from registrations.tickets.ticket import Ticket, proof_of

from .rehearsal_lives import approved_people

NAME, ALONE = "Invented arrivals", "Invented second phone"
EVERY, QUEUE, STRAGGLE = timedelta(seconds=15), 60, timedelta(seconds=45)  # so many come one after the other, then late
STAYS_AWAY = 6  # one of so many never comes
LEAVES_EARLY, LEAVE_FROM, LEAVE_EVERY = 9, timedelta(hours=2), timedelta(minutes=4)  # of those who came one of so many
TWICE_AFTER = timedelta(minutes=12)  # from the opening: a phone that knows nothing of it lets the first in once more
OURS = "SELECT s.ticket_id, s.door_pass_id, s.kind FROM scan s JOIN ticket t ON t.id = s.ticket_id WHERE t.event_id = ?"


class Act(NamedTuple):
    """Somebody invented comes, or goes again."""

    at: datetime
    kind: ScanKind
    ticket: Ticket


async def arrive(event: Event, at: datetime, real: datetime) -> int:
    """Lets in, one at a time, guests who should have come by `at`, lets out who should have left, and returns how many.
    Leaves alone guests whom another phone has seen. Nobody comes or goes once the door is being closed.

    Only people who were approved when the rehearsal was made: a ticket that a visitor got is theirs to try.
    """
    door = await Door.filter(event=event, presence=ENTRANCES).order_by("id").first()
    if door is None or event.doors_closing_at is not None:
        return 0
    due = [act for act in await _still_to_come(event) if act.at <= at]
    if due:
        await _come_and_go(event, due, await _device(event, door, NAME, real), at, real)
    await _let_in_twice(event, door, at, real)
    return len(due)


async def _come_and_go(event: Event, due: Sequence[Act], device: Device, at: datetime, real: datetime) -> None:
    for act in due:
        met = ADMITS_MET if act.ticket.registration.choices.meets_lead and act.kind is ScanKind.IN else ""
        scan = Sent(secrets.token_hex(16), act.kind, proof=proof_of(event, act.ticket.n), code=met)
        await checkin.settle([scan], device, act.at)
    await pairing.sign_out(device, at, real)


async def _let_in_twice(event: Event, door: Door, at: datetime, real: datetime) -> None:
    """So that there is a conflict to settle: a colleague with a copy of the ticket, or the guest again."""
    first = await Admission.filter(door=door, door__event=event, left_at=None).order_by("admitted_at", "id").first()
    passes = await DoorPass.filter(event=event)
    if event.doors_open_at is None or first is None or any(device.name == ALONE for device in passes):
        return
    again = event.doors_open_at + TWICE_AFTER
    if again <= at and first.admitted_at < again:
        device, ticket = await _device(event, door, ALONE, real), await Ticket.get(id=first.ticket_id)
        proof = proof_of(event, ticket.n)
        scan = Sent(secrets.token_hex(16), ScanKind.IN, proof=proof, offline=True, shown=Verdict.OK, unsure=2.0)
        await checkin.settle([scan], device, again)
        await pairing.sign_out(device, at, real)


async def _still_to_come(event: Event) -> list[Act]:
    """All that nobody has scanned yet, in the order in which it happens."""
    tags = [address_tag(event, email) for email in approved_people()]
    theirs = Ticket.filter(event=event, revoked_at=None, registration__address_tag__in=tags).order_by("id")
    tickets = await theirs.select_related("registration")
    ours = {device.id for device in await DoorPass.filter(event=event) if device.name in (NAME, ALONE)}
    seen, by_others = set[tuple[int, str]](), set[int]()
    for row in await query(OURS, [event.id]):
        seen.add((row["ticket_id"], row["kind"]))
        by_others |= {row["ticket_id"]} if row["door_pass_id"] not in ours else set()
    acts = [act for act in _in_turn(event, tickets) if act.ticket.id not in by_others]
    return sorted((act for act in acts if (act.ticket.id, act.kind) not in seen), key=lambda act: act.at)


def _in_turn(event: Event, tickets: list[Ticket]) -> Iterator[Act]:
    opens = event.doors_open_at
    coming = [ticket for n, ticket in enumerate(tickets) if n % STAYS_AWAY] if opens else []
    for n, ticket in enumerate(coming):
        if opens is not None:
            yield Act(opens + EVERY * min(n, QUEUE) + STRAGGLE * max(0, n - QUEUE), ScanKind.IN, ticket)
            if n % LEAVES_EARLY == 0:
                yield Act(opens + LEAVE_FROM + LEAVE_EVERY * (n // LEAVES_EARLY), ScanKind.OUT, ticket)


@run_tx
async def _device(event: Event, door: Door, name: str, real: datetime) -> Device:
    """A pass of its own, so that the desk tells these arrivals from those of a visitor: a lead's word stands on it, for
    whom the lead meets."""
    columns = name_columns(PHONE, event, name)
    door_pass = await DoorPass.create(
        event_id=door.event_id, door=door, **columns, code_expires_at=real, made_at=real, paired_at=real,
        last_seen_at=real, expires_at=real + timedelta(hours=1), token_hash=secrets.token_hex(32),
    )  # fmt: skip
    return (await finding.device_of(door_pass, real))._replace(live=True, lead=door_pass.id)
