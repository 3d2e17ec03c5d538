"""Saved filters of the people list and of the queue: the form that saves one, and those that there are."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock, wording
from events.web.forms import Choice, Form, Text
from events.web.routing import answers, page, redirect
from registrations.checkin.whereabouts import Presence
from registrations.codes.badge_type import BadgeType
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show
from registrations.people.directory import Sort
from registrations.people.registration import OrganisationKind, State
from registrations.workshops import roster

from . import columns, saving
from .filter_words import in_words
from .saved_filter import LONGEST_NAME, Listed, as_query
from .saving import NameTaken

SAID = {"removed": "The filter is removed."}


class FilterForm(Form):
    name = Text(
        "Name of the filter",
        missing="Enter a name for the filter",
        longest=LONGEST_NAME,
        hint="For example: Police, to decide. Use nobody's name: this one is not encrypted",
    )
    shared = Choice(
        "Who has it?",
        [("all", "All who organise this event"), ("own", "Only you")],
        missing="Select who has the filter",
    )


def kept(query: str, of: Listed) -> dict[str, str]:
    """What a filter may keep of a page's query string: values of closed lists, and nothing that was typed."""
    asked = dict(parse_qsl(query))
    closed: dict[str, Any] = {
        "state": State,
        "kind": OrganisationKind,
        "type": BadgeType,
        "there": Presence,
        "sort": Sort,
    }
    allowed = closed if of is Listed.PEOPLE else {name: closed[name] for name in ("kind", "sort")}
    found = {name: asked[name] for name, among in allowed.items() if asked.get(name) in set(among)}
    if of is Listed.PEOPLE and (group := roster.group_of(asked.get("workshop", ""))):
        found["workshop"] = group.code
    named = set(asked.get("columns", "").split(","))
    among = columns.Column if of is Listed.PEOPLE else columns.IN_QUEUE
    chosen = [column.value for column in columns.Column if column in named and column in among]
    return found | ({"columns": ",".join(chosen)} if chosen else {})


def _list_of(request: Request) -> Listed:
    """As it stands behind the event's short name, which may be one of these words too."""
    return Listed(request.scope["path"].split("/")[3])


async def saved(request: Request) -> Response:
    if request.method == "GET":
        return await _shown(request, FilterForm())
    form = FilterForm(await answers(request))
    form.validate()
    if form.errors:
        return await _shown(request, form, 422)
    state, of = request.state, _list_of(request)
    query = as_query(kept(request.url.query, of))
    shared = form.shared.data == "all"
    try:
        await saving.keep(state.event, of, form.name.data or "", query, state.staff, clock.now(), shared=shared)
    except NameTaken as taken:
        form.name.errors = [taken.sentence]
        return await _shown(request, form, 422)
    return redirect(f"{path_of(request, of.value)}?{'&'.join(filter(None, [query, 'said=filter-saved']))}")


async def _shown(request: Request, form: Form, status: int = 200) -> Response:
    state, of = request.state, _list_of(request)
    filter_ = kept(request.url.query, of)
    found = await saving.seen_by(state.staff, state.event, of)
    facts: dict[str, Any] = {
        "form": form,
        "of": of.value,
        "query": as_query(filter_),
        "in_words": in_words(filter_, wording.STATES),
        "found": [(row, in_words(kept(row.query, of), wording.STATES)) for row in found],
        "said": banner_of(request, SAID),
    }
    return await show(request, "desk/listing/saved.html", status, **facts)


async def remove(request: Request) -> Response:
    state = request.state
    await saving.remove(state.event, request.path_params["id"], state.staff, clock.now())
    return redirect(f"{path_of(request, _list_of(request).value, 'filters')}?said=removed")


HERE = "/desk/{event}/"
routes = [
    *(page(f"{HERE}{of}/filters", saved, who=ORGANISER, methods=["GET", "POST"]) for of in Listed),
    *(page(f"{HERE}{of}/filters/{{id:int}}/remove", remove, who=ORGANISER, methods=["POST"]) for of in Listed),
]
