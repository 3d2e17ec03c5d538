"""Pages for another address: to ask for it, to say there that it is theirs, and to stop it from the one that we have.

Opening one changes nothing, and each has radios with none chosen: email gateways send forms as they stand.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.event import public_event_of
from events.ground import clock
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.web.forms import Choice, Form, WorkEmail
from events.web.rendering import render
from events.web.routing import ANYONE, answers, network_of, page, read, redirect
from registrations.asking import registering
from registrations.people.address_change import ASKED_IN, AddressChange, last_of, open_of
from registrations.people.registration import KNOWS_OF_A_PLACE, State
from registrations.tickets.own_link import YES_NO, TypedLink
from registrations.tickets.typed_word import DELETED, TypedWord, when_no

from . import changing, new_address
from .booking_pages import MANAGE, refuse_changes
from .change_pages import BEING_DECIDED, CHANGED_MEANWHILE
from .new_address import ADDRESS


class AddressForm(Form):
    email = WorkEmail("New work email address", missing="Enter your new work email address")
    save = Choice("Do you want us to ask at this address?", YES_NO, missing="Select yes to have us ask at this address")


class TheirsForm(Form):
    theirs = Choice(
        "Did you ask us to write to this address?",
        [("yes", "Yes, it is my booking"), ("no", "No, I did not ask")],
        missing="Select whether you asked us to write to this address",
    )
    word = TypedWord("delete", DELETED, needed=when_no("theirs"))


class KeepForm(Form):
    keep = Choice("Do you want to keep your current address?", YES_NO, missing="Select yes to keep your address")


async def ask(request: Request) -> Response:
    _refuse_undecided(request)
    return await _question(request, AddressForm())


async def send(request: Request) -> Response:
    _refuse_undecided(request)
    form, registration = await read(request, AddressForm), request.state.registration
    seen = str((await answers(request)).get("seen", ""))
    if form.errors:
        return await _question(request, form, 422, seen=seen)
    booking = _booking(request)
    if form.save.data == "no" or form.email.normal == registration.email:
        return redirect(booking)
    if seen not in changing.marks_of(registration, await last_of(registration)):
        asked = await open_of(registration, clock.now())
        if asked is not None and asked.address == form.email.normal:  # a second press
            return redirect(f"{booking}?saved={ADDRESS}")
        form = AddressForm(data={"email": form.email.data})  # the choice is made anew
        return await _question(request, form, 409, notice=CHANGED_MEANWHILE)
    network, real = network_of(request), clock.real()
    await registering.slow_down(network, real)
    await new_address.ask(registration, form.email.normal, network, clock.now(), real)
    return redirect(f"{booking}?saved={ADDRESS}")


def _booking(request: Request) -> str:
    return str(request.scope["path"]).removesuffix(f"/{ADDRESS}")


def _refuse_undecided(request: Request) -> None:
    refuse_changes(request.state.event)
    if request.state.registration.state not in ASKED_IN:
        raise Refused(BEING_DECIDED)


async def _question(request: Request, form: AddressForm, status: int = 200, **facts: str) -> Response:
    """`facts`: the mark that came with a form which is shown once more."""
    registration = request.state.registration
    facts = {"seen": changing.marks_of(registration, await last_of(registration))[0], "notice": ""} | facts
    stands = {"waits": await open_of(registration, clock.now()) is not None, "back": _booking(request)}
    stands |= {"has_place": registration.state is State.APPROVED}
    return render(request, "booking/address.html", status, form=form, **facts, **stands)


async def show_new(request: Request) -> Response:
    return _stands(request) or _theirs(request, TheirsForm())


async def answer_new(request: Request) -> Response:
    if (stands := _stands(request)) is not None:
        return stands
    form = await read(request, TheirsForm)
    if form.errors:
        return _theirs(request, form, 422)
    await (new_address.confirm if form.theirs.data == "yes" else new_address.refuse)(request.state.change, clock.now())
    return redirect(request.scope["path"])


def _theirs(request: Request, form: TheirsForm, status: int = 200) -> Response:
    change: AddressChange = request.state.change
    has_place = change.registration.state is State.APPROVED
    if not has_place:
        form.theirs.choices = [("yes", "Yes, it is my request"), *form.theirs.choices[1:]]
    facts = {"email": change.address, "typed": change.typed_words, "has_place": has_place}
    return render(request, "booking/new_address.html", status, form=form, **facts)


def _stands(request: Request) -> Response | None:
    """The page for a link that asks nothing any more: said yes to, or over for whatever reason."""
    change, event = request.state.change, request.state.event
    if change.confirmed_at is not None:
        facts = {"looked_at": bool(change.address), "has_place": change.registration.state is State.RECHECKING}
        return render(request, "booking/new_address_said.html", **facts)
    asks = change.is_open(clock.now()) and change.asks_in(change.registration.state)
    return None if asks and not event.is_over(clock.now()) else _over(request)


def _over(request: Request) -> Response:
    return render(request, "booking/address_over.html", 410)


async def show_keep(request: Request) -> Response:
    return _keeping(request, KeepForm()) if _may_keep(request.state.change) else _over(request)


async def keep(request: Request) -> Response:
    if not _may_keep(request.state.change):
        return _over(request)
    form = await read(request, KeepForm)
    if form.errors:
        return _keeping(request, form, 422)
    if form.keep.data == "yes" and await new_address.keep(request.state.change, clock.now()):
        nothing_else = request.state.change.only_typed
        return redirect(f"/e/{request.state.event.slug}/address-kept{'?only' if nothing_else else ''}")
    return redirect(request.scope["path"])


def _keeping(request: Request, form: KeepForm, status: int = 200) -> Response:
    change: AddressChange = request.state.change
    has_place = change.registration.state in KNOWS_OF_A_PLACE
    facts = {"confirmed": change.confirmed_at is not None, "typed": change.typed_words, "has_place": has_place}
    return render(request, "booking/keep_address.html", status, form=form, **facts)


def _may_keep(change: AddressChange) -> bool:
    """Until the booking is approved; after the event there is nothing to keep."""
    state, at = change.registration.state, clock.now()
    return change.is_open(at) and change.can_be_stopped_in(state) and not change.registration.event.is_over(at)


async def kept(request: Request) -> Response:
    request.state.event = await public_event_of(request.path_params["slug"])
    return render(request, "booking/address_kept.html", nothing_else="only" in request.query_params)


NEW, KEEP = [TypedLink(purpose, AddressChange, "change") for purpose in (Purpose.NEW_ADDRESS, Purpose.KEEP_ADDRESS)]
routes = [
    page("/manage/{token}/address", ask, who=MANAGE),
    page("/manage/{token}/address", send, who=MANAGE, methods=["POST"]),
    page("/new-address/{token}", show_new, who=NEW),
    page("/new-address/{token}", answer_new, who=NEW, methods=["POST"]),
    page("/keep-address/{token}", show_keep, who=KEEP),
    page("/keep-address/{token}", keep, who=KEEP, methods=["POST"]),
    page("/e/{slug}/address-kept", kept, who=ANYONE),
]
