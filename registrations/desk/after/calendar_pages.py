"""The desk's deletion calendar: what of this event goes on which day, what holds it up, and what has gone.

Rules: DP-07.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.routing import page
from registrations.desk.desk_pages import ORGANISER, show
from registrations.privacy.retention import report

from .deletion_calendar import CONTENT_TYPE, FILE_NAME, Schedule, calendar_file, schedule


async def overview(request: Request) -> Response:
    destroyed_at = await report.destroyed_at(request.state.event)
    return await show(request, "desk/after/deletion.html", schedule=await _schedule(request), destroyed_at=destroyed_at)


async def as_calendar(request: Request) -> Response:
    content = calendar_file(request.state.event, (await _schedule(request)).planned, clock.now())
    headers = {"content-type": CONTENT_TYPE, "content-disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(content, headers=headers)


async def _schedule(request: Request) -> Schedule:
    event = request.state.event
    return schedule(event, await report.lines(event), clock.local(clock.now()).date())


routes = [
    page("/desk/{event}/after/deletion", overview, who=ORGANISER),
    page("/desk/{event}/after/deletion/calendar", as_calendar, who=ORGANISER),
]
