"""The desk's page of sheets on paper: print one, see which are still out, note that one is destroyed.

A sheet is made by a post, which is answered with the sheet itself: no address leads to it again. Rules: EV-06, SG-15.
"""

from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, STEPPED_UP
from events.accounts.staff import May
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.web.pdf import CONTENT_TYPE
from events.web.rendering import render
from events.web.routing import answers, page, redirect
from registrations.desk.desk_pages import banner_of, chosen, number, path_of, show
from registrations.paper import printing
from registrations.paper.printing import NO_WORKSHOP, OfWorkshop
from registrations.paper.sheet import OF_ORGANISERS, OF_WORKSHOP, RULES, Sheet, SheetKind
from registrations.workshops import roster

from . import on_paper

PRINTER, AGAIN = STAFF(May.PRINT), STEPPED_UP(May.PRINT)
CHOOSE = "Choose which sheet to print."
CHOOSE_WORKSHOP = "Select the workshop that the room list is for."
SAID = {"destroyed": "Noted as destroyed.", "ended": "Its numbers let nobody in any more."}


async def overview(request: Request) -> Response:
    event, at = request.state.event, clock.now()
    said = banner_of(request, SAID)
    workshops = await _workshops(event)
    kinds = [(kind, RULES[kind]) for kind in OF_ORGANISERS if workshops or kind not in OF_WORKSHOP]
    facts: dict[str, Any] = {"kinds": kinds, "is_over": event.is_over(at), "said": said, "workshops": workshops}
    facts["of_workshop"] = OF_WORKSHOP
    return await show(request, "desk/paper/sheets.html", sheets=await printing.of_event(event), **facts)


async def make(request: Request) -> Response:
    """Two buttons: a page to print, and a PDF."""
    form = await answers(request)
    kind = chosen(SheetKind, str(form.get("kind", "")))
    if kind is None or kind not in OF_ORGANISERS:
        raise Refused(CHOOSE, 422)
    workshop = NO_WORKSHOP
    if kind in OF_WORKSHOP:
        id_, named = number(str(form.get("workshop", ""))), await _workshops(request.state.event)
        if id_ not in named:
            raise Refused(CHOOSE_WORKSHOP, 422)
        workshop = OfWorkshop(id_, named[id_])
    return await printed(request, kind, as_pdf=form.get("as") == "pdf", workshop=workshop)


async def _workshops(event: Event) -> dict[int, str]:
    """Which, when and, once the venue is released, where; once places are given out."""
    found = dict[int, str]()
    for line in await roster.given_out(event):
        for entry in line.workshops:
            room = entry.words.room if event.venue_released_at else ""
            found[entry.id] = ", ".join(filter(None, [entry.words.title, line.hours, room]))
    return found


async def printed(request: Request, kind: SheetKind, *, as_pdf: bool, workshop: OfWorkshop = NO_WORKSHOP) -> Response:
    """A new sheet, which is the answer."""
    state = request.state
    most = on_paper.MOST_IN_PDF if as_pdf else None
    made = await printing.make(state.event, kind, state.staff, clock.now(), clock.real(), most, workshop)
    if not as_pdf:
        facts = await on_paper.page_facts(state.event, made, state.staff.full_name)
        return await to_thread.run_sync(lambda: render(request, "desk/paper/sheet.html", **facts))
    disposition = f'attachment; filename="{on_paper.file_name(made.sheet)}"'
    headers = {"content-type": CONTENT_TYPE, "content-disposition": disposition}
    content = await on_paper.as_pdf(state.event, made, state.staff.full_name)
    return Response(content, headers=headers)


async def destroy(request: Request) -> Response:
    await printing.destroy(await sheet_of(request), request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'doors', 'paper')}?said=destroyed")


async def end_releases(request: Request) -> Response:
    await printing.end_releases(await sheet_of(request), request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'doors', 'paper')}?said=ended")


async def sheet_of(request: Request) -> Sheet:
    return await Sheet.get(event_id=request.state.event.id, number=request.path_params["sheet"])


routes = [
    page("/desk/{event}/doors/paper", overview, who=PRINTER),
    page("/desk/{event}/doors/paper", make, who=AGAIN, methods=["POST"]),
    page("/desk/{event}/doors/paper/{sheet:int}/destroyed", destroy, who=PRINTER, methods=["POST"]),
    page("/desk/{event}/doors/paper/{sheet:int}/ended", end_releases, who=PRINTER, methods=["POST"]),
]
