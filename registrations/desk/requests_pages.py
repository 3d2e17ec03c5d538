"""The queue: confirmed requests with all signals, decided one at a time or several at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.staff import May
from events.ground import clock
from events.web.routing import answers, page, read, redirect
from registrations.asking import held_back, inviting
from registrations.deciding import approvers, several_decisions, two_approvals, undone_decisions, vetting
from registrations.deciding.similar_requests import signals, to_review
from registrations.deciding.vetting import Decision, Result
from registrations.people import directory
from registrations.people.address_change import moving_of
from registrations.people.colleague import guests_who_named
from registrations.people.directory import Directory, Sort
from registrations.people.registration import TO_DECIDE, OrganisationKind, Registration, State

from . import decision_banner, hand_overs, people_list, person_history
from .decision_banner import Act, Banner
from .desk_forms import ApproveForm, DecisionForm
from .desk_pages import ORGANISER, VIEWER, after_the_event, banner_of, chosen, number, path_of, show
from .listing import act_forms, columns, saving
from .listing.alike import with_links
from .listing.saved_filter import Listed
from .on_the_day import presence
from .people_list import Wanted

SORTS = [
    (Sort.OLDEST, "Longest waiting"),
    (Sort.NEWEST, "Newest"),
    (Sort.ORGANISATION, "Organisation"),
    (Sort.NAME, "Surname"),
]


async def requests(request: Request) -> Response:
    state = request.state
    outcome = await decision_banner.of(state.event, state.staff, request.query_params, clock.real())
    return await _queue(request, form=DecisionForm(), outcome=outcome)


async def _queue(request: Request, status: int = 200, outcome: Banner | None = None, **facts: Any) -> Response:
    since, wanted, state = clock.now(), wanted_in(request), request.state
    found = await people_list.find(request.state.event.id, wanted)
    notes = await _notes_on(request, found.people)
    named = [handing.other.id for handing in notes["takes_over"].values()]
    shown = [*(person.id for person in found.people), *(outcome.ids if outcome else ()), *named]
    await _read(request, "requests", shown, people_list.filters_of(wanted, found))
    facts |= {"found": found, "wanted": wanted, "since": since.timestamp(), "outcome": outcome} | notes
    facts |= {"held_back": await held_back.held(request.state.event, clock.now(), clock.real())}
    facts |= {"too_few_approve": await approvers.too_few(request.state.event)}
    facts |= {"kinds": list(OrganisationKind), "sorts": SORTS, "ticked": _ticked(request, found.people, facts["form"])}
    facts |= {"kept": _kept(request), "narrowed": _kept(request, "kind", "sort", "columns")}
    facts |= {"by": {sort.value: _kept(request, "kind", "columns", sort=sort.value) for sort in Sort}}
    facts |= _columns(request, wanted) | {"acts": act_forms.DECISIONS["requests"]}
    if state.role.may(May.ORGANISE):
        facts["saved"] = await saving.seen_by(state.staff, state.event, Listed.REQUESTS)
    facts |= after_the_event(request)
    facts["said"] = banner_of(request, saving.SAID)
    return await show(request, "desk/requests.html", status, **facts)


def wanted_in(request: Request) -> Wanted:
    asked = request.query_params
    kind, sort = chosen(OrganisationKind, asked.get("kind")), chosen(Sort, asked.get("sort"))
    page = number(asked.get("page"))
    wanted = Wanted("", State.CONFIRMED, kind, sort or Sort.OLDEST, page, withdrawn_last=True, also=State.RECHECKING)
    return wanted._replace(columns=_columns_in(request))


def _columns_in(request: Request) -> str:
    """Each named for itself, as the form sends them, or together, as they are kept."""
    named = ",".join(request.query_params.getlist("columns")).split(",")
    return columns.in_query(named, columns.offered_in_queue(request.state.role)) if any(named) else ""


def _columns(request: Request, wanted: Wanted) -> dict[str, Any]:
    offered = columns.offered_in_queue(request.state.role)
    chosen_columns = columns.chosen(wanted.columns, offered)
    return {
        "offered": [(column, columns.WORDS[column]) for column in offered],
        "columns": chosen_columns,
        "shows": {column.value: True for column in chosen_columns},
    }


async def _notes_on(request: Request, people: Sequence[Registration]) -> dict[str, Any]:
    """What is shown beside each request: signals, a withdrawal, and whether it needs a look before an approval."""
    event, moving = request.state.event, await moving_of(people)
    told = await signals(event.id, people, moving)
    withdrawn = await person_history.withdrawals(people)
    return {
        "told": with_links(request.state.role, people, told),
        "withdrawn": withdrawn,
        "rechecked": await person_history.rechecks(people, moving),
        "of_two": await two_approvals.standing(event, people),
        "more_asked": await person_history.more_asked(people),
        "not_vetted": await presence.not_vetted(request.state.role, event),
        "invited": await inviting.partners_of(people),
        "named_by": await guests_who_named([person.id for person in people]),
        "takes_over": (taking := await hand_overs.taken_over(people)),
        "review": to_review(people, told) | taking.keys() | moving.keys(),
    }


async def _needs_look(request: Request, people: Sequence[Registration], everybody: Directory) -> bool:
    """Whether one of these is in `review` beside a request, without all else that is shown there."""
    moving = await moving_of(people)
    told = await signals(request.state.event.id, people, moving, everybody)
    return bool(to_review(people, told) or moving or await hand_overs.taken_over(people))


async def _read(request: Request, name: str, ids: Collection[int], filters: Mapping[str, str | int]) -> None:
    at, real = clock.now(), clock.real()
    await reading.listed(request.state.event, name, ids, by=request.state.staff, at=at, real=real, filters=filters)


def _ticked(request: Request, people: Collection[Registration], form: DecisionForm) -> set[int]:
    """The requests that were ticked when something was wrong; all of them if the organiser asked for that."""
    return {person.id for person in people} if "all" in request.query_params else set(form.person.data or ())


def _kept(request: Request, *names: str, **more: object) -> str:
    """The query string that keeps an organiser in the same part of the queue, by default on the same page too."""
    asked = {**request.query_params, "columns": _columns_in(request)}
    kept = {name: value for name in names or ("kind", "sort", "columns", "page") if (value := asked.get(name))}
    return f"?{urlencode(kept | more)}" if kept or more else ""


async def decide(request: Request) -> Response:
    """Decides one request at once, unless it needs a look. Of several it first shows who they are."""
    form = await read(request, DecisionForm)
    if form.errors:
        return await _queue(request, 422, form=form)
    decision, ids = Decision(form.decision.data), form.person.data
    found = await several_decisions.in_order(request.state.event, ids)
    people = [person for person in found if person.state in TO_DECIDE]
    told = await _notes_on(request, people)
    told["left_out"] = await _left_out(people, decision, len(ids))
    people = [person for person in people if person not in told["left_out"]]
    if len(ids) == 1 and not (decision is Decision.APPROVE and told["review"]):
        return await _decided(request, decision, form.person.shown, found)
    await _read(request, "several to decide", [person.id for person in found if person.state in TO_DECIDE], {})
    gone = len(ids) - len(people) - len(told["left_out"])
    facts = told | {"people": people, "decision": decision.value, "gone": gone}
    return await show(request, "desk/decide_several.html", kept=_kept(request), **facts)


async def _left_out(people: Sequence[Registration], decision: Decision, ticked: int) -> list[Registration]:
    """Whom a decision on many leaves to the page of the person; one alone too, where that page says whose place it
    is."""
    alone = await several_decisions.decided_alone(people)
    if ticked == 1:
        alone = {id_: why for id_, why in alone.items() if why is Result.TAKES_OVER and decision is Decision.APPROVE}
    return [person for person in people if person.id in alone]


async def decide_several(request: Request) -> Response:
    form = await read(request, DecisionForm)
    if form.errors:
        return await _queue(request, 422, form=form)
    found = await several_decisions.in_order(request.state.event, form.person.data)
    return await _decided(request, Decision(form.decision.data), form.person.shown, found)


async def approve(request: Request) -> Response:
    """The button beside a request, for the most frequent decision. A request that needs a look shows it first."""
    form = await read(request, ApproveForm)
    people = await several_decisions.in_order(request.state.event, form.person.data[:1])
    everybody = await directory.of(request.state.event.id)
    if await _needs_look(request, people, everybody):
        return redirect(path_of(request, "people", people[0].id))
    shown = {id_: form.person.shown[id_] for id_ in form.person.data[:1]}
    return await _decided(request, Decision.APPROVE, shown, people, everybody)


async def _decided(
    request: Request,
    decision: Decision,
    shown: Mapping[int, str],
    people: Sequence[Registration],
    everybody: Directory | None = None,
) -> Response:
    """`shown`: the marks that these had on the page, by their ids; `people`: those who are requests of the event;
    `everybody`: the event's people, if they were read already."""
    below = await _row_below(wanted_in(request), shown, everybody or await directory.of(request.state.event.id))
    at, by = clock.now(), request.state.staff
    due = vetting.email_due(at, clock.real(), undoable=True)
    results = await several_decisions.decide_shown(people, shown, decision, by, at, due)
    return _queue_again(request, decision, results, below)


