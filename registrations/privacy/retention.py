"""Deletes what is over: unconfirmed requests, names after the event, complaints, incidents, drafts, and more."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import structlog
from tortoise.expressions import Q

from events import event_changes
from events.accounts import sign_in
from events.audit import audit
from events.audit.action import Action
from events.event import Event, EventState
from events.ground import clock, data_keys, limits, live, tokens
from events.ground.database import after_commit, forget_traces, run_tx
from events.ground.repeating import repeat
from registrations.asking import confirming, drafting
from registrations.asking.draft import Draft
from registrations.checkin.scan import Scan
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import EMPTY, HOLDS_A_PLACE, Registration, State
from registrations.phones.door import Door, DoorPass

from .cases import casework
from .cases.complaint import Complaint
from .cases.incident import Incident

EVERY_SECONDS = 300.0
RECOGNISED = timedelta(days=30)  # so long the link of a request that is gone opens a page that says so
NAMED = timedelta(days=90)  # DP-07: so long after the event we know who asked for a place
NOT_OFFERED = timedelta(days=30)  # the same of people whom no place was ever offered
BATCH = 200
log = structlog.get_logger()


class Machine:
    """The actor of deletions that happen by themselves, at their time."""

    actor = "system"


UNCONFIRMED = {State.REQUESTED, State.CANCELLED}  # those without a time at which they were confirmed
NAMES_SOMEBODY = {"person_sealed__isnull": False}


async def expire_due(at: datetime) -> int:
    """Takes everything personal out of requests that nobody confirmed in time, and later the empty rows themselves.

    Cancelling empties a request that nobody confirmed. One that still names somebody, as in an older copy, expires too.
    """
    unconfirmed = Registration.filter(state__in=UNCONFIRMED, confirmed_at=None, requested_at__lte=at - LINK_LASTS)
    due = unconfirmed.filter(**NAMES_SOMEBODY).order_by("id").limit(BATCH)
    expired = sum([await _expire(registration, at) for registration in await due])
    ended = Registration.filter(state__in={State.EXPIRED, State.CANCELLED}, address_tag="")
    await ended.filter(requested_at__lte=at - RECOGNISED).delete()
    return expired


@run_tx
async def _expire(registration: Registration, at: datetime) -> bool:
    """False when it was confirmed or asked for again at the last moment."""
    still = Registration.filter(id=registration.id, state=registration.state, requested_at=registration.requested_at)
    if await still.update(state=State.EXPIRED, **EMPTY) != 1:
        return False
    await LinkAnswers.filter(registration_id=registration.id).update(answers_sealed=None)
    await audit.record(Action.EXPIRED, registration, by=Machine(), at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
    return True


async def forget_links(at: datetime) -> int:
    """Deletes the answers behind expired links of requests that have a newer one."""
    due = LinkAnswers.filter(asked_at__lte=at - LINK_LASTS, registration__state=State.REQUESTED)
    kept = due.exclude(answers_sealed=None).order_by("id").limit(BATCH).select_related("registration")
    return sum([await _forget_link(link, at) for link in await kept])


@run_tx
async def _forget_link(link: LinkAnswers, at: datetime) -> bool:
    """False if it was sent again, or confirmed, at the last moment. The desk shows what is left."""
    await confirming.hold(link.registration_id)
    if await LinkAnswers.filter(id=link.id, asked_at=link.asked_at).update(answers_sealed=None) != 1:
        return False
    await confirming.show_newest(link.registration, at)
    return True


async def forget_named(at: datetime) -> int:
    """Takes everything personal out of requests whose event is long past. The numbers of each kind stay."""
    today = clock.local(at).date()
    everybody = Q(event__day__lte=today - NAMED)
    without_a_place = Q(tickets__id__isnull=True) & ~Q(state__in=HOLDS_A_PLACE)  # waiting, declined, undecided ...
    not_offered = Q(event__day__lte=today - NOT_OFFERED) & without_a_place
    due = Registration.filter(everybody | not_offered).filter(**NAMES_SOMEBODY).order_by("id").distinct()
    return sum([await _forget(registration, at) for registration in await due.limit(BATCH)])


@run_tx
async def _forget(registration: Registration, at: datetime) -> bool:
    """Gives the row a new public id, which no link has. False if the state changed at the last moment."""
    still = Registration.filter(id=registration.id, state=registration.state, **NAMES_SOMEBODY)
    nobody = EMPTY | {"address_tag": f"deleted {registration.id}", "public_id": tokens.new_public_id()}  # each its own
    if await still.update(**nobody) != 1:
        return False
    await LinkAnswers.filter(registration_id=registration.id).delete()
    await audit.record(Action.FORGOTTEN, registration, by=Machine(), at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
    return True


async def destroy_keys(at: datetime) -> int:
    """Destroys the data key of each event that names nobody any more: what copies and backups hold of it opens no more.

    A rehearsal's is left, since its clock may go back. The file goes once that is committed, on each machine that has
    one.
    """
    past = Event.filter(day__lte=clock.local(at).date() - NAMED, rehearsal=False).exclude(data_key="")
    destroyed = sum([await _give_up_key(event, at) for event in await past])
    for slug in await Event.filter(data_key="").values_list("slug", flat=True):
        data_keys.kept().destroy(str(slug))
    return destroyed


@run_tx
async def _give_up_key(event: Event, at: datetime) -> bool:
    """False while there is something that it opens, or if the event was put off at the last moment."""
    if await Registration.filter(event_id=event.id, **NAMES_SOMEBODY).exists():
        return False
    if await Draft.filter(event_id=event.id).exists():
        return False
    still = Event.filter(id=event.id, day=event.day, data_key=event.data_key)
    if await still.update(data_key="") != 1:
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


async def turn(at: datetime, real: datetime) -> None:
    await expire_due(at)
    await forget_links(at)
    await forget_named(at)
    await destroy_keys(at)
    await forget_initials(at)
    await casework.forget_closed(Complaint, at)
    await casework.forget_closed(Incident, at)
    await end_past(at, real)
    await drafting.forget_expired(real)
    await limits.forget(real)
    await sign_in.forget(real)
    if not await forget_traces():
        log.warning("deleted data stays in the journal until others have read it")


async def run(stop: asyncio.Event) -> None:
    """Runs the deletions every few minutes until the server stops."""
    await repeat(lambda: turn(clock.now(), clock.real()), EVERY_SECONDS, stop, "retention failed")
