"""Sends somebody the email with their link once more, to an address that is typed in. Nobody learns if we know it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground.database import find_row, query, run_tx
from events.mail import outbox
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import Registration, State, of_address

from . import held_back
from .held_back import Turn
from .registering import EMAILS, RENEW, live_held

NOBODY = 0  # the number of no request: the mailer drops an email about it
NEWEST = """registration_id = ? AND answers_sealed IS NOT NULL AND said_no_at IS NULL AND asked_at > ?
    ORDER BY asked_at DESC, id DESC LIMIT 1"""
RENEW_LINK = "UPDATE link_answers SET asked_at = ? WHERE id = ? RETURNING id"


class Sending(NamedTuple):
    """Which email, and what it is about."""

    template: str
    subject_id: int


async def send(event: Event, email: str, network: str, at: datetime, real: datetime) -> timedelta:
    """Queues the email of where their request stands, once a minute at most; the address in its normal form. Returns
    how late it is, as of `registering.ask`.

    The same statements, whether the address has a request or not, so the time it takes tells nothing. Whoever read the
    address and said that they had not asked is sent nothing more.
    """
    turn = await held_back.repeat(event, network, email, at, real)
    found = await of_address(event, email)
    await _send(event, found.id if found else NOBODY, turn, at, real)
    return turn.late


@run_tx
async def _send(event: Event, registration_id: int, turn: Turn, at: datetime, real: datetime) -> None:
    """The row is held, so that whoever undoes a decision comes before us, or finds this email."""
    registration = await live_held(registration_id)
    link = await find_row(LinkAnswers, NEWEST, [registration_id, at - LINK_LASTS])
    sending = _what_to_send(registration, link)
    is_queued = bool(await outbox.put_each([turn.email(*sending, "lost", event.id, at, real)]))
    await query(RENEW, [at, registration_id if is_queued else NOBODY])  # asked in any case: the same statements
    await query(RENEW_LINK, [at, link.id if link and is_queued else NOBODY])
    about = registration if sending.subject_id else event
    if turn.counted:  # else a crowd that asks for one address would fill the log
        await audit.record(Action.LINK_ASKED, about, by=None, at=at, event_id=event.id)


def _what_to_send(registration: Registration | None, link: LinkAnswers | None) -> Sending:
    if registration is not None and registration.state is not State.REQUESTED:
        return Sending(EMAILS[registration.state], registration.id)
    return Sending(EMAILS[State.REQUESTED], link.id) if registration and link else Sending("received", NOBODY)
