"""The desk's pages of the marshals' key card: made and shown once, to be printed; and ended.

Rules: SG-15.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.ground.refusal import Refused
from events.web.rendering import render
from events.web.routing import page, redirect
from registrations.codes import qr
from registrations.desk.desk_pages import path_of
from registrations.roll_call import list_keys

ORGANISER, PROVED = STAFF(May.ORGANISE), STEPPED_UP(May.ORGANISE)  # with a marshal's phone it opens names
NO_CARD = "There is no key card that counts any more."


async def asked(request: Request) -> Response:
    card = await list_keys.card_of(request.state.event.id)
    return render(request, "desk/roll_call/key_card_make.html", card=card)


async def make(request: Request) -> Response:
    """Answers with the card itself, since it is shown once: no address leads to it again."""
    card = await list_keys.make_card(request.state.event, request.state.staff, clock.now())
    drawing = qr.svg(card.text, "The code of the key card")
    return render(request, "desk/roll_call/key_card.html", drawing=drawing, number=card.number)


async def end(request: Request) -> Response:
    if not await list_keys.end_card(request.state.event, request.state.staff, clock.now()):
        raise Refused(NO_CARD)
    return redirect(f"{path_of(request, 'roll-call')}?said=card-ended")


routes = [
    page("/desk/{event}/roll-call/card", asked, who=ORGANISER),
    page("/desk/{event}/roll-call/card", make, who=PROVED, methods=["POST"]),
    page("/desk/{event}/roll-call/card/end", end, who=PROVED, methods=["POST"]),
]
