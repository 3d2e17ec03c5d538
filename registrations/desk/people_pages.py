"""Everyone who asked for a place. Searching puts no name into the address of a page."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.staff import Detail, May
from events.ground import clock
from events.programme.programme import Line as ProgrammeLine
from events.web.forms import clean
from events.web.routing import answers, page, redirect
from events.web.sealed_query import opened, sealed
from registrations.checkin.whereabouts import Presence
from registrations.codes.badge_type import BadgeType
from registrations.exports.columns import may_take
from registrations.exports.export import ExportKind
from registrations.people.directory import Sort
from registrations.people.registration import KNOWS_OF_A_PLACE, OrganisationKind, State
from registrations.workshops import roster

from . import people_list
from .desk_pages import VIEWER, chosen, number, path_of, show
from .listing import act_forms, audience, columns, deciding, saving
from .listing.columns import Column
from .listing.saved_filter import Listed
from .on_the_day import presence
from .people_list import LONGEST_TEXT, ORGANISATION, SEARCH, Line, Wanted

SORTS = [
    (Sort.NAME, "Surname"),
    (Sort.ORGANISATION, "Organisation"),
    (Sort.NEWEST, "Newest"),
    (Sort.OLDEST, "Oldest"),
]


async def people(request: Request) -> Response:
    asked, state, at, real = request.query_params, request.state, clock.now(), clock.real()
    shown = await presence.shown_to(state.role, state.event, at)
    wanted = wanted_in(request, shown)
    found = await people_list.search(state.event, wanted, state.staff, at, real)
    lines = await roster.given_out(state.event)
    offered = columns.offered(state.role, presence=shown is not None, workshops=bool(lines))
    organises, ids = state.role.may(May.ORGANISE), [person.id for person in found.people]
    is_over = state.event.is_over(at)
    decides = await deciding.of_list(state.event, wanted.state, ids) if organises and not is_over else None
    facts: dict[str, Any] = {
        "found": found,
        "decides": decides,
        "choices": act_forms.DECISIONS[decides.path] if decides else [],
        "ticked": set(ids) if "all" in asked else act_forms.ticked_in(asked.getlist("person")) or set(),
        "offered": [(column, columns.WORDS[column]) for column in offered],
        "columns": (columns_shown := columns.chosen(wanted.columns, offered)),
        "shows": {column.value: True for column in columns_shown},
        "titles": columns.WORDS,
        "saved": await saving.seen_by(state.staff, state.event, Listed.PEOPLE) if organises else [],
        "said": saving.SAID.get(asked.get("said", ""), ""),
        "writes": _writes(wanted) if organises else None,
        "acts": act_forms.of_people(wanted, is_over=is_over) if organises else [],
        "decide": State.CONFIRMED.value if not (wanted.state or is_over) else "",
        "exports": may_take(state.role, ExportKind.PEOPLE),
        "hidden": _kept_of({**asked, "columns": ",".join(columns_shown)}),
        "is_over": is_over,
        "by": {sort.value: _kept({**asked, "sort": sort.value}) for sort in Sort},
        "wanted": wanted,
        "states": list(State),
        "kinds": list(OrganisationKind),
        "badge_types": list(BadgeType),
        "sorts": SORTS,
        "presence": await presence.of_people(shown, ids),
        "groups": roster.groups_of(lines),
        "workshops": await _workshops(found.people, lines) if Column.WORKSHOPS in columns_shown else {},
        "of": asked.get("of") if wanted.organisation else "",
        "not_vetted": await presence.not_vetted(state.role, state.event),
    }
    return await show(request, "desk/people.html", kept=_kept(asked), **facts)


async def _workshops(people: Sequence[Line], lines: Sequence[ProgrammeLine]) -> Mapping[int, Sequence[str]]:
    """Of those of these people who have a place."""
    ids = [person.id for person in people if person.state in KNOWS_OF_A_PLACE]
    taken = await roster.workshops_of(ids)
    return {id_: roster.places_in_words(lines, taken.get(id_, ())) for id_ in ids}


def _writes(wanted: Wanted) -> tuple[str, str] | None:
    """Words and path of the form that writes to whom this filter shows; None where an audience cannot say who."""
    to = audience.audience_of(wanted.state, wanted.presence, wanted.workshop)
    if to is None or wanted.text or wanted.organisation or wanted.badge_type:
        return None
    return audience.words(to, wanted.kind, wanted.workshop), audience.path(to, wanted.kind, wanted.workshop)


def wanted_in(request: Request, shown: presence.Shown | None) -> Wanted:
    asked, event, role = request.query_params, request.state.event, request.state.role
    offered = columns.offered(role, presence=shown is not None, workshops=True)
    named = columns.in_query(asked.get("columns", "").split(","), offered) if asked.get("columns") else ""
    return Wanted(
        text=opened(SEARCH, asked.get("find", ""), event.id),
        state=chosen(State, asked.get("state")),
        kind=chosen(OrganisationKind, asked.get("kind")),
        sort=chosen(Sort, asked.get("sort")) or Sort.NAME,
        page=number(asked.get("page")),
        by_email=role.sees(Detail.EMAIL),
        by_phone=role.sees(Detail.TELEPHONE),
        presence=chosen(Presence, asked.get("there")) if shown else None,
        organisation=opened(ORGANISATION, asked.get("of", ""), event.id),
        columns=named,
        badge_type=chosen(BadgeType, asked.get("type")),
        workshop=roster.group_of(asked.get("workshop", "")),
    )


async def search(request: Request) -> Response:
    """Puts the filter into the query string, with the text sealed, so that its page can be reloaded and kept."""
    fields = await answers(request)
    posted = {name: str(value) for name, value in fields.items()}
    shown = await presence.shown_to(request.state.role, request.state.event, clock.now())
    offered = columns.offered(request.state.role, presence=shown is not None, workshops=True)
    posted["columns"] = columns.in_query(map(str, fields.getlist("columns")), offered) if "columns" in posted else ""
    text = clean(posted.get("text"))[:LONGEST_TEXT]
    posted["find"] = sealed(SEARCH, text, request.state.event.id) if text else ""
    return redirect(path_of(request, "people") + _kept(posted))


def _kept(asked: Mapping[str, str]) -> str:
    kept = _kept_of(asked)
    return f"?{urlencode(kept)}" if kept else ""


def _kept_of(asked: Mapping[str, str]) -> dict[str, str]:
    """What of an address says which list it is."""
    names = ("find", "of", "state", "kind", "type", "there", "workshop", "sort", "columns")
    return {name: value for name in names if (value := asked.get(name))}


routes = [
    page("/desk/{event}/people", people, who=VIEWER),
    page("/desk/{event}/people/search", search, who=VIEWER, methods=["POST"]),
]
