"""The page behind the link of an offer: yes, I take the place, or no. Opening it changes nothing."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.event import event_with
from events.ground import clock, tokens
from events.ground.database import find_row
from events.ground.tokens import Match, Purpose
from events.web.forms import Choice, Form
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.deciding import offers
from registrations.deciding.offer_emails import has_lapsed, is_open, moment_words
from registrations.people.registration import Registration, State
from registrations.tickets.typed_word import TypedWord, when_no

from . import own_booking


class OfferForm(Form):
    answer = Choice(
        "Do you take the place?",
        [("yes", "Yes, I take it"), ("no", "No, give it to somebody else")],
        missing="Select whether you take the place",
    )
    word = TypedWord("decline", "give the place to somebody else", needed=when_no("answer"))


class StayForm(Form):
    answer = Choice(
        "Do you want to stay on the waiting list?",
        [("yes", "Yes, I still want a place"), ("no", "No, I do not want a place any more")],
        missing="Select whether you stay on the waiting list",
    )
    word = TypedWord("leave", "leave the waiting list", needed=when_no("answer"))


FORMS: dict[str, type[OfferForm | StayForm]] = {"offer": OfferForm, "stay": StayForm}


@dataclass(frozen=True)
class Offered:
    """Whoever holds the link of an offer, also of one that is over: its page says so. Puts `registration`, `event` and
    whether it `is_newest` into the state."""

    name: str = "link:offer"

    async def turned_away(self, request: Request) -> Response | None:
        token = request.path_params["token"]
        public_id = tokens.public_id_of(token)
        found = await find_row(Registration, "public_id = ?", [public_id]) if public_id else None
        link = tokens.match(Purpose.OFFER, token, found.offer_n) if found else Match.NONE
        if found is None or link is Match.NONE:
            raise HTTPException(404)
        request.state.registration, request.state.is_newest = found, link is Match.CURRENT
        request.state.event = await event_with(found.event_id)
        return None


async def show(request: Request) -> Response:
    asked = _asks(request)
    return _question(request, asked, FORMS[asked]()) if asked else _stands(request)


async def answer(request: Request) -> Response:
    """A yes or no to another question than is asked by now, or a second press, is answered by what stands."""
    asked = _asks(request)
    if not asked or (await answers(request)).get("seen") != asked:
        return redirect(request.scope["path"])
    form = await read(request, FORMS[asked])
    if form.errors:
        return _question(request, asked, form, 422)
    registration, at, says_yes = request.state.registration, clock.now(), form.answer.data == "yes"
    if asked == "offer":
        await (offers.take if says_yes else offers.decline)(registration, at)
    else:
        await (offers.stay if says_yes else own_booking.give_up)(registration, at)
    return redirect(request.scope["path"])


def _asks(request: Request) -> str:
    """Which question stands behind the link now; none once it is answered or over."""
    registration, at = request.state.registration, clock.now()
    if not request.state.is_newest or request.state.event.is_over(at):
        return ""
    if has_lapsed(registration, at):
        return "stay"
    return "offer" if is_open(registration, at) else ""


def _question(request: Request, asked: str, form: Form, status: int = 200) -> Response:
    until = moment_words(request.state.registration.offered_until)
    return render(request, "booking/offer.html", status, asked=asked, form=form, until=until)


def _stands(request: Request) -> Response:
    """What has become of it, plainly."""
    registration, at = request.state.registration, clock.now()
    now = "over"
    if request.state.event.is_over(at):
        now = "past"
    elif request.state.is_newest and registration.state is State.APPROVED:
        now = "place"
    elif request.state.is_newest and registration.state is State.CANCELLED and registration.state_before:
        now = "declined"
    elif request.state.is_newest and registration.state is State.WAITING:
        now = "waits"
    return render(request, "booking/offer_over.html", 410 if now in ("over", "past") else 200, now=now)


OFFERED = Offered()
routes = [
    page("/offer/{token}", show, who=OFFERED),
    page("/offer/{token}", answer, who=OFFERED, methods=["POST"]),
]
