"""The queue: confirmed requests with what there is to know of each, decided one by one and several at once."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.ground import clock, wording
from events.web.routing import page, read, redirect
from registrations.asking import held_back
from registrations.deciding import vetting
from registrations.deciding.similar_requests import signals
from registrations.deciding.vetting import Decision, Outcome
from registrations.people.registration import OrganisationKind, Registration, State

from . import people_list
from .desk_forms import ApproveForm, DecisionForm
from .desk_pages import ORGANISER, VIEWER, chosen, number, path_of, show
from .people_list import Sort, Wanted

SORTS = [
    (Sort.OLDEST, "Longest waiting"),
    (Sort.NEWEST, "Newest"),
    (Sort.ORGANISATION, "Organisation"),
    (Sort.NAME, "Name"),
]


async def requests(request: Request) -> Response:
    said = request.query_params
    return await _queue(
        request, form=DecisionForm(), outcome=outcome_in_words(said), decided_on=number(said.get("person"))
    )


async def _queue(request: Request, status: int = 200, **facts: Any) -> Response:
    asked = request.query_params
    kind, sort = chosen(OrganisationKind, asked.get("kind")), chosen(Sort, asked.get("sort"))
    wanted = Wanted("", State.CONFIRMED, kind, sort or Sort.OLDEST, number(asked.get("page")))
    found = await people_list.find(request.state.event.id, wanted)
    await _read(request, "requests", found.people, people_list.filters_of(wanted, found))
    facts |= {"found": found, "wanted": wanted, "told": await signals(request.state.event.id, found.people)}
    facts |= {"held_back_since": await held_back.since(request.state.event, clock.now())}
    facts |= {"kinds": list(OrganisationKind), "sorts": SORTS, "ticked": _ticked(request, found.people, facts["form"])}
    return await show(request, "desk/requests.html", status, kept=_kept(request), **facts)


async def _read(
    request: Request, name: str, people: Collection[Registration], filters: Mapping[str, str | int]
) -> None:
    at, real, ids = clock.now(), clock.real(), [person.id for person in people]
    await reading.listed(request.state.event, name, ids, by=request.state.staff, at=at, real=real, filters=filters)


def _ticked(request: Request, people: Collection[Registration], form: DecisionForm) -> set[int]:
    """Those that were ticked when something was wrong; all of them, where the organiser has asked for that."""
    return {one.id for one in people} if "all" in request.query_params else set(form.person.data or ())


def _kept(request: Request, **more: object) -> str:
    """The query string that keeps an organiser in the same part of the queue."""
    kept = {name: value for name in ("kind", "sort") if (value := request.query_params.get(name))}
    return f"?{urlencode(kept | more)}" if kept or more else ""


async def decide(request: Request) -> Response:
    """One at once; of several, who they are is shown first."""
    form = await read(request, DecisionForm)
    if form.errors:
        return await _queue(request, 422, form=form)
    if len(form.person.data) == 1:
        return await _decided(request, Decision(form.decision.data), form.person.data)
    people = await Registration.filter(event_id=request.state.event.id, id__in=form.person.data).order_by("search")
    await _read(request, "several to decide", people, {})
    facts = {"people": people, "decision": form.decision.data, "kept": _kept(request)}
    return await show(request, "desk/decide_several.html", **facts)


async def decide_several(request: Request) -> Response:
    form = await read(request, DecisionForm)
    if form.errors:
        return await _queue(request, 422, form=form)
    return await _decided(request, Decision(form.decision.data), form.person.data)


async def approve(request: Request) -> Response:
    """The button beside a request, for what is decided most."""
    form = await read(request, ApproveForm)
    return await _decided(request, Decision.APPROVE, form.person.data)


async def _decided(request: Request, decision: Decision, ids: Collection[int]) -> Response:
    outcome = await vetting.decide_several(request.state.event, ids, decision, request.state.staff, clock.now())
    said: dict[str, object] = {"said": decision.value, **outcome._asdict()}
    if len(ids) == 1:
        said["person"] = next(iter(ids))
    return redirect(path_of(request, "requests") + _kept(request, **said))


def outcome_in_words(said: Mapping[str, str]) -> str:
    """12 approved; 2 had been decided by someone else; 1 had no place left. Nothing, where nothing was decided."""
    decision = chosen(Decision, said.get("said"))
    if decision is None:
        return ""
    outcome = Outcome(*(number(said.get(name)) for name in Outcome._fields))
    words = (
        (outcome.done, wording.DECIDED[decision]),
        (outcome.decided, "had been decided by someone else"),
        (outcome.full, "had no place left"),
    )
    return "; ".join(f"{count} {what}" for count, what in words if count) or "Nothing was decided"


routes = [
    page("/desk/{event}/requests", requests, who=VIEWER),
    page("/desk/{event}/requests", decide, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/requests/several", decide_several, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/requests/approve", approve, who=ORGANISER, methods=["POST"]),
]
