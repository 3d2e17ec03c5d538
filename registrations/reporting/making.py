"""Makes the closing report of an event, once: the numbers of one moment, which nobody changes or makes again.

Somebody asks for it once the door is closed. Where nobody has by the day on which the first of what it counts is
deleted, the server makes it. Rules: EV-12, EV-13, DP-07.
"""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor, Machine
from events.event import Event, held_event
from events.ground import clock
from events.ground.database import run_tx, within_tx
from events.ground.refusal import Refused
from registrations.people.needs import KEPT
from registrations.people.registration import OrganisationKind

from . import figures, reading
from .closing_report import ClosingReport

NOT_OVER = "The day of the event is not over yet. The report is made afterwards, once."
DOOR_OPEN = (
    "The door is not closed yet: a phone may still hold scans, or a conflict is open. Close the door first, under"
    " Doors and phones."
)


async def of(event: Event) -> ClosingReport | None:
    return await ClosingReport.get_or_none(event_id=event.id, day=event.day)


@run_tx
async def make(event: Event, by: Actor, at: datetime) -> ClosingReport:
    """The one that there is, if somebody was quicker. Raises Refused before the day is over and the door is closed."""
    held = await held_event(event.id)
    if why := why_not(held, at):
        raise Refused(why)
    return await _made(held, by, at)


def why_not(event: Event, at: datetime) -> str:
    """Why nobody can make it yet; '' once they can."""
    if not event.is_over(at):
        return NOT_OVER
    return DOOR_OPEN if event.doors_closed_at is None else ""


async def make_due(at: datetime) -> int:
    """Of each event whose needs are deleted now. Of a rehearsal none is made: its clock may go back."""
    past = Event.filter(day__lte=clock.local(at).date() - KEPT.time, rehearsal=False).order_by("id")
    return sum([await _make_due(event, at) for event in await past])


@run_tx
async def _make_due(event: Event, at: datetime) -> bool:
    if await of(event) is not None:
        return False
    held = await held_event(event.id)
    return held.day == event.day and bool((await _made(held, None, at)).figures)


@within_tx
async def _made(event: Event, by: Actor | None, at: datetime) -> ClosingReport:
    """The event's row is ours, so nobody makes one beside us, and nothing is settled at a door."""
    if (there := await of(event)) is not None:
        return there
    areas = await reading.areas(event)
    requests, other = await reading.requests(event, areas), await reading.other_counts(event, at)
    said = figures.figures(requests, [kind.value for kind in OrganisationKind], sorted(set(areas.values())), other)
    said |= {"opened_at": (await reading.opened_at(event)).isoformat(), "closed": event.doors_closed_at is not None}
    made_by = by.actor if by else Machine.actor
    made = await ClosingReport.create(event_id=event.id, day=event.day, figures=said, made_at=at, made_by=made_by)
    await audit.record(Action.CLOSING_REPORT_MADE, made, by=by, at=at, event_id=event.id)
    return made
