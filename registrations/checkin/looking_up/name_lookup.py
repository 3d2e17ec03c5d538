"""Looks guests up by name at a door: few letters, few names, counted per phone, recorded without the text.

A phone that was stolen could ask who comes. So stewards may do it only where organisers have said so, nobody is found
without a place, and the list of a look-up is never whole: with too many names it shows none. Every phone, a lead's too,
is refused after ten in five minutes and after forty in a day, until it is given a lead's PIN.
"""

import base64
import binascii
from datetime import datetime, timedelta
from typing import NamedTuple

from anyio import to_thread

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import keys, limits, wording
from events.ground.database import run_tx
from events.ground.keys import CannotOpen
from registrations.checkin import reference_lookup
from registrations.people import directory
from registrations.people.choices import Choices
from registrations.people.directory import Sort
from registrations.people.names.surname import order
from registrations.people.registration import State
from registrations.phones import alarm, scan_answer
from registrations.phones.alarm import Kind
from registrations.phones.door import Device
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket

from . import names

MOST, MOST_FOR_LEADS = 5, 10
ROW = "somebody who was looked up"  # what the mark of a row is sealed as
LIMITS = (limits.NAMES_ON_PHONE, limits.NAMES_A_DAY)
LIVES = timedelta(minutes=2)  # so long somebody who was found can be chosen


class Typed(NamedTuple):
    surname: str
    first: str  # of the first name at least one letter; a lead may leave it out
    initials: str  # of who holds the phone


def may(event: Event, by: Device) -> bool:
    return by.leads or event.stewards_look_up


async def look_up(typed: Typed, by: Device, at: datetime, real: datetime) -> Answer:
    """Whom the phone may choose from: names and organisations, or a sentence. `real` is the machine's time."""
    surname, first = names.squeezed(typed.surname), names.squeezed(typed.first)[: 1 if not by.leads else None]
    if names.letters_in(typed.surname) < names.LEAST:
        return await _if_allowed({"sentence": wording.NAME_TOO_SHORT}, by, at)
    if not by.leads and not first.isalpha():
        return await _if_allowed({"sentence": wording.FIRST_LETTER}, by, at)
    if refused := await _counted(by, at, real):  # before all names are looked through, which takes a while
        return refused
    people = await directory.of(by.event_id)
    listed = [(person.id, person.name) for person in people.order(Sort.NAME, (State.APPROVED,))]
    return await _noted(typed, await to_thread.run_sync(names.found, listed, surname, first), by, at, real)


@run_tx
async def choose(row: str, initials: str, by: Device, at: datetime, real: datetime) -> Answer:
    """Shows one of those who were found, as a typed reference does, for the one tap that lets them in. No phone can
    choose anybody whom it did not find, so a choice is not counted: its look-up was."""
    if refused := await _refused(by, at):
        return refused
    ticket_id = _opened(row, by, real)
    found = Ticket.get_or_none(id=ticket_id, event_id=by.event_id) if ticket_id else None
    ticket = await found.select_related("registration") if found else None
    if ticket is None:
        return {"found": None, "sentence": wording.CHOSEN_TOO_LATE}
    await audit.record(Action.NAME_CHOSEN, ticket, by=by, at=at, event_id=by.event_id, initials=initials)
    return await reference_lookup.shown(ticket, by)


@run_tx
async def _if_allowed(answer: Answer, by: Device, at: datetime) -> Answer:
    return await _refused(by, at) or answer


@run_tx
async def _counted(by: Device, at: datetime, real: datetime) -> Answer | None:
    """What a phone hears that may not look anybody up now."""
    if refused := await _refused(by, at):
        return refused
    if by.opens_at is not None and at < by.opens_at - reference_lookup.EARLIEST:
        return {"rows": [], "sentence": wording.NAMES_LATER}
    for limit in LIMITS:
        if not await limits.count(limit, str(by.id), real):
            await _alert_if_spent(by, at, real)
            return {"error": "slow", "seconds": max(1, await limits.wait(limit, str(by.id), real)), "lead": True}
    return None


@run_tx
async def _noted(typed: Typed, found: list[int], by: Device, at: datetime, real: datetime) -> Answer:
    """The ids of too many name nobody."""
    letters = names.letters_in(typed.surname) + names.letters_in(typed.first)
    await audit.record(
        Action.NAME_LOOKED_UP, by=by, at=at, event_id=by.event_id, initials=typed.initials, letters=letters,
        results=len(found),
    )  # fmt: skip
    answer = await _shown(found, by, real)
    await _alert_if_spent(by, at, real)
    return answer


async def _alert_if_spent(by: Device, at: datetime, real: datetime) -> None:
    if await limits.spent(limits.NAMES_A_DAY, str(by.id), real):
        await alarm.sound(Kind.NAMES, by, at)


async def _refused(by: Device, at: datetime) -> Answer | None:
    """What a phone hears that may look nobody up. It shows no such button, so somebody tries something else (DR-26)."""
    if may(await Event.get(id=by.event_id), by):
        return None
    await audit.record(Action.NAME_REFUSED, by=by, at=at, event_id=by.event_id, door=by.door_id)
    return {"error": "role", "sentence": wording.NAMES_NOT_HERE}


async def _shown(found: list[int], by: Device, real: datetime) -> Answer:
    if len(found) > (MOST_FOR_LEADS if by.leads else MOST):
        return {"rows": [], "sentence": wording.TYPE_MORE}
    live = Ticket.filter(event_id=by.event_id, registration_id__in=found, revoked_at=None)
    tickets = await live.filter(registration__state=State.APPROVED).select_related("registration") if found else []
    shown = [ticket for ticket in tickets if _may_see(ticket.registration.choices, by)]
    rows = sorted(
        (_row(ticket, by, real) for ticket in shown), key=lambda row: (order(row["name"]), row["organisation"])
    )
    return {"rows": rows} | ({} if rows else {"sentence": wording.NOBODY_OF_NAME})


def _may_see(chosen: Choices, by: Device) -> bool:
    """By their name nobody finds whoever is here under another one, and no steward finds whom the lead meets."""
    return not chosen.alias and (by.leads or not chosen.meets_lead)


def _row(ticket: Ticket, by: Device, real: datetime) -> Answer:
    person = ticket.registration
    guest = scan_answer.guest(ticket.id, ticket.sealed_reference, person.person, person.choices, person.badge_type)
    sealed = keys.seal(ROW, f"{by.id}|{ticket.id}|{int(real.timestamp())}")
    mark = base64.urlsafe_b64encode(sealed).decode()
    return {"row": mark, "name": guest.name, "organisation": guest.organisation}


def _opened(row: str, by: Device, real: datetime) -> int | None:
    """The ticket that this phone found a moment ago."""
    try:
        pass_id, ticket_id, at = map(int, keys.open_sealed(ROW, base64.urlsafe_b64decode(row)).split("|"))
    except (CannotOpen, binascii.Error, ValueError):
        return None
    recent = timedelta(0) <= real - datetime.fromtimestamp(at, real.tzinfo) <= LIVES
    return ticket_id if pass_id == by.id and recent else None
