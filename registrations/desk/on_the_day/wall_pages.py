"""The board for a screen on the wall: its numbers in large type, and no row, no link and nobody's name (SG-05)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, Staffed
from events.accounts.staff import May
from events.event import Event, event_with
from events.ground import clock
from events.web.rendering import event_stream, render, templates
from events.web.routing import page
from registrations.checkin import headcount
from registrations.desk import live_part
from registrations.desk.board_pages import AT_LEAST_EVERY, AT_MOST_EVERY
from registrations.desk.live_part import Part, Watcher
from registrations.phones.door import topic
from registrations.roll_call import calling

from . import door_line

VIEWER, WATCHER = STAFF(May.LOOK), Staffed(May.LOOK, is_use=False)


async def wall(request: Request) -> Response:
    return render(request, "desk/on_the_day/wall.html", **await numbers(request.state.event))


async def numbers(event: Event) -> dict[str, Any]:
    at = clock.now()
    return {
        "event": event,
        "counts": await headcount.counts(event.id, at, clock.real()),
        "called": await calling.running(event.id, at),
        "asked": await door_line.asked(event.id, at),
        "as_at": f"{clock.local(at):%H:%M:%S}",
    }


async def wall_live(request: Request) -> Response:
    state = request.state
    return event_stream(live_part.changes(part(state.event), Watcher(state.session.id, state.role.id)))


def part(event: Event) -> Part:
    """The same for everybody who may look."""

    async def draw() -> str:
        facts = await numbers(await event_with(event.id))
        return templates().get_template("desk/on_the_day/wall_numbers.html").render(facts)

    return Part(("wall", event.id), topic(event.id), draw, AT_MOST_EVERY, AT_LEAST_EVERY)


routes = [
    page("/desk/{event}/board/wall", wall, who=VIEWER),
    page("/desk/{event}/board/wall/live", wall_live, who=WATCHER),
]
