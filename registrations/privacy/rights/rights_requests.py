"""Rights requests: asked by link or taken by organisers, acknowledged at once, and closed with what became of them.

Rules: DP-08. `at` is the event's time, `real` the machine's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import keys, limits, tokens
from events.ground.database import query, run_tx
from events.ground.limits import Limit
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.codes import ticket_code
from registrations.people.registration import Registration
from registrations.privacy.cases import casework, whose
from registrations.privacy.cases.case import said_in

from . import rights_request as sealed_for
from .rights_request import Outcome, Right, RightsRequest

RECEIVED = "rights_received"  # the template for whoever asks
BY_LINK = Limit("rights requests by one link", 5, timedelta(hours=1))
TOO_OFTEN = "We have 5 requests from you in the last hour, and answer them all. Wait an hour, then send another one."


class Asked(NamedTuple):
    """Whose rights, which, and what about; the address in its normal form."""

    email: str
    kind: Right
    about: str


class ByLink(NamedTuple):
    """Somebody who acts for themselves: they hold the link that we sent to the address of this request for a place."""

    registration_id: int

    @property
    def actor(self) -> str:
        return f"person:{self.registration_id}"


@run_tx
async def ask(registration: Registration, kind: Right, about: str, at: datetime, real: datetime) -> None:
    """Somebody asks with the link to their booking. Raises Refused when they ask very often."""
    if not await limits.count(BY_LINK, str(registration.id), real):
        raise Refused(TOO_OFTEN, 429, 3600)
    asked = Asked(registration.email, kind, about)
    await take(registration.event, asked, at, ByLink(registration.id), at)


@run_tx
async def take(
    event: Event, asked: Asked, received_at: datetime, by: Actor, at: datetime,
    draw: Callable[[], str] = ticket_code.new_reference,
) -> RightsRequest:  # fmt: skip
    """Keeps it, acknowledges it to its address and tells the leads. The same words sent twice are one request."""
    request, is_new = await _one_open(event, asked, received_at, isinstance(by, ByLink), at, draw)
    if is_new:
        await audit.record(Action.RIGHTS_RECEIVED, request, by=by, at=at, kind=request.kind.value)
        await outbox.put(RECEIVED, request.id, cause="received", at=at, event_id=event.id)
        await casework.tell_leads(request, casework.OPENED, at)
    return request


INSERT = """INSERT INTO rights_request (event_id, reference, kind, email_sealed, about_sealed, same_as, public_id,
    by_link, received_at, taken_at, reminded, generation, visit_hash, version)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', 0) ON CONFLICT DO NOTHING RETURNING id"""


async def _one_open(
    event: Event, asked: Asked, received_at: datetime, by_link: bool, at: datetime, draw: Callable[[], str]
) -> tuple[RightsRequest, bool]:
    """A new one, or that which is open already. A reference that is taken is drawn anew. One that came long ago starts
    with the reminders that are past."""
    past = RightsRequest(received_at=received_at).reminders_due(at)
    hashes = keys.keyed_hashes(sealed_for.SAME_AS, said_in(*asked) or "")
    while True:
        same = await RightsRequest.filter(event_id=event.id, same_as__in=hashes, closed_at=None).first()
        if same is not None:
            return same, False
        values = [*_sealed(asked, f"R-{draw()}"), hashes[0], tokens.new_public_id(), by_link, received_at, at, past]
        if rows := await query(INSERT, [event.id, *values]):
            return await RightsRequest.get(id=rows[0]["id"]), True


def _sealed(asked: Asked, reference: str) -> list[str | bytes | None]:
    about = keys.seal(sealed_for.ABOUT, asked.about, reference) if asked.about else None
    return [reference, asked.kind.value, keys.seal(sealed_for.EMAIL, asked.email, reference), about]


@run_tx
async def confirm(request: RightsRequest, by: Actor, at: datetime) -> None:
    """Whoever reads its address has shown that they asked. Saying so twice does no harm, nor when it is closed."""
    if await RightsRequest.filter(id=request.id, confirmed_at=None).update(confirmed_at=at):
        await audit.record(Action.RIGHTS_CONFIRMED, request, by=by, at=at)


@run_tx
async def say_whose(request: RightsRequest, reader: str, seen: int, by: Actor, at: datetime) -> None:
    """Where only its day is known, on which somebody moved: it is of whoever reads this address now, who has shown that
    they asked. What is kept of that is a moment of the day. The day on which it came stays, and by when it is due.

    Raises Refused when it is closed, is no longer as it was seen, or may not be theirs.
    """
    moment = (await whose.perhaps(request)).get(reader)
    confirmed_at = request.confirmed_at or at
    if moment is None or not await casework.change(request, seen, came_at=moment, confirmed_at=confirmed_at):
        raise Refused(casework.CHANGED.format(request.NAME))
    await audit.record(Action.RIGHTS_WHOSE, request, by=by, at=at)


@run_tx
async def close(request: RightsRequest, outcome: Outcome, note: str, seen: int, by: Actor, at: datetime) -> None:
    """Raises Refused when it is closed, or is no longer as it was seen: `seen` is the version on the page."""
    note_sealed = keys.seal(sealed_for.NOTE, note, request.reference)
    if not await casework.change(request, seen, outcome=outcome, note_sealed=note_sealed):
        raise Refused(casework.CHANGED.format(request.NAME))
    await casework.close(request, seen + 1, by, at)
