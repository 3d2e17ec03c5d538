"""A copy of what we hold of somebody: its link goes to their address, works once, and is used up by opening it.

Rules: DP-08. Nothing of a copy is kept: it is gathered when it is looked at. `at` is the event's time.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from tortoise.expressions import Q

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import clock, tokens
from events.ground.database import query, run_tx
from events.ground.refusal import Refused
from events.ground.tokens import Match, Purpose
from events.mail import delivery, outbox
from events.mail.outbox import Message, MessageState
from registrations.people.former_address import moves_at
from registrations.privacy.cases import casework, whose

from .rights_request import Outcome, Right, RightsRequest

COPY = "rights_copy"  # the template of the email with the link
LASTS = timedelta(days=7)
VISIT = timedelta(minutes=10)  # so long whoever opened it can look at it, print it and save it
AGAIN_AFTER = timedelta(minutes=1)
JUST_SENT = "A link is on its way already. Nothing more was sent."
LIVES = Q(closed_at=None) | Q(outcome__in=[Outcome.DONE, Outcome.PARTLY])  # of a request that was refused none opens

SEND = """UPDATE rights_request SET generation = generation + 1, copy_sent_at = ? WHERE id = ? AND kind = ?
    AND closed_at IS NULL AND (copy_sent_at IS NULL OR copy_sent_at <= ?) RETURNING generation"""


@run_tx
async def send(request: RightsRequest, by: Actor, at: datetime) -> None:
    """Sends a link to the present address of whoever asked, and to no other. Every older link of the request dies.

    Raises Refused when the request is closed, for a second press, and where nobody can say which address that is.
    """
    if await whose.reader_of(request) is None:
        raise Refused(whose.NOBODYS.format("sent"))
    rows = await query(SEND, [at, request.id, Right.ACCESS.value, at - AGAIN_AFTER])
    if not rows:
        still_open = await RightsRequest.filter(id=request.id, closed_at=None).exists()
        raise Refused(JUST_SENT if still_open else casework.OVER.format(request.NAME))
    await audit.record(Action.COPY_MADE, request, by=by, at=at)
    cause = f"copy {rows[0]['generation']}"
    await outbox.put(COPY, request.id, cause=cause, at=at, event_id=request.event_id)


class Standing(NamedTuple):
    """How it stands with the link that was sent last, in words for those who organise."""

    words: str
    failed: bool  # somebody has to see to it


async def standing(request: RightsRequest, at: datetime) -> Standing | None:
    """None before the first was sent."""
    if request.copy_sent_at is None:
        return None
    sent = await Message.get_or_none(template=COPY, subject_id=request.id, cause=f"copy {request.generation}")
    if sent is not None and sent.state is MessageState.FAILED:
        return Standing(f"Our email with the link did not arrive. {delivery.reason(sent)}", failed=True)
    ends = request.copy_sent_at + LASTS
    when = f"made {clock.day_words(request.copy_sent_at)}, {clock.time_words(request.copy_sent_at)}"
    if at >= ends:
        return Standing(f"The link was {when}. Nobody opened it in time", failed=True)
    waits = sent is not None and sent.state is MessageState.QUEUED
    mailed = "Its email waits to be sent" if waits else f"It works until {clock.day_words(ends)}"
    return Standing(f"The link was {when}, and not opened yet. {mailed}", failed=False)


async def behind(token: str, at: datetime) -> RightsRequest | None:
    """The request whose copy this link can still open. None for one that is used, over, old or none of ours."""
    found = await _of(token)
    if found is None or found.copy_opened_at is not None or found.copy_sent_at is None:
        return None
    return found if at - found.copy_sent_at < LASTS else None


async def visited(token: str, visit: str, at: datetime) -> RightsRequest | None:
    """The request whose copy whoever has this cookie opened a few minutes ago."""
    found = await _of(token)
    if found is None or found.copy_opened_at is None or not visit or at - found.copy_opened_at >= VISIT:
        return None
    return found if secrets.compare_digest(found.visit_hash, _hash(visit)) else None


async def _of(token: str) -> RightsRequest | None:
    public_id = tokens.public_id_of(token)
    found = await RightsRequest.filter(LIVES).get_or_none(public_id=public_id) if public_id else None
    if found is None or tokens.match(Purpose.COPY, token, found.generation) is not Match.CURRENT:
        return None
    return found if found.generation and await reads_its_email(found) else None


async def reads_its_email(request: RightsRequest) -> bool:
    """Whether whoever asked still reads the address that the link was sent to: else somebody else may."""
    moves = await moves_at(request.event_id)
    sent_to = whose.reader_after(moves.until(request.copy_sent_at or request.received_at), request)
    return bool(sent_to) and sent_to == whose.reader_after(moves, request)


@run_tx
async def open_once(request: RightsRequest, by: Actor | None, at: datetime) -> str | None:
    """Uses the link up and closes the request. Returns the cookie of this visit for one caller, however many press."""
    visit = secrets.token_urlsafe(32)
    as_sent = RightsRequest.filter(LIVES, id=request.id, generation=request.generation, copy_opened_at=None)
    if not await as_sent.filter(copy_sent_at__gt=at - LASTS).update(copy_opened_at=at, visit_hash=_hash(visit)):
        return None
    await audit.record(Action.COPY_OPENED, request, by=by, at=at)
    still_open = RightsRequest.filter(id=request.id, closed_at=None)
    if await still_open.update(closed_at=at, outcome=Outcome.DONE, version=request.version + 1):
        await audit.record(Action.RIGHTS_CLOSED, request, by=by, at=at)
    return visit


def _hash(visit: str) -> str:
    return hashlib.sha256(visit.encode()).hexdigest()