async def _row_below(wanted: Wanted, ids: Collection[int], everybody: Directory) -> str:
    """The row where the page goes on, so that nobody scrolls back to where they were."""
    order = await people_list.ids_on_page(everybody, wanted)
    last = max((order.index(id_) for id_ in ids if id_ in order), default=-1)
    left = [id_ for id_ in order[last + 1 :] or reversed(order[:last]) if id_ not in ids] if last > 0 else []
    return f"#request-{left[0]}" if left else ""


async def undo(request: Request) -> Response:
    """Undoes what the banner tells of, one after the other, and nothing that somebody else has decided since."""
    ids = (await read(request, ApproveForm)).person.data
    seen = chosen(State, str((await answers(request)).get("seen", "")))
    undone = [
        person.id
        for person in await several_decisions.in_order(request.state.event, ids)
        if seen in (None, person.state) and await undone_decisions.undo(person, request.state.staff, clock.now())
    ]
    results = {id_: Result.DONE if id_ in undone else Result.DECIDED for id_ in ids}
    return _queue_again(request, Act.UNDO, results, "".join(f"#request-{id_}" for id_ in undone[:1]))


def _queue_again(request: Request, act: Decision | Act, results: Mapping[int, Result], below: str) -> Response:
    said = decision_banner.in_query(act, results, request.state.event, request.state.staff)
    return redirect(path_of(request, "requests") + _kept(request, **said) + below)


routes = [
    page("/desk/{event}/requests", requests, who=VIEWER),
    page("/desk/{event}/requests", decide, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/requests/several", decide_several, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/requests/approve", approve, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/requests/undo", undo, who=ORGANISER, methods=["POST"]),
]
