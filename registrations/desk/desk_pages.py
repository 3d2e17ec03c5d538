"""What the desk's pages share: whose desk it is, and the live counts above each page."""

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF
from events.accounts.roles import role_offers
from events.accounts.staff import May, Role
from events.event import Event
from events.ground import clock
from events.web.forms import whole_number
from events.web.rendering import event_stream, render, templates
from events.web.routing import page, redirect

from .board_pages import WATCHER
from .desk_counts import counts, newer_requests
from .live_part import Part, Watcher, changes, together
from .on_the_day import door_line

VIEWER, ORGANISER = STAFF(May.LOOK), STAFF(May.ORGANISE)
HOMES = {May.LOOK: "overview", May.ACCESS: "access", May.CATER: "catering", May.BADGES: "badge-desk"}
Chosen = TypeVar("Chosen", bound=StrEnum)
AT_MOST_EVERY = 0.5  # seconds, however many are decided at once
AT_LEAST_EVERY = 20.0  # an ended session ends its stream


async def show(request: Request, template: str, status: int = 200, **facts: Any) -> Response:
    """A page of an event's desk, with the counts above it."""
    event, role = request.state.event, request.state.role
    facts = {"may_change": role.may(May.ORGANISE)} | facts
    return render(request, template, status, counts=await counts(event.id), **facts)


def banner_of(request: Request, sentences: Mapping[str, str]) -> str:
    """What has just been done, by the word that a redirect has put into the address; nothing for any other word."""
    return sentences.get(request.query_params.get("said", ""), "")


def path_of(request: Request, *parts: object) -> str:
    """The path of a page of this event's desk."""
    return "/".join(["/desk", request.state.event.slug, *(str(part) for part in parts)])


def chosen(among: type[Chosen], text: str | None) -> Chosen | None:
    """The member of a closed list that a query string names; None for anything else."""
    return among(text) if text in set(among) else None


def number(text: str | None) -> int:
    """A number from a query string; 0 for anything else."""
    return whole_number(text) or 0


def moment(text: str | None) -> datetime | None:
    """A moment from a query string, in seconds; None for anything else."""
    try:
        return datetime.fromtimestamp(float(text or ""), UTC) if (text or "").isascii() else None
    except (ValueError, OverflowError, OSError):
        return None


async def my_events(request: Request) -> Response:
    """The desk of the one event that this person works for; a list if there are several or none, or they are offered
    a role for another."""
    events = await Event.filter(roles__staff_id=request.state.staff.id).order_by("day", "id")
    offers = await role_offers.to_staff(request.state.staff, clock.now())
    if len(events) == 1 and not offers:
        return redirect(f"/desk/{events[0].slug}/{home(await Role.get(staff=request.state.staff, event=events[0]))}")
    return render(request, "desk/events.html", events=events, offers=offers)


async def desk(request: Request) -> Response:
    return redirect(path_of(request, home(request.state.role)))


def home(role: Role) -> str:
    """The first page of this role."""
    return next(page for may, page in HOMES.items() if role.may(may))


def after_the_event(request: Request) -> dict[str, bool]:
    """What a list for deciding is shown with once the event is over: without its forms, which would all be refused."""
    return {"is_over": True, "may_change": False} if request.state.event.is_over(clock.now()) else {}


async def counts_live(request: Request) -> Response:
    """The counts, and for whoever runs the doors what these ask: in one stream, since a browser holds few at once."""
    state, since = request.state, moment(request.query_params.get("since"))
    watcher = Watcher(state.session.id, state.role.id)
    stream = changes(part(state.event), watcher)
    told = with_newer(stream, state.event.id, since) if since else stream
    if state.role.may(May.ORGANISE):
        told = together(told, door_line.as_doors(changes(door_line.part(state.event), watcher)))
    return event_stream(told)


async def with_newer(stream: AsyncGenerator[str, None], event_id: int, since: datetime) -> AsyncGenerator[str, None]:
    """Adds to each drawing of the counts how many requests are newer than the page that watches."""
    async for drawn in stream:
        yield drawn
        if drawn.startswith("data:"):
            yield f"data: {json.dumps({'new': await newer_requests(event_id, since)})}\n\n"


def part(event: Event) -> Part:
    """The counts, which are the same for everybody at this desk."""

    async def draw() -> str:
        facts = {"event": event, "counts": await counts(event.id)}
        return templates().get_template("desk/parts/counts.html").render(facts)

    return Part(("counts", event.id), f"event:{event.id}", draw, AT_MOST_EVERY, AT_LEAST_EVERY)


routes = [
    page("/desk", my_events, who=STAFF()),
    page("/desk/{event}", desk, who=STAFF()),
    page("/desk/{event}/live", counts_live, who=WATCHER),
]
