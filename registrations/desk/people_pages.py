"""Everyone who asked for a place. Searching puts no name into the address of a page."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.staff import Detail
from events.ground import clock
from events.web.forms import clean
from events.web.routing import answers, page, redirect
from events.web.sealed_query import opened, sealed
from registrations.people.directory import Sort
from registrations.people.registration import OrganisationKind, State

from . import people_list
from .desk_pages import VIEWER, chosen, number, path_of, show
from .people_list import LONGEST_TEXT, Wanted

SEARCH = "desk search"  # what a searched text is sealed for
SORTS = [
    (Sort.NAME, "Name"),
    (Sort.ORGANISATION, "Organisation"),
    (Sort.NEWEST, "Newest"),
    (Sort.OLDEST, "Oldest"),
]


async def people(request: Request) -> Response:
    asked = request.query_params
    state, kind = chosen(State, asked.get("state")), chosen(OrganisationKind, asked.get("kind"))
    sort = chosen(Sort, asked.get("sort")) or Sort.NAME
    text = opened(SEARCH, asked.get("find", ""), request.state.event.id)
    by_email = request.state.role.sees(Detail.EMAIL)
    wanted = Wanted(text, state, kind, sort, number(asked.get("page")), by_email)
    found = await people_list.search(request.state.event, wanted, request.state.staff, clock.now(), clock.real())
    facts: dict[str, Any] = {
        "found": found,
        "wanted": wanted,
        "states": list(State),
        "kinds": list(OrganisationKind),
        "sorts": SORTS,
    }
    return await show(request, "desk/people.html", kept=_kept(asked), **facts)


async def search(request: Request) -> Response:
    """Puts the filter into the query string, with the text sealed, so that its page can be reloaded and kept."""
    posted = {name: str(value) for name, value in (await answers(request)).items()}
    text = clean(posted.get("text"))[:LONGEST_TEXT]
    posted["find"] = sealed(SEARCH, text, request.state.event.id) if text else ""
    return redirect(path_of(request, "people") + _kept(posted))


def _kept(asked: Mapping[str, str]) -> str:
    kept = {name: value for name in ("find", "state", "kind", "sort") if (value := asked.get(name))}
    return f"?{urlencode(kept)}" if kept else ""


routes = [
    page("/desk/{event}/people", people, who=VIEWER),
    page("/desk/{event}/people/search", search, who=VIEWER, methods=["POST"]),
]
