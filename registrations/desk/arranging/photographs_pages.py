"""What organisers hand to a photographer: a sheet with the mark of the badges, which names nobody; and the names of
those who said yes, for one photographer of the processor register.

Rules: DP-12, DP-13, SG-12.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.processor import Processor, Service
from events.web.routing import page
from registrations.desk.desk_pages import ORGANISER, show

from . import photographs

AGAIN = STEPPED_UP(May.ORGANISE)


async def overview(request: Request) -> Response:
    event = request.state.event
    facts: dict[str, Any] = {"photographers": await photographs.photographers(event)}
    facts["found"] = await photographs.counted(event)
    return await show(request, "desk/arranging/photographs.html", is_over=event.is_over(clock.now()), **facts)


async def sheet(request: Request) -> Response:
    found = await photographs.counted(request.state.event)
    return await show(request, "desk/arranging/photographs_sheet.html", found=found, now=clock.now())


async def named(request: Request) -> Response:
    event, by, at = request.state.event, request.state.staff, clock.now()
    photographer = await Processor.get(id=request.path_params["id"], event_id=event.id, service=Service.PHOTOGRAPHY)
    found, names = await photographs.names(event, photographer, by, at, clock.real())
    facts: dict[str, Any] = {
        "names": names,
        "photographer": photographer,
        "destroy_by": photographs.destroyed_by(event),
    }
    return await show(request, "desk/arranging/photographs_sheet.html", found=found, now=at, **facts)


routes = [
    page("/desk/{event}/people/photographs", overview, who=ORGANISER),
    page("/desk/{event}/people/photographs/sheet", sheet, who=ORGANISER),
    page("/desk/{event}/people/photographs/{id:int}", named, who=AGAIN),
]
