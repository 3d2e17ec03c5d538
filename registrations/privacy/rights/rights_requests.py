"""Rights requests: asked by link or taken by organisers, acknowledged at once, and closed with what became of them.

Rules: DP-08. `at` is the event's time, `real` the machine's.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import keys, limits, wording
from events.ground.database import query, run_tx
from events.ground.limits import Limit
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.codes import ticket_code
from registrations.people.registration import Registration
from registrations.privacy.cases import casework

from . import rights_request as sealed_for
from .rights_request import Outcome, Right, RightsRequest

RECEIVED = "rights_received"  # the template for whoever asks
BY_LINK = Limit("rights requests by one link", 5, timedelta(hours=1))


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
        raise Refused(wording.TOO_MANY_REQUESTS, 429)
    asked = Asked(registration.email, kind, about)
    await take(registration.event, asked, at, ByLink(registration.id), at)


@run_tx
async def take(
    event: Event, asked: Asked, received_at: datetime, by: Actor, at: datetime,
    draw: Callable[[], str] = ticket_code.new_reference,
) -> RightsRequest:  # fmt: skip
    """Keeps it, acknowledges it to its address and tells the leads. The same words sent twice are one request."""
    made = await _kept(event, asked, received_at, isinstance(by, ByLink), at, draw)
    if made is None:
        return await RightsRequest.get(event_id=event.id, same_as=_same_as(asked), closed_at=None)
    await audit.record(Action.RIGHTS_RECEIVED, made, by=by, at=at, kind=made.kind.value)
    await outbox.put(RECEIVED, made.id, cause="received", at=at, event_id=event.id)
    await casework.tell_leads(made, casework.OPENED, at)
    return made


INSERT = """INSERT INTO rights_request (event_id, reference, kind, email_sealed, about_sealed, same_as, by_link,
    received_at, reminded, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING RETURNING id"""


async def _kept(
    event: Event, asked: Asked, received_at: datetime, by_link: bool, at: datetime, draw: Callable[[], str]
) -> RightsRequest | None:
    """None when the same is open already. A reference that is taken is drawn anew. One that came long ago starts with
    the reminders that are past."""
    past = RightsRequest(received_at=received_at).reminders_due(at)
    same_as = _same_as(asked)
    while not (
        rows := await query(INSERT, [event.id, *_sealed(asked, f"R-{draw()}"), same_as, by_link, received_at, past])
    ):
        if await RightsRequest.filter(event_id=event.id, same_as=same_as, closed_at=None).exists():
            return None
    return await RightsRequest.get(id=rows[0]["id"])


def _sealed(asked: Asked, reference: str) -> list[str | bytes | None]:
    about = keys.seal(sealed_for.ABOUT, asked.about, reference) if asked.about else None
    return [reference, asked.kind.value, keys.seal(sealed_for.EMAIL, asked.email, reference), about]


def _same_as(asked: Asked) -> str:
    return keys.keyed_hash("rights request", json.dumps(asked))


@run_tx
async def close(request: RightsRequest, outcome: Outcome, note: str, seen: int, by: Actor, at: datetime) -> None:
    """Raises Refused when it is closed, or is no longer as it was seen: `seen` is the version on the page."""
    note_sealed = keys.seal(sealed_for.NOTE, note, request.reference)
    if not await casework.change(request, seen, outcome=outcome, note_sealed=note_sealed):
        raise Refused(casework.CHANGED.format(request.NAME))
    await casework.close(request, seen + 1, by, at)
