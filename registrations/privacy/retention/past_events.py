"""Ends events whose day has passed. Long after that it destroys their data keys, and who held their phones."""

from datetime import datetime
from typing import Any

from events import event_changes
from events.audit import audit
from events.audit.action import Action
from events.event import Event, EventState, held_event
from events.ground import clock, data_keys
from events.ground.database import run_tx
from registrations.asking.draft import Draft
from registrations.checkin.scan import Scan
from registrations.people.registration import Registration
from registrations.phones.door import Door, DoorPass

from .deletion import Machine
from .requests import NAMED, NAMES_SOMEBODY


async def destroy_keys(at: datetime) -> int:
    """Destroys the data key of each event that names nobody any more: what copies and backups hold of it opens no more.

    A rehearsal's is left, since its clock may go back. The file goes once that is committed, on each machine that has
    one.
    """
    past = Event.filter(day__lte=clock.local(at).date() - NAMED, rehearsal=False).exclude(data_key="")
    destroyed = sum([await _give_up_key(event, at) for event in await past])
    for event in await Event.filter(data_key=""):
        await _destroy_file(event)
    return destroyed


@run_tx
async def _destroy_file(event: Event) -> None:
    """Not while the event is given a new key, which it may have by now."""
    if not (await held_event(event.id)).data_key:
        data_keys.kept().destroy(event.slug)


@run_tx
async def _give_up_key(event: Event, at: datetime) -> bool:
    """False while there is something that it opens, or if the event was put off at the last moment."""
    if await Registration.filter(event_id=event.id, **NAMES_SOMEBODY).exists():
        return False
    if await Draft.filter(event_id=event.id).exists():
        return False
    still = Event.filter(id=event.id, day=event.day, data_key=event.data_key)
    if await still.update(data_key="", venue_sealed=None, lead_phone_sealed=None, venue_released_at=None) != 1:
        return False
    await audit.record(Action.DATA_KEY_DESTROYED, event, by=Machine(), at=at, event_id=event.id)
    return True


async def forget_initials(at: datetime) -> int:
    """Empties the initials of people who held a phone at an event long past. The scans stay as they are."""
    past = Door.filter(event__day__lte=clock.local(at).date() - NAMED)
    doors: list[Any] = await past.values_list("id", flat=True)
    return await Scan.filter(door_id__in=doors).exclude(initials="").update(initials="") if doors else 0


async def end_past(at: datetime, real: datetime) -> int:
    """Ends events whose day has passed, except those whose phones may still send scans: these have their own time.

    A rehearsal's event is left alone, since its clock may go back to the morning.
    """
    sending = DoorPass.filter(paired_at__isnull=False, revoked_at=None, expires_at__gt=real)
    busy: list[int] = await sending.values_list("event_id", flat=True)  # type: ignore[assignment]
    past = Event.filter(day__lt=clock.local(at).date(), rehearsal=False).exclude(state=EventState.OVER)
    return sum([await event_changes.end(event, at) for event in await past if event.id not in busy])
