"""The desk's page of emails: whom to telephone, what still waits, and addresses that somebody else used."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.staff import Detail
from events.ground import clock
from events.ground.refusal import Refused
from events.mail import mailer
from events.mail.bounces import addressees, bounce_turn, returned
from events.mail.outbox import Message
from events.web.routing import page, redirect
from registrations.asking import held_back
from registrations.tickets.request_emails import TEMPLATES

from . import undelivered
from .arriving import own_test_email
from .desk_pages import ORGANISER, VIEWER, path_of, show
from .on_the_day import presence

NOT_THERE = "This email is no longer on the list: someone else has dealt with it."
SAID = {
    "retry": "The email is in the queue again.",
    "telephoned": "Taken off the list.",
    "test": "The test email is on its way to your own address.",
}


async def emails(request: Request) -> Response:
    """Whoever does not see who has arrived is not shown whom an email about having come did not reach."""
    event_id, sees_presence = request.state.event.id, request.state.role.sees(Detail.PRESENCE)
    hidden = frozenset[str]() if sees_presence else presence.EMAILS_THAT_SAY_IT
    held = await held_back.held(request.state.event, clock.now(), clock.real())
    facts: dict[str, Any] = {
        "trouble": mailer.trouble(),
        "unread": bounce_turn.trouble(),
        "failed": (await undelivered.failed(event_id)).without(hidden),
        "waiting": (await undelivered.waiting(event_id, clock.now())).without(hidden),
        "sees_presence": sees_presence,
        "held_back": held,
        "why": await undelivered.why_they_wait(event_id, held.emails, clock.real()),
        "foreign": await returned.foreign_today(clock.real()),
        "unknown": await returned.unknown_today(clock.real()),
        "not_asked": await undelivered.not_asked(event_id),
        "tests": await own_test_email.newest(request.state.staff),
        "said": SAID.get(request.query_params.get("said", ""), ""),
    }
    troubles = [*facts["failed"].shown, *facts["waiting"].delayed, *facts["waiting"].on_their_way]
    ids = [trouble.person.id for trouble in troubles if trouble.person]
    at, real = clock.now(), clock.real()
    await reading.listed(request.state.event, "email", ids, by=request.state.staff, at=at, real=real)
    return await show(request, "desk/emails.html", **facts)


async def retry(request: Request) -> Response:
    state = request.state
    if not await addressees.retry(await _found(request), state.staff, clock.now(), state.event.id):
        raise Refused(NOT_THERE)
    return redirect(f"{path_of(request, 'emails')}?said=retry")


async def telephoned(request: Request) -> Response:
    if not await undelivered.was_telephoned(await _found(request), request.state.staff, clock.now()):
        raise Refused(NOT_THERE)
    return redirect(f"{path_of(request, 'emails')}?said=telephoned")


async def _found(request: Request) -> Message:
    return await Message.get(
        id=request.path_params["id"], event_id=request.state.event.id, template__in=sorted(TEMPLATES)
    )


routes = [
    page("/desk/{event}/emails", emails, who=VIEWER),
    page("/desk/{event}/emails/{id:int}/retry", retry, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/emails/{id:int}/telephoned", telephoned, who=ORGANISER, methods=["POST"]),
]
