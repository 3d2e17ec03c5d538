"""Pages for whoever holds a link from one of our emails: the ticket, its files, and giving up the place."""

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event, public_event_of
from events.ground import clock, tokens, wording
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.programme.programme import guests_programme
from events.web import pdf
from events.web.forms import Choice, Form
from events.web.rendering import render
from events.web.routing import ANYONE, answers, network_of, page, read, redirect
from registrations.asking import registering
from registrations.codes import qr
from registrations.deciding import asking_for_more
from registrations.people import hand_over
from registrations.people.address_change import ASKED_IN, open_of
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration, State
from registrations.tickets import calendar_file, own_changes, pdf_ticket
from registrations.tickets.own_link import YES_NO, OwnLink
from registrations.tickets.ticket import code_of
from registrations.tickets.ticket_email import entrance_words, marked
from registrations.workshops.place import places_of
from registrations.workshops.shown import on_ticket, taken_part_in, workshops_of_guest

from . import for_the_day, own_booking
from .needs_forms import PhotosForm
from .rechecking import MAY_CHANGE

NOW_A_PLACE = "You have a place now. Nothing was done: choose again."
SAVED = {
    "name": "Your name is saved.",
    "badge-name": "The name for your badge is saved.",
    "role": "Your role is saved.",
    "telephone": "Your telephone number is saved.",
    "organisation": "Your organisation is saved. A person looks at your booking again.",
    "adjustments": "We have what you need. We email you when something is arranged.",
    "diet": "Your diet is saved.",
    "photos": "What you say about photographs is saved.",
    "workshops": "What you chose is saved.",
    "safety": "How you want to be seen is saved.",
    "withdrawn": "You have withdrawn your consent. What you told us is deleted.",
    "colleague": "We write to your colleague. We do not tell you what they answer: ask them yourself.",
    "companion": "We write to whoever comes along. We do not tell you what they answer: ask them yourself.",
    "address": "We sent an email to the new address, and one to your current address. Nothing has changed yet.",
    "hand-over": "We sent an email to your colleague, and one to you. Nothing has changed yet.",
    "kept-place": "You keep your place.",
}  # by what was changed
NO_PLACE_NOW = "You have no place now: a person looks at your request. Nothing was done: choose again."


class GiveUpForm(Form):
    give_up = Choice(
        "Do you want to give up your place?",
        YES_NO,
        missing="Select yes to give up your place",
        hint="If somebody comes along to support you, their place ends with yours. If you have asked a colleague to"
        " take your place over, that ends too",
    )


class WithdrawForm(Form):
    give_up = Choice("Do you want to withdraw your request?", YES_NO, missing="Select yes to withdraw your request")


@dataclass(frozen=True)
class GivingUp(OwnLink):
    """The same link where it also says what somebody gave up with it, once it opens nothing any more."""

    async def turned_away(self, request: Request) -> Response | None:
        done = await own_booking.given_up(self.purpose, request.path_params["token"])
        if done is None:
            return await super().turned_away(request)
        return _gone(done.event, done.held_a_place)


class TicketAgainForm(Form):
    again = Choice(
        "Do you want us to send your ticket again?",
        YES_NO,
        missing="Select yes to have your ticket sent again",
        hint=wording.SAME_ADDRESS,
    )


async def show_ticket(request: Request) -> Response:
    registration, ticket, event = request.state.registration, request.state.ticket, request.state.event
    code = qr.svg(code_of(event, ticket.n), f"Ticket code, reference {ticket.reference}")
    programme, taken = await guests_programme(event), await places_of(registration.id)
    return render(
        request,
        "booking/ticket.html",
        registration=registration,
        ticket=ticket,
        code=code,
        manage=_own(registration, Purpose.MANAGE),
        calendar=_own(registration, Purpose.TICKET) + "/calendar.ics",
        paper=_own(registration, Purpose.TICKET) + "/ticket.pdf",
        over=event.is_over(clock.now()),
        changes_until=own_changes.until_words(event, clock.now()),
        photos=None if registration.choices.has_answered_photos else PhotosForm(),
        entrance=entrance_words(event, registration.choices),
        programme=programme,
        workshops=taken_part_in(event, programme, taken),
        mine=[place.workshop_id for place in taken.values()],
    )


