"""Typing up what was ticked on a sheet: each line becomes a scan with the source *paper*, settled like any other.

Rules: EV-06. A line has no time but that of its block, and counts as a scan made offline in the middle of it, uncertain
by half of it. The database lets a ticket be typed once of a sheet, however many type it.
"""

import secrets
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event
from events.ground import clock
from events.ground.database import query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.checkin import checkin
from registrations.checkin.scan import LEAD, PAPER, ScanKind, Sent
from registrations.codes import sealing, ticket_code
from registrations.codes.verdict import Verdict
from registrations.phones import finding, pairing
from registrations.phones.door import PHONE, Device, Door, DoorPass, PassRole, name_columns
from registrations.tickets.ticket import Ticket, hash_of_proof, proof_of, ticket_of_reference

from . import opening
from .sheet import Sheet, Tick

LONGEST_LINE = 5  # digits: six are a reference
NOT_OPEN = "This door has not opened yet, or has no hours. Set them on its page first."
NOT_TYPED = "Nothing of this sheet is typed up."
BEGUN_ALREADY = "Somebody else has begun to type up this sheet. Go on where they are."
NOT_BEGUN = "Nobody has begun to type up this sheet."
UNDONE_ALREADY = "This line was taken back already."
CANNOT_UNDO = "This line cannot be taken back: something was done with the ticket since. Look at the conflicts."
NO_SUCH_LINE = "This sheet has no line {}"
NO_LINES = "Nobody stands on this sheet: type the reference that was written down"
NO_SUCH_REFERENCE = "No ticket has this reference"
NEVER_USED = "{} is never used in a reference"
NEITHER = "Type the number of the line, or the reference of six characters"
WRONG_LINE = "wrong_person"  # a lead's reason: whoever typed has the sheet before them
TICK = """INSERT INTO paper_tick (sheet_id, line, ticket_id, release_id, client_id, typed_at, typed_by)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id"""


class Found(NamedTuple):
    """The ticket that a line or a reference stands for."""

    ticket_id: int
    line: int | None
    release_id: int | None = None  # of a walk-in


class Block(NamedTuple):
    """Between two moments somebody came in."""

    begins: datetime
    ends: datetime

    @property
    def middle(self) -> datetime:
        return self.begins + (self.ends - self.begins) / 2

    @property
    def half(self) -> float:
        """In seconds."""
        return (self.ends - self.begins).total_seconds() / 2


class Typed(NamedTuple):
    tick: Tick
    before: bool  # it was typed already: nothing is counted again


@run_tx
async def begin(sheet: Sheet, door: Door, ticks: int, by: Actor, at: datetime, real: datetime) -> None:
    """Notes the door, and how many ticks there are on the paper. Its scans are of a pass that no phone has. Raises
    Refused when the door has not opened yet, and when somebody else has begun."""
    event = await held_event(sheet.event_id)  # nobody removes the door meanwhile
    await pairing.refuse_removed(door)
    opens = door.opens_at or event.doors_open_at
    if sheet.is_closed:
        raise opening.Closed
    if not sheet.kind.rules.typed_up or opens is None or opens >= at:
        raise Refused(NOT_OPEN if sheet.kind.rules.typed_up else NOT_TYPED)
    door_pass = await DoorPass.create(
        event_id=event.id, door=door, **name_columns(PHONE, event, f"Paper, sheet {sheet.number}"),
        role=PassRole.PAPER, code_expires_at=real, made_at=at, expires_at=real,
    )  # fmt: skip
    begun = {"door_id": door.id, "door_pass_id": door_pass.id, "ticks": ticks, "begun_at": at, "begun_by": by.actor}
    if await Sheet.filter(id=sheet.id, begun_at=None).update(**begun) != 1:
        raise Refused(BEGUN_ALREADY)
    await audit.record(Action.SHEET_BEGUN, sheet, by=by, at=at, sheet=sheet.number, door=door.id, ticks=ticks)


@run_tx
async def count_anew(sheet: Sheet, ticks: int, by: Actor, at: datetime) -> None:
    """The ticks on the paper were miscounted."""
    if await Sheet.filter(id=sheet.id, begun_at__not_isnull=True).update(ticks=ticks) != 1:
        raise Refused(NOT_BEGUN)
    await audit.record(Action.TICKS_COUNTED, sheet, by=by, at=at, sheet=sheet.number, ticks=ticks)


async def find(sheet: Sheet, event: Event, typed: str) -> Found | str:
    """By what was typed or scanned: the number of a line, a reference or a ticket code. Or why there is nobody."""
    typed = typed.strip()
    if typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_LINE:
        return _on_line(sheet, int(typed))
    ticket = await _ticket(event, typed)
    if ticket is None:
        wrong = ticket_code.never_used(typed)
        if ticket_code.normal_reference(typed) is None:
            return NEVER_USED.format(wrong) if wrong and len(typed) <= 2 * ticket_code.REFERENCE_LENGTH else NEITHER
        return NO_SUCH_REFERENCE
    return Found(ticket.id, sheet.tickets.index(ticket.id) + 1 if ticket.id in sheet.tickets else None)


