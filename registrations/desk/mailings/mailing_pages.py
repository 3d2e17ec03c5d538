"""Emails to many: what goes out next and to how many, how far each is, what it says; switched off, or stopped.

Rules: EM-15.
"""

from datetime import datetime
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from events.accounts.staff import May
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.web.middleware import CSP
from events.web.routing import answers, page, redirect
from registrations.certificates import standing
from registrations.desk.desk_pages import ORGANISER, VIEWER, banner_of, path_of, show
from registrations.people.person import NAMED
from registrations.telling import announcing, mailings, switching, timed_emails
from registrations.telling.announcement import announcement_of
from registrations.telling.example import Example, example
from registrations.telling.mailing import CERTIFICATE, KINDS, Mailing, MailingKind

HERE = "emails/to-many"
PICTURE_CSP = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)  # an email styles itself, line by line
SAID = {
    "on": "This email is switched on.",
    "off": "This email is switched off.",
    "sent": "It goes out now. This page says how far it is.",
    "discarded": "The announcement is gone. Nothing was sent.",
    "stopped": "Stopped. What had not gone out yet does not go out any more.",
}
STOPPED_ALREADY = "Somebody has stopped this email already."


class Coming(NamedTuple):
    """One kind of email, with the time at which it goes out: None if that is an organiser's act, or it is over."""

    kind: MailingKind
    at: datetime | None
    number: int  # of people who would get it now
    is_on: bool


async def to_many(request: Request) -> Response:
    event, at = request.state.event, clock.now()
    begun = await mailings.begun_for(event) | ({CERTIFICATE.template} if await standing.released(event) else set())
    ahead = [kind for kind in KINDS.values() if kind.template not in begun and _is_ahead(kind, event, at)]
    numbers = {
        to: await mailings.how_many(event, to) for to in {kind.recipients for kind in ahead}
    }  # most are the same
    coming = [_coming(kind, event, numbers[kind.recipients]) for kind in ahead]
    under_way, said = await mailings.progress(event, at), banner_of(request, SAID)
    organises = request.state.role.may(May.ORGANISE)  # nobody else reads what an announcement says
    subjects = await announcing.subjects_of([row.mailing for row in under_way]) if organises else {}
    facts: dict[str, Any] = {
        "subjects": subjects,
        "coming": coming,
        "under_way": under_way,
        "drafts": await announcing.drafts_of(event),
    }
    return await show(request, "desk/mailings.html", said=said, announced=announcement_of, **facts)


def _is_ahead(kind: MailingKind, event: Event, at: datetime) -> bool:
    if kind == CERTIFICATE:
        return clock.local(at).date() < event.day + NAMED.time
    if kind.when is None:
        return not event.is_over(at)
    when = timed_emails.time_of(kind, event)
    return when is not None and at < when + kind.lasts


def _coming(kind: MailingKind, event: Event, number: int) -> Coming:
    return Coming(kind, timed_emails.time_of(kind, event), number, kind.template not in event.emails_off)


async def read_example(request: Request) -> Response:
    kind = _kind(request)
    read = example(kind, request.state.event, clock.now())
    return with_picture(
        await show(request, "desk/mailing_example.html", kind=kind, subject=read.subject, text=read.text)
    )


async def picture(request: Request) -> Response:
    return as_picture(example(_kind(request), request.state.event, clock.now()))


def with_picture(answer: Response) -> Response:
    """Lets the page show the picture, which is a page of ours within it."""
    answer.headers["content-security-policy"] = f"{CSP}; frame-src 'self'"
    return answer


def as_picture(read: Example | None) -> Response:
    """As an email program draws it. It may style itself; its links lead nowhere. Empty where there is none."""
    return HTMLResponse(read.html if read else "", headers={"content-security-policy": PICTURE_CSP})


async def switch(request: Request) -> Response:
    kind, wanted = _kind(request), str((await answers(request)).get("switch", ""))
    if wanted not in {"on", "off"} or not kind.optional:
        raise Refused("Choose whether to switch this email on or off.", 422)
    await switching.switch(request.state.event, kind, wanted == "on", request.state.staff, clock.now())
    return redirect(f"{path_of(request, HERE)}?said={wanted}")


async def stop(request: Request) -> Response:
    mailing = await Mailing.get(id=request.path_params["id"], event=request.state.event)
    if not await mailings.stop(mailing, request.state.staff, clock.now()):
        raise Refused(STOPPED_ALREADY)
    return redirect(f"{path_of(request, HERE)}?said=stopped")


def _kind(request: Request) -> MailingKind:
    kind = KINDS.get(request.path_params["template"])
    if kind is None:
        raise HTTPException(404)
    return kind


routes = [
    page("/desk/{event}/emails/to-many", to_many, who=VIEWER),
    page("/desk/{event}/emails/to-many/{id:int}/stop", stop, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/emails/to-many/{template}", read_example, who=VIEWER),
    page("/desk/{event}/emails/to-many/{template}/picture", picture, who=VIEWER),
    page("/desk/{event}/emails/to-many/{template}/switch", switch, who=ORGANISER, methods=["POST"]),
]
