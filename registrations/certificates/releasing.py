"""Organisers release the certificates of an event, once its door is closed and what counts has ended, or its day is
over: before, nobody can say how long people were there. They can take that back until the first guest has theirs, or
was deleted with one: from then on only a single one can be ended. Rules: EV-09.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event
from events.ground import clock, live
from events.ground.database import after_commit, query, run_tx
from events.ground.refusal import Refused
from events.programme.changing import says_where
from events.programme.programme import time_words

from . import attended, issuing
from .certificate import CertificateTerms, terms_of
from .writing import CHANGED_SINCE, TELLS_WHERE

TOO_EARLY = "Certificates can be released once the door is closed and what counts has ended, or the day is over."
NOT_ENDED = (
    "What counts ends at {}, so nobody can say yet how long people were there. Release the certificates after that, or"
    " change first when it ends."
)
NOTHING_WRITTEN = "Write first what the certificates say."
ALREADY_TAKEN = (
    "A guest has taken a certificate since, or was deleted with theirs, so the release stays. You can end a single"
    " certificate on the page of its person."
)
RELEASE = """UPDATE certificate_terms SET released_at = ?, released_by = ?, settled_version = -1
    WHERE event_id = ? AND version = ? AND released_at IS NULL RETURNING id"""
TAKE_BACK = """UPDATE certificate_terms SET released_at = NULL, released_by = '', settled_version = -1
    WHERE event_id = ? AND released_at IS NOT NULL RETURNING id"""
TAKEN = """SELECT 1 AS one FROM certificate WHERE event_id = ? AND taken_at IS NOT NULL
    UNION ALL SELECT 1 FROM certificate_number n WHERE n.event_id = ?
        AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.number_id = n.id) LIMIT 1"""
HEARD: list[Callable[[Event, datetime, datetime], Awaitable[None]]] = []  # of a release, in its transaction: at, real
NO_NUMBERS = "DELETE FROM certificate_number WHERE event_id = ? RETURNING id"
NO_CERTIFICATES = "DELETE FROM certificate WHERE event_id = ? RETURNING id"


def why_not(event: Event, terms: CertificateTerms | None, at: datetime) -> str:
    """Why they cannot be released yet, whatever is written on them; '' once they can."""
    if event.is_over(at):
        return ""
    if event.doors_closed_at is None:
        return TOO_EARLY
    if terms is None or at >= clock.at_venue(event.day, *divmod(terms.ends, 60)):
        return ""
    return NOT_ENDED.format(time_words(terms.ends))


@run_tx
async def release(event: Event, seen: int, by: Actor, at: datetime, real: datetime) -> None:
    """`seen`: the version of what they say that was looked at; `real`: the machine's time. Releasing twice does no
    harm. Raises Refused too early, and where what they say was changed meanwhile."""
    held = await held_event(event.id)
    terms = await terms_of(event.id)
    if terms is not None and terms.released_at is not None:
        return
    if why := why_not(held, terms, at):
        raise Refused(why)
    if terms is None or not terms.words or not terms.words.outcomes or not attended.whole(terms.hours):
        raise Refused(NOTHING_WRITTEN)
    if says_where(held, terms.words.outcomes, terms.words.accredited_by, terms.words.accreditation):
        raise Refused(TELLS_WHERE, 422)  # the venue may have been entered since
    if not await query(RELEASE, [at, by.actor, event.id, seen]):
        raise Refused(CHANGED_SINCE, 409)
    await audit.record(Action.CERTIFICATES_RELEASED, event, by=by, at=at, event_id=event.id, version=seen)
    for hear in HEARD:
        await hear(held, at, real)
    after_commit(live.publish, issuing.TOPIC)


async def has_been_taken(event: Event) -> bool:
    """Whether a guest has theirs, or had it: it may have been ended since, or deleted with them."""
    return bool(await query(TAKEN, [event.id, event.id]))


@run_tx
async def take_back(event: Event, by: Actor, at: datetime) -> None:
    """No number that was made is valid then, and nobody has seen one. Raises Refused once a guest has theirs, or
    may have had one that was deleted with them. Whoever takes one, and whoever makes them, holds the release
    meanwhile."""
    if not await query(TAKE_BACK, [event.id]):
        return
    if await has_been_taken(event):
        raise Refused(ALREADY_TAKEN)
    await query(NO_NUMBERS, [event.id])
    number = len(await query(NO_CERTIFICATES, [event.id]))
    await audit.record(Action.CERTIFICATES_TAKEN_BACK, event, by=by, at=at, event_id=event.id, number=number)