def _on_line(sheet: Sheet, line: int) -> Found | str:
    if not sheet.tickets:
        return NO_LINES
    return Found(sheet.tickets[line - 1], line) if 1 <= line <= len(sheet.tickets) else NO_SUCH_LINE.format(line)


async def _ticket(event: Event, typed: str) -> Ticket | None:
    if secret := ticket_code.parse(typed).secret:
        proof = sealing.derive(secret, event.salt).proof
        return await Ticket.get_or_none(event_id=event.id, proof_hash=hash_of_proof(proof))
    reference = ticket_code.normal_reference(typed)
    return await ticket_of_reference(event.id, reference) if reference else None


async def time_of_door(sheet: Sheet, event: Event, at: datetime) -> Block:
    """All the time that the door of this sheet has been open: what a line without a block may be."""
    door = await Door.get(id=sheet.door_id)
    begins = door.opens_at or event.doors_open_at or at
    ends = door.closes_at or event.ends_at or clock.at_venue(event.day, 23, 59)
    return Block(min(begins, at), max(min(begins, at), min(ends, at)))


@run_tx
async def tick(
    sheet: Sheet, event: Event, found: Found, block: Block, by: Actor, at: datetime, real: datetime
) -> Typed:
    """Counts the person once, whoever types the same line of the same sheet at the same moment. Raises Closed."""
    await opening.hold_open(sheet)
    claimed = await claim(sheet, found, by, at)
    if claimed is None:
        return Typed(await Tick.get(sheet_id=sheet.id, ticket_id=found.ticket_id, undone_at=None), True)
    await count(claimed, sheet, event, block, at, real)
    return Typed(claimed, False)


@within_tx
async def claim(sheet: Sheet, found: Found, by: Actor, at: datetime) -> Tick | None:
    """Makes this line ours. None where its ticket, its number or its release was typed already."""
    values = [sheet.id, found.line, found.ticket_id, found.release_id, secrets.token_hex(16), at, by.actor]
    rows = await query(TICK, values)
    return await Tick.get(id=rows[0]["id"]) if rows else None


@within_tx
async def count(line: Tick, sheet: Sheet, event: Event, block: Block, at: datetime, real: datetime) -> None:
    """As a scan of its ticket in the middle of the block."""
    ticket, age = await Ticket.get(id=line.ticket_id), (at - block.middle).total_seconds()
    sent = Sent(
        line.client_id, ScanKind.IN, proof_of(event, ticket.n), age=age, offline=True, unsure=block.half, source=PAPER
    )  # fmt: skip
    await checkin.settle([sent], await _pass_of(sheet, age, real), at)


@run_tx
async def take_back(sheet: Sheet, tick_id: int, by: Actor, at: datetime, real: datetime) -> None:
    """As a scan is undone: by a row of its own. Raises Refused where somebody else has done it, or where it cannot be
    undone any more."""
    found = await Tick.get(id=tick_id, sheet_id=sheet.id)
    if await Tick.filter(id=found.id, undone_at=None).update(undone_at=at, undone_by=by.actor) != 1:
        raise Refused(UNDONE_ALREADY)
    undo = Sent(
        secrets.token_hex(16), ScanKind.UNDO, undoes=found.client_id, offline=True, tap=LEAD, code=WRONG_LINE,
        source=PAPER,
    )  # fmt: skip
    [answer] = await checkin.settle([undo], await _pass_of(sheet, 0.0, real), at)
    if answer["verdict"] != Verdict.UNDONE:
        raise Refused(CANNOT_UNDO)
    await audit.record(Action.LINE_TAKEN_BACK, sheet, by=by, at=at, sheet=sheet.number, line=found.line)


async def _pass_of(sheet: Sheet, age: float, real: datetime) -> Device:
    """As if it were a phone that has held this scan for so long."""
    device = await finding.device_of(await DoorPass.get(id=sheet.door_pass_id), real)
    return device._replace(live=True, longest_age=age, at_desk=True)  # also once the door is closed


@run_tx
async def finish(sheet: Sheet, typed: int, by: Actor, at: datetime) -> None:
    """All is typed: what was counted on the paper, and what was typed, is recorded."""
    begun = Sheet.filter(id=sheet.id, begun_at__not_isnull=True)
    if await begun.update(finished_at=at, finished_by=by.actor) != 1:
        raise Refused(NOT_BEGUN)
    ticks = sheet.ticks or 0
    await audit.record(Action.SHEET_TYPED, sheet, by=by, at=at, sheet=sheet.number, ticks=ticks, typed=typed)
