"""Did they all arrive? By organisation: how many are in, not here yet, or have left."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.web.forms import clean
from events.web.routing import answers, page, redirect
from events.web.sealed_query import opened, sealed
from registrations.checkin import whereabouts
from registrations.checkin.whereabouts import OfOrganisation, Presence
from registrations.desk import people_list
from registrations.desk.desk_pages import ORGANISER, number, path_of, show
from registrations.desk.people_list import A_PAGE, LONGEST_TEXT, ORGANISATION, SEARCH, Found
from registrations.people.person import fold

from . import presence


class Team(NamedTuple):
    """Everybody of one organisation, called as one of them wrote it."""

    name: str
    mark: str  # the same, sealed for a query string
    people: Mapping[Presence, int]


async def teams(request: Request) -> Response:
    state, at, find = request.state, clock.now(), request.query_params.get("find", "")
    shown, text = await presence.shown_to(state.role, state.event, at), opened(SEARCH, find, state.event.id)
    facts: dict[str, Any] = {"shown": shown, "text": text, "kept": f"?{urlencode({'find': find})}" if text else ""}
    if shown:
        facts["found"] = await _found(state.event, text, number(request.query_params.get("page")), state.staff, at)
    return await show(request, "desk/on_the_day/teams.html", **facts)


async def search(request: Request) -> Response:
    """Puts the text into the query string, sealed."""
    text = clean(str((await answers(request)).get("text", "")))[:LONGEST_TEXT]
    kept = f"?{urlencode({'find': sealed(SEARCH, text, request.state.event.id)})}" if text else ""
    return redirect(path_of(request, "people", "arrivals") + kept)


async def _found(event: Event, text: str, wanted: int, by: Staff, at: datetime) -> Found[Team]:
    """Recorded like a list of people: that it was read, and how long the searched text was."""
    words = fold(text).split()
    everybody = whereabouts.by_organisation(await whereabouts.everybody(event))
    wording = [team for team in everybody if all(word in team.name for word in words)]
    page_number = min(max(1, wanted), max(1, -(-len(wording) // A_PAGE)))
    on_page = wording[(page_number - 1) * A_PAGE : page_number * A_PAGE]
    filters = {"letters": len(text), "results": len(wording), "page": page_number}
    await reading.listed(event, "arrivals by organisation", [], by=by, at=at, real=clock.real(), filters=filters)
    return Found(await _named(event, on_page), len(wording), page_number)


async def _named(event: Event, teams_there: list[OfOrganisation]) -> list[Team]:
    lines = await people_list.lines(event.id, [team.someone for team in teams_there]) if teams_there else []
    names = {line.id: line.organisation for line in lines}
    return [
        Team(name, sealed(ORGANISATION, name, event.id), team.people)
        for team in teams_there
        if (name := names.get(team.someone, ""))
    ]


routes = [
    page("/desk/{event}/people/arrivals", teams, who=ORGANISER),
    page("/desk/{event}/people/arrivals/search", search, who=ORGANISER, methods=["POST"]),
]
