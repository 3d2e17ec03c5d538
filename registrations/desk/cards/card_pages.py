"""The desk's page on which a door lead's card is made: shown once, to be printed."""

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.web.rendering import render
from events.web.routing import page
from registrations.codes import qr
from registrations.phones import lead_cards
from registrations.phones.door import DoorPass, PassRole
from registrations.phones.lead_card import LeadCard

ORGANISER, PROVED = STAFF(May.ORGANISE), STEPPED_UP(May.ORGANISE)  # it lets in where nobody can check


async def asked(request: Request) -> Response:
    """Of a steward's phone it says that it has no card."""
    lead = await _phone(request)
    had = await LeadCard.exists(door_pass_id=lead.id, ended_at=None)
    leads = lead.role is PassRole.DOOR_LEAD
    return render(request, "desk/cards/make.html", lead=lead, had=had, leads=leads)


async def make(request: Request) -> Response:
    """Answers with the card itself, since it is shown once: no address leads to it again."""
    lead = await _phone(request)
    text = await lead_cards.make(lead, request.state.staff, clock.now(), clock.real())
    drawing = qr.svg(text, "The code of the card")
    return render(request, "desk/cards/card.html", lead=lead, drawing=drawing, number=lead.id)


async def _phone(request: Request) -> DoorPass:
    return await DoorPass.get(id=request.path_params["id"], event=request.state.event)


routes = [
    page("/desk/{event}/phones/{id:int}/card", asked, who=ORGANISER),
    page("/desk/{event}/phones/{id:int}/card", make, who=PROVED, methods=["POST"]),
]