async def show_calendar(request: Request) -> Response:
    content = calendar_file.calendar_file(request.state.event, clock.now())
    return _download(content, calendar_file.CONTENT_TYPE, calendar_file.FILE_NAME)


async def show_pdf(request: Request) -> Response:
    """Setting it takes some milliseconds: what has died or changed by then is not given out."""
    facts = await _facts_on_paper(request)
    content = await pdf_ticket.pdf_ticket(facts)
    del request.state.event  # so that, once it has died, this is the page for nothing
    await TICKET.turned_away(request)
    if await _facts_on_paper(request) != facts:
        return await show_pdf(request)
    return _download(content, pdf.CONTENT_TYPE, pdf_ticket.FILE_NAME)


async def _facts_on_paper(request: Request) -> dict[str, Any]:
    registration, event = request.state.registration, request.state.event
    workshops = [(workshop.hours, workshop.words) for workshop in await on_ticket(event, registration)]
    return pdf_ticket.facts_of(event, registration.person, registration.choices, request.state.ticket, workshops)


def _download(content: bytes, content_type: str, name: str) -> Response:
    headers = {"content-type": content_type, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers)


async def manage(request: Request) -> Response:
    registration, event = request.state.registration, request.state.event
    new_address = await open_of(registration, clock.now())
    may_keep = new_address is not None and new_address.can_be_stopped_in(registration.state)
    over, closed = event.is_over(clock.now()), changes_closed(event)
    return render(
        request,
        "booking/booking.html",
        registration=registration,
        ticket=request.state.ticket,
        has_place=_has_place(request),
        may_be_vetted_again=registration.state in MAY_CHANGE,
        may_move=registration.state in ASKED_IN and not (new_address and new_address.confirmed_at),
        hands_over=await hand_over.open_of(registration, clock.now()),
        hand_over_lapsed=await hand_over.has_lapsed(registration, clock.now()),
        keep_address=new_address.link(Purpose.KEEP_ADDRESS) if new_address and may_keep else "",
        changes_closed=closed,
        changes_until=own_changes.until_words(event, clock.now(), "booking" if _has_place(request) else "request"),
        ticket_page=_own(registration, Purpose.TICKET),
        sent="sent" in request.query_params,
        too_often="too-often" in request.query_params,
        over=over,
        names_colleagues=event.is_open(clock.now()),
        shown=for_the_day.shown(registration),
        more=await asking_for_more.asked_for(registration),
        workshops=await workshops_of_guest(registration, request.scope["path"], not (over or closed)),
        tells=registration.state in KNOWS_OF_A_PLACE,
        saved=SAVED.get(request.query_params.get("saved", ""), ""),
    )


async def ask_give_up(request: Request) -> Response:
    refuse_after(request.state.event)
    return _give_up_question(request, _give_up_form(request)())


async def give_up(request: Request) -> Response:
    refuse_after(request.state.event)
    form = await read(request, _give_up_form(request))
    if form.errors:
        return _give_up_question(request, form, 422)
    if form.give_up.data == "no":
        return redirect(_own(request.state.registration, Purpose.MANAGE))
    if (await answers(request)).get("seen") != _standing(request):  # a yes to another question than this one
        notice = NOW_A_PLACE if _has_place(request) else NO_PLACE_NOW
        return _give_up_question(request, _give_up_form(request)(), 409, notice=notice)
    held_a_place = _has_place(request)
    await own_booking.give_up(request.state.registration, clock.now())
    return _gone(request.state.event, held_a_place)


async def given_up(request: Request) -> Response:
    return await _given_up(request, "You have given up your place")


async def withdrawn(request: Request) -> Response:
    return await _given_up(request, "You have withdrawn your request")


async def _given_up(request: Request, heading: str) -> Response:
    request.state.event = event = await public_event_of(request.path_params["slug"])
    return render(request, "booking/given_up.html", heading=heading, over=event.is_over(clock.now()))


