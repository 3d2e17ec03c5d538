"""Closing an event's door: its phones hand over what they hold and are done, and then no door of it is open any more.

`at` is the event's time, `real` the machine's.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event
from events.ground import live
from events.ground.database import after_commit, ask, query, run_tx
from events.ground.refusal import Refused
from registrations.phones import pairing
from registrations.phones.door import DoorPass, WrittenOff, topic
from registrations.phones.how_many import SILENT_AFTER

from . import conflicts

AWAITED = "SELECT count(*) FROM door_pass WHERE event_id = ? AND paired_at IS NOT NULL AND revoked_at IS NULL"
DAY_OVER = "The day of the event is over, so its door stays closed."
# Where the event's row is ours nobody settles a scan of a phone, or makes a code, beside us.
CLOSE = """UPDATE event SET doors_closed_at = ?, doors_closed_by = ?
    WHERE id = ? AND doors_closing_at IS NOT NULL AND doors_closed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM door_pass p
                    WHERE p.event_id = event.id AND p.paired_at IS NOT NULL AND p.revoked_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM conflict c JOIN door d ON d.id = c.door_id
                    WHERE d.event_id = event.id AND c.settled_at IS NULL) RETURNING id"""


class PhoneState(StrEnum):
    """How far a phone is, as the page of closing says it."""

    IN_CONTACT = "in contact"
    TO_SEND = "to send"
    SILENT = "silent"
    ERASED = "erased"  # after its end it said that it holds nothing
    WRITTEN_OFF = "written off"
    ENDED = "ended"  # signed out or revoked; nobody has heard that it is empty


class Phone(NamedTuple):
    id: int
    name: str
    state: PhoneState
    to_send: int  # as it last said
    seen_at: datetime | None  # the event's time
    silent: int  # seconds since then
    why: WrittenOff | None

    @property
    def is_awaited(self) -> bool:
        return self.state in (PhoneState.IN_CONTACT, PhoneState.TO_SEND, PhoneState.SILENT)


class Missing(NamedTuple):
    """What keeps the door from being closed."""

    phones: int
    conflicts: int


@run_tx
async def begin(event: Event, by: Actor, at: datetime, real: datetime) -> None:
    """Codes that wait for their phone end, no more are made, and each phone hears of it when it next speaks. Beginning
    twice does no harm."""
    if (await held_event(event.id)).doors_closing_at is not None:
        return
    await Event.filter(id=event.id).update(doors_closing_at=at)
    codes = await pairing.end_codes(event.id, real)
    await _note(Action.DOOR_CLOSING, event, by, at, codes=codes)


@run_tx
async def close(event: Event, by: Actor, at: datetime) -> bool:
    """False while a phone's pass has not ended, or a conflict is open: one update says so, and nothing of a door comes
    between, since whatever does holds the event's row."""
    held = await held_event(event.id)
    if held.doors_closed_at is not None:
        return True
    if not await query(CLOSE, [at, by.actor, event.id]):
        return False
    await _note(Action.DOOR_CLOSED, event, by, at)
    return True


@run_tx
async def reopen(event: Event, by: Actor, at: datetime) -> None:
    """Codes can be made again, on the event's day and before it. Phones that are done stay so until they are paired
    anew. Raises Refused once the day is over."""
    held = await held_event(event.id)
    if held.is_over(at):
        raise Refused(DAY_OVER)
    if held.doors_closing_at is None:
        return
    await Event.filter(id=event.id).update(doors_closing_at=None, doors_closed_at=None, doors_closed_by="")
    await _note(Action.DOOR_REOPENED, event, by, at, closed=held.doors_closed_at is not None)


async def _note(action: Action, event: Event, by: Actor, at: datetime, **details: int) -> None:
    await audit.record(action, event, by=by, at=at, event_id=event.id, **details)
    after_commit(live.publish, topic(event.id))


async def missing(event_id: int) -> Missing:
    [(awaited,)] = await ask(AWAITED, [event_id])
    return Missing(awaited, (await conflicts.counted(event_id)).open)


async def phones(event_id: int, at: datetime, real: datetime) -> list[Phone]:
    """Every phone that was paired, those first that have not ended."""
    paired = await DoorPass.filter(event_id=event_id, paired_at__not_isnull=True).order_by("id")
    return sorted([_phone(door_pass, at, real) for door_pass in paired], key=lambda phone: not phone.is_awaited)


def _phone(door_pass: DoorPass, at: datetime, real: datetime) -> Phone:
    seen = door_pass.last_seen_at or door_pass.paired_at
    why = WrittenOff(door_pass.written_off) if door_pass.written_off else None
    seen_at = at - (real - seen) if seen else None
    silent = int((real - (seen or real)).total_seconds())
    return Phone(door_pass.id, door_pass.name, _state(door_pass, real), door_pass.to_send, seen_at, silent, why)


def _state(door_pass: DoorPass, real: datetime) -> PhoneState:
    if door_pass.wiped_at is not None and not door_pass.written_off:
        return PhoneState.ERASED
    if door_pass.revoked_at is not None:
        return PhoneState.WRITTEN_OFF if door_pass.written_off else PhoneState.ENDED
    if door_pass.last_seen_at is None or real - door_pass.last_seen_at > SILENT_AFTER:
        return PhoneState.SILENT
    return PhoneState.TO_SEND if door_pass.to_send else PhoneState.IN_CONTACT
