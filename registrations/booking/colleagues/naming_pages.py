"""The pages on which a guest names a colleague, or somebody who comes along. They say the same whoever has the address,
and ask for nothing else."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Choice, Form, WorkEmail
from events.web.rendering import render
from events.web.routing import network_of, page, read, redirect
from registrations.asking import registering
from registrations.booking.booking_pages import MANAGE, refuse_after
from registrations.deciding.offer_emails import moment_words
from registrations.people import companions
from registrations.people.colleague import LINK_LASTS, MOST, answered_until, named_by
from registrations.people.registration import State
from registrations.tickets.own_link import YES_NO
from registrations.tickets.sender_forms import says_who

from . import naming

COLLEAGUE, COMPANION = "colleague", "companion"  # of the path, and what the booking page says afterwards
CLOSED = "Registration has closed, so you cannot name anybody any more."
NO_PLACE = "Only somebody with a place can name somebody. Nothing was sent."
YOUR_OWN = "Enter the address of somebody else: this one is your own"


class NamingForm(Form):
    email = WorkEmail("Their work email address", missing="Enter their work email address", autocomplete="off")
    who = says_who()
    send = Choice("Do you want us to write to this address?", YES_NO, missing="Select yes to have us write to it")


class CompanionForm(Form):
    """Not everybody who assists somebody has a work address."""

    email = WorkEmail("Their email address", missing="Enter their email address", autocomplete="off")
    who = says_who()
    send = Choice("Do you want us to write to this address?", YES_NO, missing="Select yes to have us write to it")


FORMS: dict[str, type[Form]] = {COLLEAGUE: NamingForm, COMPANION: CompanionForm}


async def ask(request: Request) -> Response:
    _refuse(request)
    return await _question(request, FORMS[_booking(request)[1]]())


async def send(request: Request) -> Response:
    _refuse(request)
    form, registration = await _read(request), request.state.registration
    if not form.errors and form.email.normal == registration.email:
        form.email.errors = [YOUR_OWN]
    if form.errors:
        return await _question(request, form, 422)
    booking, part = _booking(request)
    if form.send.data == "no":
        return redirect(booking)
    network, real, at = network_of(request), clock.real(), clock.now()
    await registering.slow_down(network, real)
    chosen = {"comes_along": part == COMPANION, "says_who": bool(form.who.data)}
    await naming.name(registration, form.email.normal, network, at, real, **chosen)
    return redirect(f"{booking}?saved={part}")


async def _read(request: Request) -> Any:
    return await read(request, FORMS[_booking(request)[1]])


def _refuse(request: Request) -> None:
    refuse_after(request.state.event)
    if request.state.registration.state is not State.APPROVED:
        raise Refused(NO_PLACE)
    if not request.state.event.is_open(clock.now()):
        raise Refused(CLOSED)
    if request.state.registration.comes_with_id:
        raise Refused(naming.COMES_ALONG)


async def _question(request: Request, form: Form, status: int = 200) -> Response:
    left, at = MOST - len(await named_by(request.state.registration)), clock.now()
    until = answered_until(request.state.event, at)
    facts = {"left": left, "most": MOST, "until": moment_words(until) if until < at + LINK_LASTS else ""}
    back, part = _booking(request)
    return render(request, f"booking/{part}.html", status, form=form, back=back, at_most=companions.MOST, **facts)


def _booking(request: Request) -> tuple[str, str]:
    """The path of their booking, and whom they name on the page of the path below it."""
    booking, _, part = request.scope["path"].rpartition("/")
    return booking, part


routes = [
    page(f"/manage/{{token}}/{COLLEAGUE}", ask, who=MANAGE),
    page(f"/manage/{{token}}/{COLLEAGUE}", send, who=MANAGE, methods=["POST"]),
    page(f"/manage/{{token}}/{COMPANION}", ask, who=MANAGE),
    page(f"/manage/{{token}}/{COMPANION}", send, who=MANAGE, methods=["POST"]),
]