async def ask_send_again(request: Request) -> Response:
    return _question(_with_ticket(request), TicketAgainForm())


async def send_again(request: Request) -> Response:
    form = await read(_with_ticket(request), TicketAgainForm)
    if form.errors:
        return _question(request, form, 422)
    back = _own(request.state.registration, Purpose.MANAGE)
    if form.again.data == "no":
        return redirect(back)
    await registering.slow_down(network_of(request), clock.real())
    sent = await own_booking.send_ticket_again(request.state.registration, clock.now(), clock.real())
    return redirect(f"{back}?{'sent' if sent else 'too-often'}")


def _gone(event: Event, held_a_place: bool) -> Response:
    return redirect(f"/e/{event.slug}/{'given-up' if held_a_place else 'withdrawn'}")


def _give_up_form(request: Request) -> type[GiveUpForm | WithdrawForm]:
    return GiveUpForm if _has_place(request) else WithdrawForm


def _has_place(request: Request) -> bool:
    """As far as they know: while they are looked at again it is held, without a ticket."""
    return request.state.ticket is not None or request.state.registration.state is State.RECHECKING


def _standing(request: Request) -> str:
    """What the question is about. It does not tell who waits from who is undecided."""
    return "place" if _has_place(request) else "request"


def _give_up_question(request: Request, form: Form, status: int = 200, notice: str = "") -> Response:
    return _question(request, form, status, seen=_standing(request), notice=notice)


def _with_ticket(request: Request) -> Request:
    if request.state.ticket is None:
        del request.state.event  # so that this, too, is the page for nothing
        raise HTTPException(404)
    refuse_after(request.state.event)
    return request


def refuse_after(event: Event) -> None:
    """No email goes out once the event's day has passed, so that nothing can be promised any more."""
    if event.is_over(clock.now()):
        raise Refused(wording.IS_OVER)


def refuse_changes(event: Event) -> None:
    """What people may do until organisers want to know who comes. Giving up is not among it: a free place helps."""
    refuse_after(event)
    if not own_changes.are_taken(event, clock.now()):
        raise Refused(changes_closed(event))


def changes_closed(event: Event) -> str:
    """Says whom to telephone, once people cannot change their booking themselves any more. Nothing while they can."""
    if own_changes.are_taken(event, clock.now()):
        return ""
    until = f"You could change your booking here until {own_changes.last_day_words(event)}."
    return f"{until} To change something now, telephone the organisers: {marked(event, event.contact_phone)}."


def _question(request: Request, form: Form, status: int = 200, **facts: str) -> Response:
    """One question with radios, none of them chosen: email gateways send forms as they stand."""
    back = _own(request.state.registration, Purpose.MANAGE)
    return render(request, "asking/one_question.html", status, form=form, back=back, **facts)


def _own(registration: Registration, purpose: Purpose) -> str:
    """The path of another page of the same person."""
    return f"/{purpose.value}/{tokens.make(purpose, registration.public_id, registration.generation)}"


TICKET, MANAGE = OwnLink(Purpose.TICKET), OwnLink(Purpose.MANAGE)
TICKET_OR_GIVEN_UP, BOOKING_OR_GIVEN_UP = GivingUp(Purpose.TICKET), GivingUp(Purpose.MANAGE)
routes = [
    page("/ticket/{token}", show_ticket, who=TICKET_OR_GIVEN_UP),
    page("/ticket/{token}/calendar.ics", show_calendar, who=TICKET),
    page("/ticket/{token}/ticket.pdf", show_pdf, who=TICKET),
    page("/manage/{token}", manage, who=BOOKING_OR_GIVEN_UP),
    page("/manage/{token}/give-up", ask_give_up, who=MANAGE),
    page("/manage/{token}/give-up", give_up, who=BOOKING_OR_GIVEN_UP, methods=["POST"]),
    page("/manage/{token}/send-again", ask_send_again, who=MANAGE),
    page("/manage/{token}/send-again", send_again, who=MANAGE, methods=["POST"]),
    page("/e/{slug}/given-up", given_up, who=ANYONE),
    page("/e/{slug}/withdrawn", withdrawn, who=ANYONE),
]
