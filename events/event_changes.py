"""What organisers change of an event: its details, whether people can ask, and when guests learn the venue."""

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from tortoise.expressions import F

from events.audit.action import Action
from events.audit.audit import Actor
from events.ground.database import after_commit, run_tx
from events.ground.refusal import Refused

from . import moving_day, processor_register
from .audit import audit
from .event import (
    PUBLIC,
    Event,
    EventState,
    Moved,
    held_event,
    in_columns,
    send_whole_lists,
    tell_followers,
    tell_news,
)
from .ground import live, wording

EDITABLE = frozenset(
    ["title", "day", "public_text", "colour", "starts_at", "ends_at", "doors_open_at", "venue", "access_facts",
     "capacity", "allowance", "automatic_offers", "domain_cap", "by_invitation", "two_approvals", "stewards_look_up",
     "contact_email", "contact_phone", "lead_phone", "hosts", "facts", "bring", "wellbeing", "changes_until",
     "dpia_reference"]
)  # fmt: skip
CONTACTS = {
    "contact_email": "Email address of the organisers",
    "contact_phone": "Telephone number of the organisers",
    "lead_phone": "Telephone number of the lead on the day",
}  # where guests and door staff turn to: of a change all leads are told, with old and new
OF_A_HOST = {"email": "Email address", "phone": "Telephone number", "data_protection": "Data protection contact"}
PLACES = ("capacity", "allowance")
IN_CALENDARS = frozenset(["day", "starts_at", "ends_at", "venue_sealed", "venue_released_at"])
LATER_CALENDAR = {"calendar_version": F("calendar_version") + 1}
BELOW_TAKEN = (
    "{} places have been given out: with fewer, nobody loses theirs, but none is given out until some are free"
)
NO_VENUE = "There is no venue to release. Enter it first."
RELEASED_ALREADY = "The venue has been released already. Nothing was changed."
HELD_BACK_ALREADY = "The venue is not released. Nothing was changed."
OPEN_ALREADY = "Registration is open already. Nothing was changed."
DAY_PASSED = "The day of this event has passed: nobody can ask for a place any more. Nothing was changed."
NOT_OPEN = "Registration is not open. Nothing was changed."


class ChangedMeanwhile(Refused):
    """Somebody else has changed the same since the event was read that the organiser saw."""

    def __init__(self) -> None:
        super().__init__("Someone else has changed this meanwhile. Nothing was changed.")


async def missing(event: Event) -> list[str]:
    """What is needed before people can ask for places, in words for organisers."""
    return details_missing(event) + in_register(await processor_register.missing(event))


def in_register(lacks: Iterable[str]) -> list[str]:
    """What the register lacks, in a list of other things that are missing."""
    return [f"Processor register: {lack}" for lack in lacks]


def details_missing(event: Event) -> list[str]:
    """The same of what stands in the event's own row."""
    hosts = [f"An email address or telephone number of {host['name']}" for host in event.hosts if not _reachable(host)]
    wanted = {
        "The reference of the signed data protection impact assessment (DPIA)": event.dpia_reference,
        "The number of places": event.places,
        "The name of a host": event.hosts,
        "An email address for people who ask for places": event.contact_email,
        "A telephone number for people who ask for places, or have a safety concern": event.contact_phone,
    }
    return [what for what, there in wanted.items() if not there] + hosts + notice_lacks(event)


def notice_lacks(event: Event) -> list[str]:
    """What the hosts have not said yet in the privacy notice, without which nobody may be asked anything (DP-02)."""
    said = event.facts.get("privacy", {})
    lacks = [
        f"Privacy notice: {what[0].lower()}{what[1:]}" for name, what in wording.PRIVACY.items() if not said.get(name)
    ]
    officers = [host["name"] for host in event.hosts if not host.get("data_protection")]
    return lacks + [f"Privacy notice: the data protection contact of {name}" for name in officers]


def _reachable(host: Mapping[str, str]) -> bool:
    return bool(host.get("email") or host.get("phone"))


