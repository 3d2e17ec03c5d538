"""The access lead's page of sheets for marshals: who asked for help to leave, and agreed that marshals know.

Rules: SG-15, DP-05.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.web.rendering import render
from events.web.routing import answers, page, redirect
from registrations.desk.desk_pages import banner_of, path_of
from registrations.paper import printing
from registrations.paper.sheet import RULES, Sheet, SheetKind

from .sheet_pages import SAID, printed

ACCESS, AGAIN = STAFF(May.ACCESS), STEPPED_UP(May.ACCESS)


async def overview(request: Request) -> Response:
    event = request.state.event
    facts = {"rules": RULES[SheetKind.ACCESS], "is_over": event.is_over(clock.now())}
    sheets = await printing.of_event(event, [SheetKind.ACCESS])
    said = banner_of(request, SAID)
    return render(request, "desk/paper/access_sheets.html", sheets=sheets, said=said, **facts)


async def make(request: Request) -> Response:
    return await printed(request, SheetKind.ACCESS, as_pdf=(await answers(request)).get("as") == "pdf")


async def destroy(request: Request) -> Response:
    number = request.path_params["sheet"]
    found = await Sheet.get(event_id=request.state.event.id, number=number, kind=SheetKind.ACCESS)
    await printing.destroy(found, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'access', 'sheets')}?said=destroyed")


routes = [
    page("/desk/{event}/access/sheets", overview, who=ACCESS),
    page("/desk/{event}/access/sheets", make, who=AGAIN, methods=["POST"]),
    page("/desk/{event}/access/sheets/{sheet:int}/destroyed", destroy, who=ACCESS, methods=["POST"]),
]
