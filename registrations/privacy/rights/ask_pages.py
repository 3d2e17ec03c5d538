"""Whoever holds the link to their booking asks for a copy, a correction or erasure on one page.

Rules: DP-08, GU-07.
"""

from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events.ground import clock
from events.web.forms import Choice, Form, Paragraphs
from events.web.rendering import render
from events.web.routing import page, read, redirect
from registrations.booking.booking_pages import MANAGE
from registrations.tickets.typed_word import TypedWord

from . import rights_requests
from .rights_request import Right

WHAT_IS_WRONG = "Enter what is wrong, and what it should say"


class RightsForm(Form):
    kind = Choice(
        "What do you want?",
        [
            (Right.ACCESS.value, "A copy of what you hold about me"),
            (Right.CORRECTION.value, "Something corrected"),
            (Right.ERASURE.value, "Everything deleted"),
        ],
        missing="Select what you want",
    )
    about = Paragraphs(
        "What is it about?",
        longest=2000,
        hint="To have something corrected, write what is wrong and what it should say. Otherwise you can leave this "
        "empty. Write as little about other people as you can",
    )
    word = TypedWord("send", "send your request")

    def validate_about(self, about: Paragraphs) -> None:
        if self.kind.data == Right.CORRECTION and not about.data:
            raise StopValidation(WHAT_IS_WRONG)


async def ask(request: Request) -> Response:
    return _shown(request, RightsForm())


async def take(request: Request) -> Response:
    form, registration = await read(request, RightsForm), request.state.registration
    if form.errors:
        return _shown(request, form, 422)
    kind, about = Right(form.kind.data), form.about.data or ""
    await rights_requests.ask(registration, kind, about, clock.now(), clock.real())
    return redirect(f"{request.scope['path']}/sent")


async def taken(request: Request) -> Response:
    return render(request, "privacy/rights_sent.html", back=_booking(request), email=request.state.registration.email)


def _shown(request: Request, form: RightsForm, status: int = 200) -> Response:
    facts = {"back": _booking(request), "email": request.state.registration.email, "ticket": request.state.ticket}
    return render(request, "privacy/rights.html", status, form=form, **facts)


def _booking(request: Request) -> str:
    return f"/manage/{request.path_params['token']}"


routes = [
    page("/manage/{token}/rights", ask, who=MANAGE),
    page("/manage/{token}/rights", take, who=MANAGE, methods=["POST"]),
    page("/manage/{token}/rights/sent", taken, who=MANAGE),
]
