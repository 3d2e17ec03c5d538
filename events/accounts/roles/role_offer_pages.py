"""Answers to the offer of a role: its owner accepts or declines it on their account's page, a lead takes it back."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts import accounts
from events.accounts.guards import STAFF, STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.web.routing import page, redirect

from . import role_offers
from .role_offers import RoleOffer


async def accept_role(request: Request) -> Response:
    await accounts.accept_role(await _offered(request), clock.now())
    return redirect("/staff/account?done=accept")


async def decline_role(request: Request) -> Response:
    await accounts.decline_role(await _offered(request), clock.now())
    return redirect("/staff/account?done=decline")


async def take_offer_back(request: Request) -> Response:
    offers = await role_offers.for_event(request.state.event, clock.now())
    await accounts.take_offer_back(_chosen(offers, request), request.state.staff, clock.now())
    return redirect(f"/desk/{request.state.event.slug}/staff?done=take-back")


async def _offered(request: Request) -> RoleOffer:
    return _chosen(await role_offers.to_staff(request.state.staff, clock.now()), request)


def _chosen(offers: list[RoleOffer], request: Request) -> RoleOffer:
    """Not found is one that does not stand any more, or is somebody else's."""
    for offer in offers:
        if offer.id == request.path_params["id"]:
            return offer
    raise HTTPException(404)


routes = [
    page("/staff/account/offers/{id:int}/accept", accept_role, who=STAFF(), methods=["POST"]),
    page("/staff/account/offers/{id:int}/decline", decline_role, who=STAFF(), methods=["POST"]),
    page("/desk/{event}/staff/offers/{id:int}/take-back", take_offer_back, who=STEPPED_UP(May.LEAD), methods=["POST"]),
]