@run_tx
async def change(
    event: Event, details: Mapping[str, Any], *, by: Actor, at: datetime, real: datetime, lower_anyway: bool = False
) -> list[str]:
    """Saves only what differs, so that two organisers do not undo each other. Returns the names of what changed.

    `event`: as it was read. Raises ChangedMeanwhile if somebody else has changed the same since, and Refused if there
    would be fewer places than are given out, unless the organiser has confirmed that.
    """
    changed = {name: value for name, value in details.items() if name in EDITABLE and getattr(event, name) != value}
    if not changed:
        return []
    seen, event = event, await held_event(event.id)
    hours_of_a_day = {"day"} if set(moving_day.HOURS) & set(changed) else set()
    if any(getattr(seen, name) != getattr(event, name) for name in hours_of_a_day | set(changed)):
        raise ChangedMeanwhile
    changed |= await _moved(event, changed, at)
    _keep_what_is_needed(event, changed)
    if set(PLACES) & set(changed):
        await _fit(event, changed, lower_anyway)
    columns = in_columns(event, changed)
    await Event.filter(id=event.id).update(**columns, **next_calendar(event, columns))
    await _record(event, changed, by, at)
    _publish(event)
    await tell_news(event, copy(event).update_from_dict(columns), at, real)
    if {"day", "ends_at"} & set(changed):
        days = (changed.get("day", event.day) - event.day).days
        await tell_followers(Moved(event.id, days, by, at, real))
    if set(PLACES) & set(changed):
        await send_whole_lists(event.id)
    return sorted(changed)


async def _moved(event: Event, changed: Mapping[str, Any], at: datetime) -> dict[str, datetime]:
    """The hours on another day. The event's row is held. Raises Refused where it cannot be moved there."""
    if "day" not in changed:
        return {}
    if wrong := await moving_day.refusal(event, changed["day"], at):
        raise Refused(f"{wrong}. Nothing was changed.")
    return moving_day.hours_on(event, changed["day"])


