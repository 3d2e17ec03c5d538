"""The page on which a guest names a colleague. It says the same whoever has the address, and asks for nothing else."""

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
from registrations.people.colleague import LINK_LASTS, MOST, answered_until, named_by
from registrations.people.registration import State
from registrations.tickets.own_link import YES_NO

from . import naming

PART = "colleague"  # of the path, and what the booking page says afterwards
CLOSED = "Registration has closed, so you cannot name a colleague any more."
NO_PLACE = "Only somebody with a place can name a colleague. Nothing was sent."
YOUR_OWN = "Enter the address of a colleague: this one is your own"


class ColleagueForm(Form):
    email = WorkEmail("Their work email address", missing="Enter their work email address", autocomplete="off")
    send = Choice("Do you want us to write to this address?", YES_NO, missing="Select yes to have us write to it")


async def ask(request: Request) -> Response:
    _refuse(request)
    return await _question(request, ColleagueForm())


async def send(request: Request) -> Response:
    _refuse(request)
    form, registration = await read(request, ColleagueForm), request.state.registration
    if not form.errors and form.email.normal == registration.email:
        form.email.errors = [YOUR_OWN]
    if form.errors:
        return await _question(request, form, 422)
    booking = _booking(request)
    if form.send.data == "no":
        return redirect(booking)
    network, real = network_of(request), clock.real()
    await registering.slow_down(network, real)
    await naming.name(registration, form.email.normal, network, clock.now(), real)
    return redirect(f"{booking}?saved={PART}")


def _refuse(request: Request) -> None:
    refuse_after(request.state.event)
    if request.state.registration.state is not State.APPROVED:
        raise Refused(NO_PLACE)
    if not request.state.event.is_open(clock.now()):
        raise Refused(CLOSED)


async def _question(request: Request, form: ColleagueForm, status: int = 200) -> Response:
    left, at = MOST - len(await named_by(request.state.registration)), clock.now()
    until = answered_until(request.state.event, at)
    facts = {"left": left, "most": MOST, "until": moment_words(until) if until < at + LINK_LASTS else ""}
    return render(request, "booking/colleague.html", status, form=form, back=_booking(request), **facts)


def _booking(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removesuffix(f"/{PART}")


routes = [
    page(f"/manage/{{token}}/{PART}", ask, who=MANAGE),
    page(f"/manage/{{token}}/{PART}", send, who=MANAGE, methods=["POST"]),
]
