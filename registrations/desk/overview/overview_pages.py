"""The first page of the desk of an event."""

from datetime import datetime
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.staff import May
from events.event import Event
from events.ground import clock
from events.web.rendering import BANNER, render
from events.web.routing import page
from registrations.asking import held_back
from registrations.checkin import whereabouts
from registrations.desk import desk_counts, undelivered
from registrations.desk.desk_pages import VIEWER
from registrations.desk.on_the_day import arrivals_chart
from registrations.people import directory

from . import charts, set_up, standing, to_do


async def overview(request: Request) -> Response:
    """Numbers alone, so it is no reading about people."""
    state, at, real = request.state, clock.now(), clock.real()
    event = state.event
    counts, due = await desk_counts.counts(event.id), await to_do.due(event, at)
    roles = await set_up.given_roles(event)
    held = await held_back.held(event, at, real)
    facts: dict[str, Any] = {
        "to_do": await to_do.items(event, state.staff, state.role, roles, counts, due, at),
        "steps": await set_up.steps(event, roles, due.doors, at),
        "held_back": held,
        "turned_away": await standing.turned_away(real),
        "is_over": event.is_over(at),
        "guide": await _guide(request),
    }
    shown = {"counts": counts, "may_change": state.role.may(May.ORGANISE)}  # as `show` does, but counted once
    figures = await _figures(event, at)
    if figures["emails"].queued:
        facts["why"] = await undelivered.why_they_wait(event.id, held.emails, real)
    return render(request, "desk/overview/overview.html", **shown, **facts, **figures)


async def _guide(request: Request) -> Markup:
    """What a rehearsal shows above the rest; nothing in the live product."""
    banner = BANNER.facts() if BANNER.facts else {}
    return await banner["guide"](request) if "guide" in banner else Markup()


async def _figures(event: Event, at: datetime) -> dict[str, Any]:
    waits, people = await standing.waits(event), await directory.of(event.id)
    return {
        "days": charts.a_day(standing.asked(people), min(clock.local(at).date(), event.day)),
        "kinds": standing.kinds(people),
        "waits": waits,
        "waited": standing.span_words(at - waits.since) if waits.since else "",
        "emails": await standing.emails(event),
        "arrivals": await arrivals_chart.chart(event, at),
        "arrived": await _arrived(event, at),
        "share": charts.share,
        "span_words": standing.span_words,
    }


async def _arrived(event: Event, at: datetime) -> int | None:
    """How many have come, each of them once. None before the doors open, and once the scans are deleted."""
    if not await whereabouts.are_known(event, at):
        return None
    return (await whereabouts.of(event)).came


routes = [page("/desk/{event}/overview", overview, who=VIEWER)]