async def _record(event: Event, changed: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """`event`: as it was before."""
    names, before = sorted(changed), vars(event) | {"lead_phone": event.lead_phone}
    old, new = weighty_of(before), weighty_of({**before, **changed})
    if old == new:
        await audit.record(Action.EVENT_CHANGED, event, by=by, at=at, event_id=event.id, changed=names)
        return
    differ = [what for what in old | new if old.get(what) != new.get(what)]
    was, now = ({what: values.get(what, "") for what in differ} for values in (old, new))
    await audit.record_and_alert(
        Action.EVENT_CHANGED, event, by=by, at=at, event_id=event.id, old=was, new=now, changed=names
    )


def next_calendar(event: Event, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The version that the calendar file of this event has once these columns are written. The event's row is held."""
    return {"calendar_version": event.calendar_version + 1} if IN_CALENDARS & set(columns) else {}


def _keep_what_is_needed(event: Event, changed: Mapping[str, Any]) -> None:
    """What was needed to open registration stays while it is open: a support page without a number helps nobody."""
    after = copy(event)
    for name, value in changed.items():
        if name not in ("venue", *PLACES):
            setattr(after, name, value)
    lost = [what for what in details_missing(after) if what not in details_missing(event)]
    if event.state is EventState.OPEN and lost:
        raise Refused(f"Registration is open, so this has to stay: {'; '.join(lost)}. Nothing was changed.")


async def _fit(event: Event, changed: Mapping[str, Any], lower_anyway: bool) -> None:
    """Sets both numbers in one conditional update, so that no place given out meanwhile is overlooked."""
    capacity, allowance = (changed.get(name, getattr(event, name)) for name in PLACES)
    rows = Event.filter(id=event.id) if lower_anyway else Event.filter(id=event.id, taken__lte=capacity + allowance)
    if not await rows.update(capacity=capacity, allowance=allowance):
        raise Refused(f"{BELOW_TAKEN.format((await Event.get(id=event.id)).taken)}.")


@run_tx
async def open_registration(event: Event, *, by: Actor, at: datetime) -> None:
    """Lets people ask for places. Raises Refused, saying what is missing, until everything is there (DP-01).

    An event that was over opens again only if a file gave it a later day.
    """
    event = await held_event(event.id)  # or somebody else takes away meanwhile what is needed
    if event.is_over(at):
        raise Refused(DAY_PASSED)
    if lacking := await missing(event):
        raise Refused(f"Registration cannot be opened yet. Missing: {'; '.join(lacking)}.")
    closed = Event.filter(id=event.id, day=event.day).exclude(state=EventState.OPEN)
    if not await closed.update(state=EventState.OPEN):
        raise Refused(OPEN_ALREADY)
    await _note(Action.EVENT_OPENED, event, by, at)


@run_tx
async def close_registration(event: Event, *, by: Actor, at: datetime) -> None:
    """Nobody can ask any more; requests that are there are decided as before."""
    if not await Event.filter(id=event.id, state=EventState.OPEN).update(state=EventState.CLOSED):
        raise Refused(NOT_OPEN)
    await _note(Action.EVENT_CLOSED, event, by, at)


@run_tx
async def end(event: Event, at: datetime) -> bool:
    """Notes that the event's day has passed at the venue. False if that was noted before, or the day was moved."""
    passed = event.is_over(at) and Event.filter(id=event.id, day=event.day).exclude(state=EventState.OVER)
    if not passed or not await passed.update(state=EventState.OVER):
        return False
    await _note(Action.EVENT_OVER, event, None, at)
    return True


@run_tx
async def release_venue(event: Event, *, by: Actor, at: datetime, real: datetime) -> None:
    """Everyone with a place sees the venue from now on: on the ticket page, in emails and in the calendar file. An
    email tells them."""
    if not await Event.filter(id=event.id, venue_sealed__isnull=False).exists():
        raise Refused(NO_VENUE)
    if not await Event.filter(id=event.id, venue_released_at=None).update(venue_released_at=at, **LATER_CALENDAR):
        raise Refused(RELEASED_ALREADY)
    before = await held_event(event.id)
    await tell_news(copy(before).update_from_dict({"venue_released_at": None}), before, at, real)
    await _note(Action.VENUE_RELEASED, event, by, at)


@run_tx
async def hold_venue_back(event: Event, *, by: Actor, at: datetime) -> None:
    """Stops showing the venue to guests. What was sent or seen before stays known."""
    if not await Event.filter(id=event.id, venue_released_at__isnull=False).update(
        venue_released_at=None, **LATER_CALENDAR
    ):
        raise Refused(HELD_BACK_ALREADY)
    await _note(Action.VENUE_HELD_BACK, event, by, at)


def weighty_of(columns: Mapping[str, Any]) -> dict[str, str]:
    """What all leads are told of when it changes: the day, from which people's data is kept 90 days more, contacts,
    whether two have to approve, and who looks up names."""
    approvals = "two organisers" if columns["two_approvals"] else "one organiser"
    looks_up = "stewards and door leads" if columns["stewards_look_up"] else "door leads"
    return contacts_of(columns) | {
        "Day of the event": f"{columns['day']:%A} {columns['day'].day} {columns['day']:%B %Y}",
        "Who approves somebody of no checked organisation": approvals,
        "Who looks guests up by name at the door": looks_up,
    }


def contacts_of(columns: Mapping[str, Any]) -> dict[str, str]:
    """Each contact of an event and its hosts, by what it is in words."""
    of_hosts = {
        f"{what} of {host['name']}": host.get(name, "") for host in columns["hosts"] for name, what in OF_A_HOST.items()
    }
    return {what: columns[name] for name, what in CONTACTS.items()} | of_hosts


@run_tx
async def read_venue(event: Event, *, by: Actor, at: datetime) -> str:
    """The venue, for an organiser. While it is held back, all leads get an email about who read it, never about
    where it is."""
    event = await Event.get(id=event.id)
    if event.venue and not event.venue_released_at:
        await audit.record_and_alert(Action.VENUE_READ, event, by=by, at=at, event_id=event.id, old={}, new={})
    return event.venue


async def _note(action: Action, event: Event, by: Actor | None, at: datetime) -> None:
    await audit.record(action, event, by=by, at=at, event_id=event.id)
    _publish(event)


def _publish(event: Event) -> None:
    """Updates the desk and public pages that people have open."""
    after_commit(live.publish, f"event:{event.id}")
    after_commit(live.publish, PUBLIC)
