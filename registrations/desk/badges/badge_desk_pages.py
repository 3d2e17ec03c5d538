"""The badge desk: a page beside a printer, which follows the door and prints a badge for each who comes in without one.

It works without a script too: then a reload shows who waits, and a button prints. Rules: EV-02, SE-09, SE-12.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.guards import STAFF, Staffed
from events.accounts.staff import May
from events.event import Event, event_with
from events.ground import clock
from events.web.rendering import event_stream, render, templates
from events.web.routing import answers, page
from registrations.badges import on_arrival
from registrations.badges.badge_pdf import badge_svg, badges_pdf
from registrations.badges.heading import heading_of
from registrations.badges.last_paper import last_layout, last_paper
from registrations.badges.papers import OF_ONE, PaperName
from registrations.desk.desk_pages import number
from registrations.desk.live_part import Part, Watcher, changes
from registrations.phones.door import topic

from .badge_pages import as_file

PRINTER, WATCHER = STAFF(May.BADGES), Staffed(May.BADGES, is_use=False)
SVG = "image/svg+xml"  # what the page's script asks for; a form gets a PDF
AT_MOST_EVERY = 0.5  # seconds, however many come in
AT_LEAST_EVERY = 15.0  # whatever was missed is seen then


async def badge_desk(request: Request) -> Response:
    """That these people were seen is recorded; of those who come while it is open, each print is."""
    event = request.state.event
    asked = request.query_params.get("paper")
    paper = PaperName(asked) if asked in OF_ONE else await last_paper(event, OF_ONE)
    facts = await _facts(event, paper)
    ids = [job.id for job in (*facts["jobs"].waiting, *facts["jobs"].printed)]
    at, real = clock.now(), clock.real()
    await reading.waited_on(event, "badge desk", ids, by=request.state.staff, at=at, real=real)
    return render(request, "desk/badges/badge_desk.html", papers=OF_ONE, **facts)


async def badge_desk_live(request: Request) -> Response:
    state = request.state
    watched = part(state.event, _paper(request.query_params.get("paper")))
    return event_stream(changes(watched, Watcher(state.session.id, state.role.id)))


def part(event: Event, paper: PaperName) -> Part:
    """Who waits and who was printed, drawn once for all badge desks with this paper."""

    async def draw() -> str:
        facts = await _facts(await event_with(event.id), paper)
        return templates().get_template("desk/badges/jobs.html").render(facts)

    return Part(("badge desk", event.id, paper), topic(event.id), draw, AT_MOST_EVERY, AT_LEAST_EVERY)


async def print_waiting(request: Request) -> Response:
    event, by, paper = request.state.event, request.state.staff, await _posted_paper(request)
    badge = await on_arrival.print_waiting(event, request.path_params["id"], paper, by, clock.now())
    return await _drawn(request, badge, paper)


async def print_again(request: Request) -> Response:
    event, by, paper = request.state.event, request.state.staff, await _posted_paper(request)
    after = number(str((await answers(request)).get("after", "")))
    badge = await on_arrival.print_again(event, request.path_params["id"], after, paper, by, clock.now())
    return await _drawn(request, badge, paper)


async def _drawn(request: Request, badge: Any, paper: PaperName) -> Response:
    event = request.state.event
    heading = await heading_of(event, await last_layout(event))
    if request.headers.get("accept") == SVG:
        return Response(await badge_svg(badge, paper.paper, heading), media_type=SVG)
    return as_file(await badges_pdf([badge], paper.paper, heading=heading), "inline")


async def _facts(event: Event, paper: PaperName) -> dict[str, Any]:
    return {"event": event, "paper": paper, "jobs": await on_arrival.jobs(event)}


def _paper(text: str | None) -> PaperName:
    return PaperName(text) if text in OF_ONE else OF_ONE[0]


async def _posted_paper(request: Request) -> PaperName:
    if (said := str((await answers(request)).get("paper", ""))) not in OF_ONE:
        raise HTTPException(400)
    return PaperName(said)


routes = [
    page("/desk/{event}/badge-desk", badge_desk, who=PRINTER),
    page("/desk/{event}/badge-desk/live", badge_desk_live, who=WATCHER),
    page("/desk/{event}/badge-desk/{id:int}", print_waiting, who=PRINTER, methods=["POST"]),
    page("/desk/{event}/badge-desk/{id:int}/again", print_again, who=PRINTER, methods=["POST"]),
]
