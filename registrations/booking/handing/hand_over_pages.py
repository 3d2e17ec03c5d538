"""Pages on which a guest hands their place over to a colleague, and takes that back. Opening one changes nothing."""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Choice, Form, WorkEmail
from events.web.rendering import render
from events.web.routing import answers, network_of, page, read, redirect
from registrations.asking import registering
from registrations.booking import changing
from registrations.booking.booking_pages import MANAGE, refuse_after, refuse_changes
from registrations.booking.change_pages import CHANGED_MEANWHILE
from registrations.booking.rechecking import MAY_CHANGE
from registrations.deciding.offer_emails import moment_words
from registrations.people.hand_over import LINK_LASTS, last_of, open_of
from registrations.tickets.own_link import YES_NO
from registrations.tickets.sender_forms import says_who

from . import handing_over

NOT_NOW = "Only somebody with a ticket can hand their place over. Nothing was done."
OWN_ADDRESS = "Enter the address of your colleague, not your own"
HAND_OVER, BACK = "hand-over", "hand-over/back"  # the last part of their paths


class AskForm(Form):
    email = WorkEmail(
        "Your colleague's work email address",
        missing="Enter your colleague's work email address",
        hint="We send one email to it",
    )
    who = says_who()
    ask = Choice("Do you want us to ask your colleague?", YES_NO, missing="Select yes to have us ask your colleague")


class BackForm(Form):
    back = Choice("Do you want to keep your place?", YES_NO, missing="Select yes to keep your place")


async def ask(request: Request) -> Response:
    _refuse_without_ticket(request)
    if await open_of(request.state.registration, clock.now()) is not None:
        return redirect(f"{request.scope['path']}/back")
    return await _question(request, AskForm())


async def send(request: Request) -> Response:
    _refuse_without_ticket(request)
    form, registration = await read(request, AskForm), request.state.registration
    seen = str((await answers(request)).get("seen", ""))
    if not form.errors and form.ask.data == "yes" and form.email.normal == registration.email:
        form.email.errors = [OWN_ADDRESS]
    if form.errors:
        return await _question(request, form, 422, seen=seen)
    booking = _booking(request, HAND_OVER)
    if form.ask.data == "no":
        return redirect(booking)
    if seen not in changing.marks_of(registration, await last_of(registration)):
        asked = await open_of(registration, clock.now())
        typed = (form.email.normal, bool(form.who.data))
        if asked is not None and (asked.address, asked.says_who) == typed:  # a second press
            return redirect(f"{booking}?saved={HAND_OVER}")
        form = AskForm(data={"email": form.email.data})  # the choices are made anew
        return await _question(request, form, 409, notice=CHANGED_MEANWHILE)
    network, real = network_of(request), clock.real()
    await registering.slow_down(network, real)
    who = bool(form.who.data)
    await handing_over.ask(registration, form.email.normal, network, clock.now(), real, says_who=who)
    return redirect(f"{booking}?saved={HAND_OVER}")


def _refuse_without_ticket(request: Request) -> None:
    refuse_changes(request.state.event)
    if request.state.registration.state not in MAY_CHANGE:
        raise Refused(NOT_NOW)
    if request.state.registration.comes_with_id:
        raise Refused(handing_over.COMES_ALONG)


async def _question(request: Request, form: Form, status: int = 200, **facts: str) -> Response:
    """`facts`: the mark that came with a form which is shown once more."""
    registration = request.state.registration
    event, at = request.state.event, clock.now()
    until = handing_over.answered_until(event, at)
    facts = {"seen": changing.marks_of(registration, await last_of(registration))[0], "notice": ""} | facts
    facts |= {"until": moment_words(until) if until < at + LINK_LASTS else ""}  # three days otherwise
    back = _booking(request, HAND_OVER)
    return render(request, "booking/handing/hand_over.html", status, form=form, back=back, **facts)


async def show_back(request: Request) -> Response:
    return await _back_question(request, BackForm())


async def take_back(request: Request) -> Response:
    refuse_after(request.state.event)
    form, booking = await read(request, BackForm), _booking(request, BACK)
    if form.errors:
        return await _back_question(request, form, 422)
    if form.back.data == "yes" and await handing_over.take_back(request.state.registration, clock.now()):
        return redirect(f"{booking}?saved=kept-place")
    return redirect(booking)


async def _back_question(request: Request, form: Form, status: int = 200) -> Response:
    """Once nothing is handed over any more, their booking says how it stands."""
    refuse_after(request.state.event)
    hand_over = await open_of(request.state.registration, clock.now())
    if hand_over is None:
        return redirect(_booking(request, BACK))
    is_taken_up = hand_over.receiver_id is not None
    facts = {"is_taken_up": is_taken_up, "back": _booking(request, BACK)}
    return render(request, "booking/handing/take_back.html", status, form=form, **facts)


def _booking(request: Request, page: str) -> str:
    path: str = request.scope["path"]
    return path.removesuffix(f"/{page}")


routes = [
    page("/manage/{token}/hand-over", ask, who=MANAGE),
    page("/manage/{token}/hand-over", send, who=MANAGE, methods=["POST"]),
    page("/manage/{token}/hand-over/back", show_back, who=MANAGE),
    page("/manage/{token}/hand-over/back", take_back, who=MANAGE, methods=["POST"]),
]
