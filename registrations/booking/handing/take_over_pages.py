"""Pages behind the link that a colleague gets: whether they take the place over, and then their own details.

Opening one changes nothing, and nothing is chosen or filled in: email gateways send forms as they stand. No page says
whose place it is, or where the event takes place.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.tokens import Purpose
from events.web.forms import Choice, Form
from events.web.rendering import render
from events.web.routing import network_of, page, read, redirect
from registrations.asking import registering
from registrations.asking.question_forms import NameQuestion, OrganisationQuestion, RoleQuestion
from registrations.people.hand_over import HandOver
from registrations.people.registration import OrganisationKind
from registrations.tickets.own_link import TypedLink
from registrations.tickets.typed_word import DELETED, TypedWord, when_no

from . import handing_over
from .handing_over import Details


class TakeOverForm(Form):
    take_over = Choice(
        "Do you want to take over the place?",
        [("yes", "Yes, I would like the place"), ("no", "No, delete my address")],
        missing="Select whether you want to take over the place",
    )
    word = TypedWord("delete", DELETED, needed=when_no("take_over"))


class DetailsForm(NameQuestion, OrganisationQuestion, RoleQuestion):
    """What everybody is asked who wants a place, but for the address, which we know, and for an invitation code."""

    invitation = None  # type: ignore[assignment]
    refused = None  # type: ignore[assignment]

    @property
    def details(self) -> Details:
        said: dict[str, Any] = {name: self[name].data or "" for name in Details._fields}
        return Details(**said | {"kind": OrganisationKind(said["kind"])})


async def show(request: Request) -> Response:
    return await _stands(request) or await _question(request, TakeOverForm())


async def answer(request: Request) -> Response:
    if (stands := await _stands(request)) is not None:
        return stands
    form = await read(request, TakeOverForm)
    if form.errors:
        return await _question(request, form, 422)
    if form.take_over.data == "yes":
        return redirect(f"{request.scope['path']}/details")
    await handing_over.refuse(request.state.hand_over, clock.now())
    return redirect(f"{request.scope['path']}?said=no")


async def ask_details(request: Request) -> Response:
    return await _stands(request) or await _details(request, DetailsForm())


async def take_up(request: Request) -> Response:
    if (stands := await _stands(request)) is not None:
        return stands
    form = await read(request, DetailsForm)
    if form.errors:
        return await _details(request, form, 422)
    await registering.slow_down(network_of(request), clock.real())
    await handing_over.take_up(request.state.hand_over, form.details, clock.now())
    return redirect(request.scope["path"].removesuffix("/details"))


async def _question(request: Request, form: TakeOverForm, status: int = 200) -> Response:
    return render(request, "booking/handing/take_over.html", status, form=form, **await _facts(request))


async def _facts(request: Request) -> dict[str, Any]:
    """Only whoever reads the address has the link, and is told of a request of their own."""
    hand_over: HandOver = request.state.hand_over
    return {"email": hand_over.address, "has_own_request": await handing_over.has_own_request(hand_over)}


async def _details(request: Request, form: DetailsForm, status: int = 200) -> Response:
    back = request.scope["path"].removesuffix("/details")
    facts = {"form": form, "back": back} | await _facts(request)
    return render(request, "booking/handing/take_over_details.html", status, **facts)


async def _stands(request: Request) -> Response | None:
    """The page for a link that asks nothing any more: said yes to, said no to just now, or over for whatever reason."""
    hand_over: HandOver = request.state.hand_over
    if hand_over.receiver_id is not None:
        return render(request, "booking/handing/take_over_said.html")
    if await handing_over.can_be_answered(hand_over, clock.now()):
        return None
    if request.query_params.get("said") == "no":
        return render(request, "booking/handing/take_over_refused.html")
    return render(request, "booking/handing/take_over_over.html", 410)


TAKE_OVER = TypedLink(Purpose.TAKE_OVER, HandOver, "hand_over")
routes = [
    page("/take-over/{token}", show, who=TAKE_OVER),
    page("/take-over/{token}", answer, who=TAKE_OVER, methods=["POST"]),
    page("/take-over/{token}/details", ask_details, who=TAKE_OVER),
    page("/take-over/{token}/details", take_up, who=TAKE_OVER, methods=["POST"]),
]
