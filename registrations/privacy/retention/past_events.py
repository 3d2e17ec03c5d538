"""Ends events whose day has passed. Long after that it destroys their data keys."""

from datetime import datetime

from events import event_changes
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Machine
from events.event import SEALED, Event, EventState, held_event
from events.ground import clock, data_keys
from events.ground.database import query, run_tx, within_tx
from events.programme.programme import Programme, ShownTo
from registrations.asking.draft import Draft
from registrations.people.registration import Registration
from registrations.phones.door import Door, DoorPass

from . import key_copies, rows
from .kept import Gone, Kept


@within_tx
async def give_up_keys(kept: Kept, at: datetime, real: datetime) -> Gone:
    """Gives up the data key of each event that names nobody any more: what copies and backups hold of it opens no more.

    A rehearsal's is left, since its clock may go back.
    """
    due = await rows.due(kept, at, real)
    found = await query(f"SELECT * FROM event WHERE {due.where}", due.values) if due else []  # noqa: S608
    past = [Event._init_from_db(**row) for row in found]
    return Gone([event.id for event in past if await _give_up_key(event, at)])


async def destroy_files() -> None:
    """The files of the keys that were given up, once that is committed, on each machine that has one."""
    for event in await Event.filter(data_key=""):
        await _destroy_file(event)


@run_tx
async def _destroy_file(event: Event) -> None:
    """Not if the event was put off, and has a new key by now."""
    if not (await held_event(event.id)).data_key:
        data_keys.kept().destroy(event.slug)


async def _give_up_key(event: Event, at: datetime) -> bool:
    """False while there is something that it opens, or if the event was put off at the last moment."""
    if await Registration.filter(event_id=event.id, person_sealed__isnull=False).exists():
        return False
    if await Draft.filter(event_id=event.id).exists():
        return False
    still = Event.filter(id=event.id, day=event.day, data_key=event.data_key)
    sealed = {f"{what}_sealed": None for what in SEALED}
    if await still.update(data_key="", venue_released_at=None, **sealed) != 1:
        return False
    await Door.filter(event_id=event.id).update(name_sealed=None, name_tag="")
    await Programme.filter(event_id=event.id).update(shown_to=ShownTo.NOBODY)  # nothing that it says opens any more
    await audit.record(Action.DATA_KEY_DESTROYED, event, by=Machine(), at=at, event_id=event.id)
    await key_copies.ask_leads(event, at)
    return True


async def end_past(at: datetime, real: datetime) -> int:
    """Ends events whose day has passed, except those whose phones may still send scans: these have their own time.

    A rehearsal's event is left alone, since its clock may go back to the morning.
    """
    sending = DoorPass.filter(paired_at__isnull=False, revoked_at=None, expires_at__gt=real)
    busy: list[int] = await sending.values_list("event_id", flat=True)  # type: ignore[assignment]
    past = Event.filter(day__lt=clock.local(at).date(), rehearsal=False).exclude(state=EventState.OVER)
    return sum([await event_changes.end(event, at) for event in await past if event.id not in busy])
