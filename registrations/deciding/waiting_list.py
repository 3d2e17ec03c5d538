"""The waiting list moves by itself: whatever has freed a place, a turn offers it to the next, by the time of asking.

Rules: EV-08, SE-15. A turn asks the database what is true now, so that a kill, a raised number of places or a second
server need nothing of their own: each offer is a transaction, in which the request moves only once and the event's row
says whether a place is left.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from events.address_signals import KnownDomains
from events.event import Event, EventState, event_with
from events.ground import clock
from events.ground.database import find_rows, query, run_tx
from events.ground.repeating import repeat
from registrations.asking import inviting
from registrations.people.address_change import Moving, moving_at
from registrations.people.checked import domains_of
from registrations.people.person import UNREADABLE
from registrations.people.registration import Registration, State
from registrations.tickets.ticketing import EventFull

from . import offers, two_approvals
from .decision import TURN, AlreadyDecided
from .offers import Itself
from .two_approvals import NeedsAnother
from .vetting import UNDO_FOR

EVERY_SECONDS = 5.0
LOOKED_AT = 500  # of those in line, at a time
MOST_TRIES = 20  # in a turn, against others who decide on the same people at the same time; the next turn goes on
MOVING = """SELECT e.id FROM event e WHERE EXISTS (SELECT 1 FROM registration r
    WHERE r.event_id = e.id AND r.state IN ('waiting', 'offered')) ORDER BY e.id"""
OVERDUE = "SELECT * FROM registration WHERE event_id = ? AND state = 'offered' AND offered_until <= ? ORDER BY id"
IN_LINE = f"""SELECT * FROM registration WHERE event_id = ? AND state IN ('waiting', 'offered')
    ORDER BY CASE WHEN state = 'offered' THEN 0 ELSE 1 END, {TURN.format(of="")}"""  # noqa: S608  # ours
WITH_A_PLACE = """SELECT * FROM registration WHERE event_id = ? AND comes_with_id IS NULL
    AND state IN ('approved', 'offered', 'rechecking')"""


async def everybody(event: Event) -> list[Registration]:
    """Who has an offer, then who waits, in order."""
    return await find_rows(Registration, IN_LINE, [event.id])


async def some(event: Event, number: int, skipped: int) -> list[Registration]:
    """So many of `everybody`, after those that are skipped."""
    return await find_rows(Registration, f"{IN_LINE} LIMIT ? OFFSET ?", [event.id, number, skipped])


async def length(event: Event) -> int:
    return await Registration.filter(event_id=event.id, state__in=[State.WAITING, State.OFFERED]).count()


async def turn(at: datetime) -> None:
    await inviting.free_over(at)
    for row in await query(MOVING, []):
        await move(row["id"], at)


async def move(event_id: int, at: datetime) -> None:
    """Ends the offers of an event whose time is over, then offers what is free, one place after the other."""
    for registration in await find_rows(Registration, OVERDUE, [event_id, at]):
        await offers.run_out(registration, at)
    tries = 0
    while tries < MOST_TRIES:
        try:
            if not await _offer_next(event_id, at):
                return
        except (AlreadyDecided, NeedsAnother):
            tries += 1  # somebody was quicker: who is the next now?


@run_tx
async def _offer_next(event_id: int, at: datetime) -> bool:
    """Offers one place. False if none is to be offered. Raises AlreadyDecided if others moved meanwhile."""
    event = await event_with(event_id)
    if not moves_now(event, at) or event.is_full:
        return False
    upcoming = await next_in_line(event, at)
    if upcoming is None:
        return False
    with suppress(EventFull):
        await offers.offer(upcoming, Itself(), at)  # from here on the event's row is ours
        await _still_right(upcoming, at)
        return True
    return False


async def _still_right(offered: Registration, at: datetime) -> None:
    """Looks once more at what others may have changed before the event's row was ours."""
    event = await event_with(offered.event_id)
    if not moves_now(event, at) or (event.domain_cap and await _is_over(event, offered)):
        raise AlreadyDecided


def moves_now(event: Event, at: datetime) -> bool:
    """Whether places are offered at this moment, if there are any."""
    may = event.automatic_offers and event.state is not EventState.DRAFT
    return may and offers.ends(event, at) is not None


async def next_in_line(event: Event, at: datetime) -> Registration | None:
    """Whoever asked first of those who can be offered a place by themselves: nobody whom two have to approve."""
    capped = await reached_cap(event)
    line = [person for person in await everybody(event) if can_be_offered(person, at) and not capped(person)]
    for some in (line[n : n + LOOKED_AT] for n in range(0, len(line), LOOKED_AT)):
        two = {person.id for person in await two_approvals.needing(event, some)}
        if found := next((person for person in some if person.id not in two), None):
            return found
    return None


def can_be_offered(registration: Registration, at: datetime) -> bool:
    """They are on the list for good, wait for an offer, and an email reaches them. Whoever comes along with a guest
    waits for an organiser: their place is not counted."""
    decided = registration.decided_at
    stands = decided is None or decided + UNDO_FOR <= at
    waits = registration.state is State.WAITING and registration.lapsed_at is None and not registration.comes_with_id
    return waits and stands and not registration.undeliverable and registration.person is not UNREADABLE


async def reached_cap(event: Event) -> Callable[[Registration], bool]:
    """Tells of somebody whether their organisation has as many places as one may have."""
    if not event.domain_cap:
        return lambda registration: False
    domains = await domains_of(event)
    held = await _held(event, domains)
    moving = await moving_at(event.id)

    def is_reached(registration: Registration) -> bool:
        return any(held[domain] >= event.domain_cap for domain in _verified(registration, moving, domains))

    return is_reached


async def _is_over(event: Event, offered: Registration) -> bool:
    domains = await domains_of(event)
    held, theirs = await _held(event, domains), _verified(offered, await moving_at(event.id), domains)
    return any(held[domain] > event.domain_cap for domain in theirs)


async def _held(event: Event, domains: KnownDomains) -> Counter[str]:
    """How many places each verified domain holds: guests and offers."""
    with_a_place: Sequence[Registration] = await find_rows(Registration, WITH_A_PLACE, [event.id])
    moving = await moving_at(event.id)
    return Counter(domain for person in with_a_place for domain in _verified(person, moving, domains))


def _verified(person: Registration, moving: Moving, domains: KnownDomains) -> set[str]:
    """The verified domains of their address, and of one that has said yes and waits for a decision: they count for
    both until then."""
    emails = [person.email, *([moving[person.id].address] if person.id in moving else [])]
    return {domain for email in emails if (domain := domains.verified(email)) is not None}


async def run(stop: asyncio.Event) -> None:
    """Moves the waiting lists of all events until the server stops."""
    await repeat(lambda: turn(clock.now()), EVERY_SECONDS, stop, "the waiting list did not move")
