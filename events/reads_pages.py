"""Who looked at people of an event, for its leads: how much each member of staff read, and what was unusual."""

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.guards import STAFF
from events.accounts.staff import May
from events.audit import reads
from events.audit.reads import Reader, Usual
from events.web.forms import whole_number
from events.web.rendering import render
from events.web.routing import page

from .audit_pages import people_of
from .event import Event
from .ground import clock

TIMES = {1: "24 hours", 7: "7 days", 30: "30 days"}
USUAL_DAYS = 7
USUAL = Usual(reading.PAGES, reading.PEOPLE, reading.is_night)


async def who_looked(request: Request) -> Response:
    """Shows no person's name: people are counted by their ids. Looking at it is itself recorded."""
    event: Event = request.state.event
    at, days = clock.now(), whole_number(request.query_params.get("days", ""))
    days = days if days in TIMES else USUAL_DAYS
    found = await reads.of_event(event.id, at - timedelta(days=days))
    await reading.looked_at_reads(event, len(found.readers), days=days, by=request.state.staff, at=at)
    names = await people_of(event)
    facts: dict[str, Any] = {"times": TIMES, "days": days, "usual": USUAL, "cut_at": found.cut_at}
    facts |= {"night": (reading.NIGHT_FROM, reading.NIGHT_UNTIL), "a_page": reading.LINES_A_PAGE}
    return render(request, "events/reads.html", **facts, rows=[_shown(reader, names) for reader in found.readers])


def _shown(reader: Reader, names: dict[str, str]) -> dict[str, Any]:
    counts = {"lists": reader.lists, "searches": reader.searches, "others": reader.others, "people": len(reader.people)}
    counts |= {"files": reader.files, "lines": reader.lines}
    name = names.get(reader.actor) or reader.actor.replace(":", " ").capitalize()
    last: datetime = max(reader.read_at + reader.alerted_at)
    return {**counts, "actor": reader.actor, "name": name, "last": last, "unusual": reader.unusual(USUAL)}


routes = [page("/desk/{event}/reads", who_looked, who=STAFF(May.LEAD))]
